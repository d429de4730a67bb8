// The difference of two runs as text in every format.
#pragma once

#include <string>

#include "app/report/form.hpp"
#include "sim/planner/diff.hpp"

namespace mtok::report {

/// JSON: schema `mtok.diff/1`, sealed. CSV: one line a changed input, a figure and a cause. Markdown: fit for
/// a pull request, with what is long folded away.
[[nodiscard]] std::string diff_text(const planner::Diff& diff, Form form);

}  // namespace mtok::report
