// Errors of a user's file: where, what, what was expected, and a hint.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mtok::config {

/// A place in a file. Lines and columns count from 1; a column counts bytes. Line 0: the file as a whole.
struct Position {
  int line = 0;
  int column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// One error, as a compiler would print it.
struct Diagnostic {
  std::string file{};  ///< as the user named it
  Position at{};
  std::string message{};  ///< "tdp: expected a power such as '700 W', got '700'"
  std::string excerpt{};  ///< the line of the file; empty when there is none. Shown cut to a readable length
  int width = 1;          ///< bytes under which the caret line is drawn
  std::string hint{};     ///< "did you mean 'tensor_parallel_size'?"; may be empty
};

/// More errors of one file than these are counted, not shown.
inline constexpr std::size_t kMaxDiagnostics = 20;

/// `file:line:column: error: message`, the line, a caret and the hint, for each of the first 20; then "N
/// errors." when more than one. No line break at the end. Control characters and whatever else could steer a
/// terminal are shown as spaces, in messages as in excerpts.
[[nodiscard]] std::string to_text(std::span<const Diagnostic> diagnostics);

/// A piece of a user's file as a message quotes it: cut to a readable length, without control characters.
[[nodiscard]] std::string shown(std::string_view text);

/// Thrown when a file cannot be used. Carries the errors found in it in the order of their places, at most
/// 20; what() is their to_text and tells how many there were. Not for expected answers.
class Error : public std::runtime_error {
 public:
  explicit Error(std::vector<Diagnostic> diagnostics);
  explicit Error(Diagnostic diagnostic) : Error(std::vector<Diagnostic>{std::move(diagnostic)}) {}
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace mtok::config
