// What the user asked for and cannot have, where no line of a file is to blame.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace mtok::cli {

/// Ends the program with exit code 3; `what` is one line, the hint may be empty.
class Refusal : public std::runtime_error {
 public:
  explicit Refusal(const std::string& what, std::string hint = {})
      : std::runtime_error(what), hint_(std::move(hint)) {}
  [[nodiscard]] const std::string& hint() const { return hint_; }

 private:
  std::string hint_;
};

}  // namespace mtok::cli
