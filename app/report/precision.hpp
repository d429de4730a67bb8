// How many digits of a simulated figure are shown: no more than its known error bears.
#pragma once

#include <string>

#include "sim/planner/catalogue.hpp"
#include "sim/planner/model_error.hpp"

namespace mtok::report {

/// Significant digits by kind of figure.
struct Precision {
  int rate = 2;  ///< dollars per million tokens, which are off as throughput is; also energy
  int ttft = 2;
  int tpot = 2;
  std::string reason{};  ///< in words; empty when no error is known

  /// Of whole requests and queues, in which all of it adds up.
  [[nodiscard]] int coarsest() const { return ttft < tpot ? ttft : tpot; }
};

/// Digits of a figure with this relative error: 2 at 10 %, 3 at 1 %. At least two, since figures are compared
/// with their neighbours, which are off in the same direction; at most six.
[[nodiscard]] int digits_for(double error);

/// For a family of devices by what was measured: half of the measurements lie within the error.
[[nodiscard]] Precision precision_of(const planner::ModelErrors& errors, const std::string& family);
/// For a device by its name in results; one that the catalogue does not know has the errors of all devices.
/// Two digits of everything where the catalogue has no known errors.
[[nodiscard]] Precision precision_of(const planner::Catalogue& catalogue, const std::string& device);

}  // namespace mtok::report
