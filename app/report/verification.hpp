// What `mtok verify` found: whether a result can be computed again, bit for bit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/report/control.hpp"
#include "app/report/form.hpp"

namespace mtok::report {

struct DifferentValue {
  std::string key{};
  std::string stated{};
  std::string recomputed{};
};

struct Verification {
  std::string name{};        ///< of the scenario
  std::string file{};        ///< the result that was verified
  std::string hash{};        ///< as stated in it
  bool intact = false;       ///< the stated hash is that of the content
  std::string version{};     ///< that wrote it
  std::int64_t figures = 0;  ///< values that were compared
  std::vector<DifferentValue> differences{};
  std::vector<ControlSum> sums{};  ///< the recomputed bill; empty for a ladder

  [[nodiscard]] bool holds() const { return intact && differences.empty() && all_agree(sums); }
};

/// Sets the text of a result against the text that was computed anew. Values are compared as they are
/// written: one digit more is a difference. Both must be JSON; names are for messages.
[[nodiscard]] Verification verification_of(const std::string& file, const std::string& stated,
                                           const std::string& recomputed);
[[nodiscard]] std::string verification_text(const Verification& verification, Form form);

}  // namespace mtok::report
