// Checks and progress of measurements on this machine.
#include "app/cli/host_verb.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include "app/cli/interrupt.hpp"
#include "app/cli/refusal.hpp"

namespace mtok::cli {

void check_isa(const std::string& isa) {
  const auto known = host::isa_names();
  if (std::find(known.begin(), known.end(), isa) == known.end()) {
    std::string names;
    for (const std::string_view name : known) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
    throw Refusal(fmt::format("the kernel library knows no instruction set '{}'", isa), "one of " + names);
  }
}

void cap_isa_or_refuse(const std::string& isa) {
  if (isa.empty()) {
    return;
  }
  check_isa(isa);
  if (!host::cap_isa(isa)) {
    throw Refusal(fmt::format("the kernel library cannot be held to '{}'", isa));
  }
  if (const std::string in_force = host::isa_in_force(); in_force != isa) {
    throw Refusal(fmt::format("this processor does not have '{}'", isa),
                  fmt::format("the widest that it has is {}", in_force));
  }
}

void check_writable(const std::vector<std::string>& files) {
  std::set<std::filesystem::path> seen;
  for (const std::string& file : files) {
    if (file.empty() || file == "-") {
      continue;
    }
    const std::filesystem::path path = std::filesystem::absolute(file).lexically_normal();
    if (access(path.parent_path().c_str(), W_OK) != 0 && access(path.c_str(), W_OK) != 0) {
      throw Refusal(fmt::format("{} cannot be written: {}", file, std::generic_category().message(errno)));
    }
    if (std::error_code error; std::filesystem::is_directory(path, error)) {
      throw Refusal(fmt::format("{} cannot be written: it is a folder", file));
    }
    if (path != "/dev/null" && !seen.insert(path).second) {
      throw Refusal(fmt::format("{} would hold two results", file), "name one file for each");
    }
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
  if (threads > host::available_cores()) {
    throw Refusal(fmt::format("{} threads do not have a core each", threads),
                  fmt::format("this process may run on {}", host::available_cores()));
  }
}

}  // namespace mtok::cli
