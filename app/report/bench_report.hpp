// A calibration to benchmarks of the user, as text in every format.
#pragma once

#include <string>
#include <vector>

#include "app/report/form.hpp"
#include "sim/validation/bench_fit.hpp"

namespace mtok::report {

/// Schema `mtok.calibrate_bench/1`: points with what was measured and predicted before, after and left out,
/// constants, errors. `notes` say how the words of the tools were read, `files` what was written.
[[nodiscard]] std::string bench_text(const validation::BenchFit& fit, const std::vector<std::string>& notes,
                                     const std::vector<std::string>& files, Form form);

}  // namespace mtok::report
