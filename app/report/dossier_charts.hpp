// The charts of a report, from the figures that its tables show.
#pragma once

#include "app/report/dossier.hpp"
#include "app/report/page.hpp"

namespace mtok::report {

/// The ladder as a waterfall. Requires at least one rung.
[[nodiscard]] Figure ladder_figure(const CaseTable& ladder, const Dossier& dossier);
/// A month of the fleet by what it is spent on.
[[nodiscard]] Figure bill_figure(const Dossier& dossier);

}  // namespace mtok::report
