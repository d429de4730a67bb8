// Opens a trace file of any known format as a stream of requests.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "sim/workload/request.hpp"

namespace mtok::workload {

enum class TraceFormat { mtok, azure, burstgpt, vidur, mooncake, qwen, llmservingsim };
[[nodiscard]] std::string_view name_of(TraceFormat format);

struct TraceOptions {
  std::optional<TraceFormat>
      format{};  ///< absent: by the header line or the fields of the first line, never guessed
  std::int64_t hash_block_size =
      0;                   ///< 0: 512 for mooncake, 16 for qwen; required for mtok traces with hash_ids
  std::int64_t limit = 0;  ///< first N requests; 0: all
  double rate_scale = 1;   ///< 2: arrivals twice as fast
};

/// Streams `path` (.csv, .jsonl, each also .gz and .zst). Throws config::Error with file:line:column for
/// anything that is not as the format says: a wrong header, a short row, a bad number, a date that does not
/// exist, a line over 1 MiB, a decompression bomb, a truncated archive, a Git LFS pointer, arrivals that go
/// back in time.
[[nodiscard]] std::unique_ptr<RequestSource> open_trace(const std::filesystem::path& path,
                                                        const TraceOptions& options);

/// What a trace holds, from one pass over it. Keeps the distinct hash ids in memory.
struct TraceSummary {
  TraceFormat format{};
  std::int64_t requests = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t last_arrival_ns = 0;
  std::int64_t longest_request = 0;        ///< largest input + output
  std::int64_t hash_blocks = 0;            ///< hash ids of all rows
  std::int64_t unbounded_prefix_hits = 0;  ///< hash ids in the leading run that an earlier row has shown
  Skipped skipped{};
};
[[nodiscard]] TraceSummary summarize(const std::filesystem::path& path, const TraceOptions& options);

}  // namespace mtok::workload
