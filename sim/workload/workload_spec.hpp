// A file that describes a generated workload, so that its trace can be made again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/workload/synthetic.hpp"

namespace mtok::workload {

/// `{mtok: 1, name, source, seed, synthetic: {...}}`.
struct WorkloadSpec {
  std::string name{};
  std::string source{};  ///< where its figures come from
  std::uint64_t seed = 1;
  SyntheticSpec synthetic{};
};

/// Throws config::Error with every fault of the file.
[[nodiscard]] WorkloadSpec load_workload_spec(const std::filesystem::path& path);

}  // namespace mtok::workload
