// The blocks that scenarios and plans share: workload, formats, promises.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/reader.hpp"
#include "sim/hardware/device_profile.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

inline constexpr std::string_view kDefaultSource = "default of mtok";

/// Around a block: where its names are looked up, and where its defaults are noted.
struct BlockSite {
  std::filesystem::path folder{};                ///< of the file; relative paths start here
  std::optional<std::filesystem::path> trace{};  ///< takes the place of the workload's trace
  std::vector<Assumption>* defaults = nullptr;
  std::string key = "workload";  ///< of the block
};

/// The required block `workload`, or another one like it. The trace must exist but is not read.
[[nodiscard]] WorkloadChoice read_workload(config::Reader& root, const BlockSite& site);

/// Number formats as a file states them.
struct FormatChoice {
  std::optional<kernel::NumberFormat> weights{};
  std::optional<kernel::NumberFormat> activations{};
  std::optional<kernel::NumberFormat> kv_cache{};

  /// What is absent is what the device makes of such a checkpoint (default_formats.hpp), the cache 16 bits.
  /// Notes what it fills in, with the reason.
  [[nodiscard]] kernel::Formats on(kernel::NumberFormat checkpoint, const hardware::DeviceProfile& device,
                                   std::vector<Assumption>* defaults = nullptr) const;
};
/// Takes the mapping of the block itself.
[[nodiscard]] FormatChoice read_formats(config::Reader& reader);

/// The block `slo`; absent: no promise.
[[nodiscard]] engine::Slo read_slo(config::Reader& root);

}  // namespace mtok::planner
