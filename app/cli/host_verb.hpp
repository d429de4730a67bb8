// What the verbs that run kernels on this machine share.
#pragma once

#include <string>
#include <vector>

#include "sim/planner/catalogue.hpp"
#include "sim/validation/host_measurement.hpp"

namespace mtok::cli {

/// Throws Refusal unless the kernel library knows an instruction set of that name.
void check_isa(const std::string& isa);
/// Holds the kernel library to an instruction set, unless it is empty; throws Refusal when there is none of
/// that name or the processor lacks it.
void cap_isa_or_refuse(const std::string& isa);

/// Throws Refusal when a file could not be written in its folder, or is named twice. A measurement takes
/// minutes: it must not end in that news. Empty names and "-" are passed over.
void check_writable(const std::vector<std::string>& files);

/// Measures with progress on stderr, unless `quiet`, until interrupted.
[[nodiscard]] validation::HostMeasurement measure_here(const validation::HostPlan& plan,
                                                       const planner::Catalogue& catalogue, bool quiet);

/// "AMD EPYC, oneDNN 2.6.3, 2 cores".
[[nodiscard]] std::string text_of(const host::Machine& machine);

/// Throws Refusal unless the machine has that many cores.
void check_threads(std::int64_t threads);

}  // namespace mtok::cli
