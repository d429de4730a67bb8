// One row a request, with its times and its share of the bill.
#pragma once

#include <iosfwd>

#include "sim/planner/run.hpp"

namespace mtok::report {

/// Columns `id,arrival_s,scheduled_s,first_token_s,last_token_s,input_tokens,cached_input_tokens,
/// output_tokens,cost_usd,replica`: seconds with 9 decimals, dollars exact; what did not happen is an empty
/// cell. Writes in pieces. Requires a feasible result; the state of `out` tells whether it could be written.
void write_requests_csv(const planner::RunResult& result, std::ostream& out);

}  // namespace mtok::report
