// Amounts that are shown beside their sum, rounded so that what is seen adds up.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/units/money.hpp"

namespace mtok::report {

struct DisplayedMoney {
  std::vector<std::string> parts{};
  std::string total{};  ///< of their sum
};

/// All with the same decimals: cents where the sum is a dollar or more, else as many as give the sum four
/// significant digits. The sum is rounded half to even, the parts are cut, and the units that are missing go
/// to the parts that lost most, of equal ones to the earlier: the parts as shown add up to the sum as shown,
/// and none is off by a whole unit. Requires parts >= 0.
[[nodiscard]] DisplayedMoney displayed(std::span<const Money> parts);

}  // namespace mtok::report
