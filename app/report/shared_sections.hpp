// Sections that the pages of runs and of comparisons have in common.
#pragma once

#include <string>
#include <vector>

#include "app/report/page.hpp"
#include "sim/planner/run.hpp"

namespace mtok::report {

/// "$2.95 a device-hour, on_demand, Nebius gpu-h100 eu-north1, 2025, source".
[[nodiscard]] std::string price_text(const cost::Price& price);
/// Values in force that nobody stated, with their sources cut to a readable length. Empty without any.
[[nodiscard]] Section assumptions_section(const std::vector<planner::Assumption>& assumptions);
/// What each tenant had, and what the work for it cost. Empty when none was named.
[[nodiscard]] Section tenants_section(const std::vector<planner::RequestGroup>& tenants);
/// Empty without any.
[[nodiscard]] Section warnings_section(const std::vector<std::string>& warnings);

}  // namespace mtok::report
