// A dossier as a workbook with live formulas.
#pragma once

#include <cstdint>
#include <filesystem>

#include "app/report/control.hpp"
#include "app/report/dossier.hpp"

namespace mtok::report {

/// Writes the workbook. Simulated figures are pasted values that carry the hash and seed of their run;
/// everything else is a formula of Excel 2007 with its value, so that viewers that do not compute show it
/// too. Gives the number of formulas. Throws std::runtime_error when the file cannot be written.
std::int64_t write_xlsx(const Dossier& dossier, const std::vector<ControlSum>& sums,
                        const std::filesystem::path& file);

}  // namespace mtok::report
