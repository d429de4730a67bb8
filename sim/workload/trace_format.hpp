// The table of trace formats: which columns each one has, and what its clock counts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/workload/trace.hpp"

namespace mtok::workload {

enum class Clock { iso, seconds, milliseconds, nanoseconds };

/// The columns (CSV) or fields (JSONL) of one format. Empty: the format has none such.
struct FormatColumns {
  TraceFormat format{};
  std::string_view name{};
  bool json = false;
  Clock clock{};
  std::string_view arrival{};  ///< required, as are input and output
  std::string_view input{};
  std::string_view output{};
  std::string_view marker{};  ///< required too: what tells this format from the next one in the table
  std::string_view total{};   ///< where present it must be input + output
  std::string_view tenant{};
  std::string_view model{};
  std::string_view hash_ids{};       ///< required in JSONL, optional in CSV
  std::int64_t hash_block_size = 0;  ///< tokens of one hash id unless the options say otherwise
  bool closed = false;               ///< our own format: a column that is not named here is an error
};

/// A format is told by the first row of the table whose required columns are all there.
inline constexpr std::array<FormatColumns, 7> kTraceFormats{{{.format = TraceFormat::mtok,
                                                              .name = "mtok",
                                                              .clock = Clock::seconds,
                                                              .arrival = "arrival_s",
                                                              .input = "input_tokens",
                                                              .output = "output_tokens",
                                                              .tenant = "tenant",
                                                              .model = "model",
                                                              .hash_ids = "hash_ids",
                                                              .closed = true},
                                                             {.format = TraceFormat::azure,
                                                              .name = "azure",
                                                              .clock = Clock::iso,
                                                              .arrival = "TIMESTAMP",
                                                              .input = "ContextTokens",
                                                              .output = "GeneratedTokens"},
                                                             {.format = TraceFormat::burstgpt,
                                                              .name = "burstgpt",
                                                              .clock = Clock::seconds,
                                                              .arrival = "Timestamp",
                                                              .input = "Request tokens",
                                                              .output = "Response tokens",
                                                              .marker = "Total tokens",
                                                              .total = "Total tokens",
                                                              .model = "Model"},
                                                             {.format = TraceFormat::vidur,
                                                              .name = "vidur",
                                                              .clock = Clock::seconds,
                                                              .arrival = "arrived_at",
                                                              .input = "num_prefill_tokens",
                                                              .output = "num_decode_tokens",
                                                              .total = "num_total_tokens"},
                                                             {.format = TraceFormat::qwen,
                                                              .name = "qwen",
                                                              .json = true,
                                                              .clock = Clock::seconds,
                                                              .arrival = "timestamp",
                                                              .input = "input_length",
                                                              .output = "output_length",
                                                              .marker = "chat_id",
                                                              .hash_ids = "hash_ids",
                                                              .hash_block_size = 16},
                                                             {.format = TraceFormat::mooncake,
                                                              .name = "mooncake",
                                                              .json = true,
                                                              .clock = Clock::milliseconds,
                                                              .arrival = "timestamp",
                                                              .input = "input_length",
                                                              .output = "output_length",
                                                              .hash_ids = "hash_ids",
                                                              .hash_block_size = 512},
                                                             {.format = TraceFormat::llmservingsim,
                                                              .name = "llmservingsim",
                                                              .json = true,
                                                              .clock = Clock::nanoseconds,
                                                              .arrival = "arrival_time_ns",
                                                              .input = "input_toks",
                                                              .output = "output_toks"}}};

[[nodiscard]] const FormatColumns& columns_of(TraceFormat format);
/// Those of its required columns that `names` lacks, with commas; empty when all are there.
[[nodiscard]] std::string missing_columns(const FormatColumns& format,
                                          std::span<const std::string_view> names);
/// Its required columns with commas, as messages show them.
[[nodiscard]] std::string required_columns(const FormatColumns& format);
/// What is wrong and a hint when `names` do not fit; `message` empty when `format` is the one that they tell.
struct Mismatch {
  std::string message{};
  std::string hint{};
};
/// The format that `names` tell, checked against the one asked for. nullptr with the reason in `mismatch`
/// otherwise.
[[nodiscard]] const FormatColumns* detect_format(bool json, std::span<const std::string_view> names,
                                                 const std::optional<TraceFormat>& asked, Mismatch& mismatch);

}  // namespace mtok::workload
