// A dossier as pages for people: one for the board, then what stands behind it.
#pragma once

#include "app/report/control.hpp"
#include "app/report/dossier.hpp"
#include "app/report/page.hpp"

namespace mtok::report {

/// Question, answer, ladder, bill, risks: what fits on one sheet of paper.
[[nodiscard]] Page board_page(const Dossier& dossier);
/// Method, breakdown, latency, fleet, assumptions with sources, accuracy, provenance, control sums.
[[nodiscard]] std::vector<Section> detail_sections(const Dossier& dossier,
                                                   const std::vector<ControlSum>& sums);
/// Both, one after the other.
[[nodiscard]] Page dossier_page(const Dossier& dossier, const std::vector<ControlSum>& sums);

}  // namespace mtok::report
