// Sets oneDNN up: instruction set, threads, cores.
#include "sim/host/library.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <sched.h>
#include <unistd.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "sim/host/onednn.hpp"

namespace mtok::host {
namespace {

using NamedIsa = std::pair<std::string_view, dnnl::cpu_isa>;
constexpr std::array<NamedIsa, 5> kIsas{{{"avx2", dnnl::cpu_isa::avx2},
                                         {"avx512_core", dnnl::cpu_isa::avx512_core},
                                         {"avx512_core_vnni", dnnl::cpu_isa::avx512_core_vnni},
                                         {"avx512_core_bf16", dnnl::cpu_isa::avx512_core_bf16},
                                         {"avx512_core_amx", dnnl::cpu_isa::avx512_core_amx}}};

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

std::vector<int> read_allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &set)) {
        cores.push_back(core);
      }
    }
  }
  return cores;
}

/// As they were before this process pinned a thread.
const std::vector<int>& allowed_cores() {
  static const std::vector<int> cores = read_allowed_cores();
  return cores;
}

/// Lets thread i run on `width` of the cores, from core i on.
void place_threads(int threads, std::size_t width) {
  const std::vector<int>& cores = allowed_cores();
#pragma omp parallel num_threads(threads)
  {
    cpu_set_t set;
    CPU_ZERO(&set);
    const auto first = static_cast<std::size_t>(omp_get_thread_num());
    for (std::size_t i = 0; i < width; ++i) {
      CPU_SET(cores[(first + i) % cores.size()], &set);
    }
    sched_setaffinity(0, sizeof set, &set);
  }
}

Bytes last_level_cache() {
  const long level3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
  const long level2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
  constexpr long kUnknown = 32L << 20;
  const long size = level3 > 0 ? level3 : level2;
  return Bytes(static_cast<double>(size > 0 ? size : kUnknown));
}

}  // namespace

std::vector<std::string_view> isa_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, isa] : kIsas) {
    names.push_back(name);
  }
  return names;
}

bool cap_isa(std::string_view name) {
  for (const auto& [isa_name, isa] : kIsas) {
    if (isa_name == name) {
      return dnnl::set_max_cpu_isa(isa) == dnnl::status::success;
    }
  }
  return false;
}

/// Each set contains the ones before it, so the widest name whose bits are all in force.
std::string isa_in_force() {
  const auto bits = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  std::string name = "generic";
  for (const auto& [isa_name, isa] : kIsas) {
    const auto wanted = static_cast<unsigned>(isa);
    name = (bits & wanted) == wanted ? std::string(isa_name) : name;
  }
  return name;
}

std::int64_t available_cores() {
  return static_cast<std::int64_t>(std::max<std::size_t>(allowed_cores().size(), 1));
}

Library::Engine::Engine()
    : engine(std::make_unique<dnnl::engine>(dnnl::engine::kind::cpu, 0)),
      stream(std::make_unique<dnnl::stream>(*engine)) {}

Library::Engine::~Engine() = default;

Library::Library(std::int64_t threads) {
  const bool placeable = !allowed_cores().empty();
  omp_set_num_threads(static_cast<int>(threads));
  if (placeable) {  // two threads that wander onto one core wait for each other in turn
    place_threads(static_cast<int>(threads), 1);
  }
  engine_ = std::make_unique<Engine>();
  const dnnl_version_t* const version = dnnl_version();
  const auto pages = static_cast<double>(sysconf(_SC_PHYS_PAGES));
  machine_ = {.cpu = cpu_name(),
              .library = fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch),
              .isa = isa_in_force(),
              .threads = threads,
              .cores = available_cores(),
              .last_level_cache = last_level_cache(),
              .memory = Bytes(pages * static_cast<double>(sysconf(_SC_PAGE_SIZE)))};
}

Library::~Library() {
  if (!allowed_cores().empty()) {
    place_threads(static_cast<int>(machine_.threads), allowed_cores().size());
  }
}

}  // namespace mtok::host
