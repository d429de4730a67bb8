// The sums that must agree in every report: the same bill added up in different ways.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/report/dossier.hpp"

namespace mtok::report {

struct ControlSum {
  std::string key{};
  std::string title{};
  Money amount{};
};

/// The bill as stated; its parts; the devices, each pool's price times its device time (cost::rent_of).
/// `requests`: the sum over all requests and idle time where a run kept its requests, a fourth way.
[[nodiscard]] std::vector<ControlSum> control_sums(const Dossier& dossier,
                                                   std::optional<Money> requests = std::nullopt);
/// To the last 1e-12.
[[nodiscard]] bool all_agree(const std::vector<ControlSum>& sums);

}  // namespace mtok::report
