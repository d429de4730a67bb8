// Sections of a report about what the answer depends on and about the months to come.
#pragma once

#include <string>
#include <vector>

#include "app/report/dossier.hpp"
#include "app/report/page.hpp"

namespace mtok::report {

/// Of facts of the dossier; require feasible ones.
[[nodiscard]] std::vector<Section> sensitivity_sections(const SensitivityFacts& facts,
                                                        const Dossier& dossier);
[[nodiscard]] std::vector<Section> capacity_sections(const CapacityFacts& facts, const Dossier& dossier);

/// One sentence each, for the sheet of the board.
[[nodiscard]] std::string uncertainty_words(const SensitivityFacts& facts, const Dossier& dossier);
[[nodiscard]] std::string capacity_words(const CapacityFacts& facts, const std::string& currency);

}  // namespace mtok::report
