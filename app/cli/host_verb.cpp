// Checks and progress of measurements on this machine.
#include "app/cli/host_verb.hpp"

#include <fmt/format.h>

#include "app/cli/interrupt.hpp"
#include "app/cli/refusal.hpp"

namespace mtok::cli {

void cap_isa_or_refuse(const std::string& isa) {
  if (!isa.empty() && !host::cap_isa(isa)) {
    std::string names;
    for (const std::string_view name : host::isa_names()) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
    throw Refusal(fmt::format("the kernel library knows no instruction set '{}'", isa), "one of " + names);
  }
}

validation::HostMeasurement measure_here(const validation::HostPlan& plan,
                                         const planner::Catalogue& catalogue, bool quiet) {
  return validation::measure_host(plan, catalogue, [quiet](const std::string& what) {
    if (!quiet) {
      fmt::print(stderr, "mtok: {}\n", what);
    }
    return !interrupted();
  });
}

std::string text_of(const host::Machine& machine) {
  return fmt::format("{}, {}, {} {}", machine.cpu, machine.library, machine.cores,
                     machine.cores == 1 ? "core" : "cores");
}

void check_threads(std::int64_t threads) {
  if (threads < 0 || threads > host::available_cores()) {
    throw Refusal(fmt::format("{} threads do not have a core each", threads),
                  fmt::format("this process may run on {}", host::available_cores()));
  }
}

}  // namespace mtok::cli
