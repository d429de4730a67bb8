// The records of a plan as lines of JSON, so that an interrupted search can be taken up again.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sim/planner/plan.hpp"

namespace mtok::report {

/// One line, with its newline; every number as exact as it is.
[[nodiscard]] std::string record_line(const planner::PlanRecord& record);
/// What such lines hold, by key; of one key the last. A last line without a newline was cut off and is left
/// out. Throws config::Error with the line of `file` that is none of ours.
[[nodiscard]] std::map<std::string, planner::PlanRecord> read_records(std::string_view text,
                                                                      const std::string& file);

}  // namespace mtok::report
