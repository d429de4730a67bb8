// Finds the folder with the shipped models and hardware profiles.
#pragma once

#include "sim/planner/catalogue.hpp"

namespace mtok::cli {

/// The catalogue under MTOK_DATA when that is set, else under the nearest folder above the program that holds
/// models/ and hwprofiles/. Throws Refusal when there is none.
[[nodiscard]] planner::Catalogue find_catalogue();

}  // namespace mtok::cli
