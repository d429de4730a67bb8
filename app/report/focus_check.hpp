// Checks a file against the rules of FOCUS 1.2.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/diagnostic.hpp"

namespace mtok::report {

struct FocusVerdict {
  std::int64_t rows = 0;
  std::size_t columns = 0;
  std::vector<config::Diagnostic> errors{};  ///< in the order of the file, at most 100
};

/// Presence of the mandatory columns, names and order of own ones, nulls, allowed values, formats of numbers
/// and dates, flat JSON, and across columns: cost = unit price x quantity to the last digit, units beside
/// quantities, states beside identifiers, periods. Left out: rules that only the issuer of a bill can know.
[[nodiscard]] FocusVerdict check_focus(const std::string& text, const std::string& file);

}  // namespace mtok::report
