// Errors of predictions as a sheet.
#pragma once

#include <span>

#include "app/gui/models/sheet.hpp"
#include "sim/validation/outcome.hpp"

namespace mtok::gui {

/// One row for each metric and family.
[[nodiscard]] Sheet validation_sheet(std::span<const validation::Outcome> outcomes);

}  // namespace mtok::gui
