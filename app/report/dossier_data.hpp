// A dossier for programs: CSV with one figure a line, and JSON.
#pragma once

#include <string>

#include "app/report/control.hpp"
#include "app/report/dossier.hpp"

namespace mtok::report {

/// `section,item,figure,value,unit,kind,source`; kind: simulated, computed or assumed. Numbers by the rules
/// of FOCUS: no plus sign, no grouping; an empty cell where a number does not exist.
[[nodiscard]] std::string dossier_csv(const Dossier& dossier, const std::vector<ControlSum>& sums);
/// Schema `mtok.report/1` (docs/schemas/mtok.report.1.json).
[[nodiscard]] std::string dossier_json(const Dossier& dossier, const std::vector<ControlSum>& sums);

}  // namespace mtok::report
