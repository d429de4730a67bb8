// Streams a CSV file of measurements row by row, by the names of its columns.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/reader.hpp"

namespace mtok::validation {

/// A CSV file with a header (RFC 4180: quoted cells, doubled quotes, no line breaks inside cells). Keeps one
/// line in memory.
class Table {
 public:
  /// Opens the file and reads its header. Throws config::Error when it cannot be read or misses one of
  /// `columns`.
  Table(const std::filesystem::path& file, const std::vector<std::string>& columns);

  /// Moves to the next row, blank lines skipped. False at the end. Throws config::Error on a row of another
  /// width.
  [[nodiscard]] bool next();
  [[nodiscard]] bool has_column(std::string_view column) const;
  /// The cell of this row; empty when the file has no such column.
  [[nodiscard]] const std::string& cell(std::string_view column) const;
  /// A number; `fallback` when the cell is empty. Throws config::Error when it is neither, or out of range.
  [[nodiscard]] double number(std::string_view column, double fallback, config::Range range = {}) const;
  [[nodiscard]] std::int64_t integer(std::string_view column, std::int64_t fallback,
                                     config::IntRange range = {}) const;
  /// An error at the cell of this row. Requires has_column.
  [[noreturn]] void refuse(std::string_view column, const std::string& message) const;
  [[nodiscard]] int line() const { return line_; }
  [[nodiscard]] const std::vector<std::string>& cells() const { return cells_; }

 private:
  bool read_line();
  [[noreturn]] void fail(std::size_t column, const std::string& message) const;

  std::string file_;
  std::ifstream in_;
  std::string text_;
  int line_ = 0;
  std::map<std::string, std::size_t, std::less<>> columns_;
  std::vector<std::string> cells_;
  std::vector<int> places_;  ///< column numbers of the cells in the line
};

}  // namespace mtok::validation
