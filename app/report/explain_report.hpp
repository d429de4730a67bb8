// The formula tree of a figure as text in every format.
#pragma once

#include <string>
#include <vector>

#include "app/report/form.hpp"
#include "sim/planner/provenance.hpp"

namespace mtok::report {

/// Schema `mtok.explain/1`: figures[{key, meaning, value, unit, rule, parts[], source, date, text}], the
/// explained figure first; `parts` are keys. As a table: an indented tree, each figure once.
[[nodiscard]] std::string explain_text(const planner::Explanation& explanation, Form form);

/// "a * b / c" by the keys of the parts of the figure at this place; empty for a leaf.
[[nodiscard]] std::string formula_of(const planner::Explanation& explanation, std::size_t at);

}  // namespace mtok::report
