// What is known of a candidate before it is simulated.
#pragma once

#include <string>

#include "sim/planner/run.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {

/// The demand as bounds need it.
struct Demand {
  WorkloadFacts facts{};
  Seconds last_arrival{};  ///< zero unless arrivals are open
};

struct Screened {
  std::string obstacle{};      ///< why it need not be simulated; empty when it must be
  std::string nearest_miss{};  ///< what it lacks
  Usd least_bill{};
};

/// Judges a deployment that was run without simulation, by what its device can do at best. On devices other
/// than CPUs no kernel is faster than the peak of the multipliers or of the memory (hardware::Device), so
/// TPOT >= bytes of the parameters that one token multiplies / (tensor ranks * bandwidth * (1 + drafted
/// tokens)), and
/// device time >= 2 * parameters without the output matrix * tokens to compute / peak. The fleet is paid
/// at least until the last request arrives.
[[nodiscard]] Screened screen(const RunResult& fitted, const Demand& demand);

/// The same by the step times of the deployment: on an idle replica the prompt at the 99th percentile and the
/// first decode step behind it take longer than promised, so no fleet is fast enough. With drafts nothing is
/// said. Requires that it fits. `least_bill` stays empty.
[[nodiscard]] Screened screen_by_step_times(PreparedRun& prepared);

}  // namespace mtok::planner
