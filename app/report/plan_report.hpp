// The ranked candidates of a plan as text in every format.
#pragma once

#include <string>

#include "app/report/form.hpp"
#include "sim/planner/plan.hpp"

namespace mtok::report {

/// JSON: schema `mtok.plan/1`; CSV: one line a candidate, the columns as in JSON; table and Markdown: the
/// front, the cheapest feasible candidates, then why the others are out.
[[nodiscard]] std::string plan_text(const planner::PlanResult& result, Form form);

}  // namespace mtok::report
