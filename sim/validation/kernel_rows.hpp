// Turns rows of measured kernel times into kernels that a device can time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/hardware/device.hpp"
#include "sim/planner/catalogue.hpp"
#include "sim/validation/outcome.hpp"
#include "sim/validation/table.hpp"

namespace mtok::validation {

/// Where the ranks of a collective sit, when the file says so; zeros: as the profile of the device has it.
struct Placement {
  std::int64_t ranks_per_node = 0;  ///< devices of one node that take part
  bool pairs = false;               ///< links of the node join pairs only; pairs meet over PCIe

  friend auto operator<=>(const Placement&, const Placement&) = default;
};

/// One measured time. `kernels` run one after the other; empty: unsupported, and `outcome` says why.
struct KernelRow {
  Outcome outcome{};     ///< without a prediction; metric latency_us
  std::string device{};  ///< the profile's name; empty when there is none
  std::vector<kernel::Kernel> kernels{};
  Placement placement{};
  std::string shape{};  ///< what a split into two parts must not tear apart: "gemm 4096 x 8192"
};

/// True when what a row reads and writes beyond the last cache would take the memory of the data sheet longer
/// than was measured: a mistake of the measurement or of its description, since no device does that.
[[nodiscard]] bool beats_data_sheet(const KernelRow& row, const hardware::DeviceProfile& profile);

/// Streams a file in the schema of kernels_gemm.csv, kernels_attention.csv, kernels_moe.csv or
/// collectives.csv, which its header tells.
class KernelFile {
 public:
  /// The catalogue must live as long. Throws config::Error when the file cannot be read or has another
  /// header.
  KernelFile(const std::filesystem::path& file, const planner::Catalogue& catalogue);
  /// The next row; nullopt at the end. A row that beats the data sheet is unsupported. Throws config::Error
  /// when a cell is no number where one is needed.
  [[nodiscard]] std::optional<KernelRow> next();

 private:
  enum class Schema { gemm, attention, moe, collective };
  Table table_;
  const planner::Catalogue& catalogue_;
  Schema schema_ = Schema::gemm;
  std::map<std::string, hardware::DeviceProfile> profiles_;
};

/// One device in every placement that rows ask for.
class PlacedDevices {
 public:
  explicit PlacedDevices(hardware::DeviceProfile profile) : profile_(std::move(profile)) {}
  /// The time of a supported row.
  [[nodiscard]] Seconds time_of(const KernelRow& row);

 private:
  hardware::DeviceProfile profile_;
  std::map<Placement, std::unique_ptr<const hardware::Device>> devices_;
};

/// Predicts rows of all devices.
class KernelPredictor {
 public:
  /// The catalogue must live as long.
  explicit KernelPredictor(const planner::Catalogue& catalogue) : catalogue_(catalogue) {}
  /// The row's outcome with its prediction, in microseconds.
  [[nodiscard]] Outcome predicted(KernelRow row);

 private:
  const planner::Catalogue& catalogue_;
  std::map<std::string, PlacedDevices, std::less<>> devices_;
};

/// The profile of a device of the catalogue by name.
[[nodiscard]] hardware::DeviceProfile profile_named(const planner::Catalogue& catalogue,
                                                    const std::string& name);

}  // namespace mtok::validation
