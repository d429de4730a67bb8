// The lines of a trace file, one at a time, each with its number.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/byte_source.hpp"
#include "sim/workload/eight_bytes.hpp"

namespace mtok::workload {

inline constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20U;

/// Cuts a file into lines: LF or CRLF, the last one with or without an end; a byte-order mark is dropped.
/// Holds one buffer that never grows much beyond the longest permitted line.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& path);

  /// The next line without its end, kPadding readable bytes behind it; valid until the call after. False at
  /// the end of the file. Throws config::Error at a line over kMaxLineBytes, at bytes that are not UTF-8 and
  /// at control characters.
  [[nodiscard]] bool next(std::string_view& line);
  /// As next(), but passes over lines that hold only spaces and tabs.
  [[nodiscard]] bool next_filled(std::string_view& line);

  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  /// Throws config::Error at `column` (from 1) of the current line. `width`: bytes that the message is about.
  [[noreturn]] void fail(std::size_t column, std::size_t width, std::string message,
                         std::string hint = {}) const;

 private:
  void refill();

  std::string file_;
  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< of what has not been returned yet
  std::size_t end_ = 0;    ///< at least kPadding before the end of the buffer
  bool at_end_ = false;
  bool unusual_ = false;  ///< the buffer holds bytes that need a closer look
  std::string_view line_{};
  int number_ = 0;
};

}  // namespace mtok::workload
