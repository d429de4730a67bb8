// One row of a trace as text: what the CSV and the JSONL reader hand to the checks that both share.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "sim/workload/line_reader.hpp"
#include "sim/workload/request.hpp"
#include "sim/workload/trace_format.hpp"

namespace mtok::workload {

/// The text of one value and the column, from 1, where it starts.
struct Cell {
  std::string_view text{};
  std::size_t column = 1;
  bool padded = false;  ///< kPadding bytes can be read behind the text
};

/// The values of one row that a format names; null: absent. They lie with the rows, until the next one is
/// read.
struct TraceRow {
  const Cell* arrival = nullptr;
  const Cell* input = nullptr;
  const Cell* output = nullptr;
  const Cell* total = nullptr;
  const Cell* hash_ids = nullptr;  ///< its ids are already in the request
};

class TraceRows {
 public:
  virtual ~TraceRows() = default;
  [[nodiscard]] virtual const FormatColumns& format() const = 0;
  /// The rows carry hash ids.
  [[nodiscard]] virtual bool has_hash_ids() const = 0;
  /// The place of hash_ids in the first line, for errors about the options.
  [[nodiscard]] virtual Cell hash_ids_name() const = 0;
  /// The next row: its texts in `row`, valid until the next call; hash ids, tenant and model in `request`.
  [[nodiscard]] virtual bool next(TraceRow& row, Request& request) = 0;
};

/// Both start at the current line of `lines`, which must outlive them; both throw config::Error when its
/// names are not those of a format, or not those of the format asked for.
[[nodiscard]] std::unique_ptr<TraceRows> open_csv_rows(LineReader& lines,
                                                       const std::optional<TraceFormat>& asked);
[[nodiscard]] std::unique_ptr<TraceRows> open_jsonl_rows(LineReader& lines,
                                                         const std::optional<TraceFormat>& asked);

}  // namespace mtok::workload
