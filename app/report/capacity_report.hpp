// A fleet by month, and the ways to pay for it, as text in every format.
#pragma once

#include <string>

#include "app/report/form.hpp"
#include "sim/planner/capacity.hpp"

namespace mtok::report {

/// JSON: schema `mtok.capacity/1`; CSV: one line a month; table and Markdown: the answer, the ways to pay,
/// what to commit to, the staircase, then the months.
[[nodiscard]] std::string capacity_text(const planner::Capacity& capacity, Form form);

}  // namespace mtok::report
