// Where the shipped data lies, and how a name in a scenario becomes a file.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/cost/api_prices.hpp"
#include "sim/cost/cost_terms.hpp"
#include "sim/cost/price_book.hpp"
#include "sim/cost/quality.hpp"
#include "sim/hardware/device_profile.hpp"
#include "sim/hardware/framework_profile.hpp"
#include "sim/model/architecture.hpp"
#include "sim/planner/checkpoints.hpp"

namespace mtok::planner {

/// The folders models/ and hwprofiles/ under one root. Loads on demand and keeps nothing but the names of the
/// devices, unless it is a keeping() one. Copies share what is kept.
class Catalogue {
 public:
  explicit Catalogue(std::filesystem::path root)
      : root_(std::move(root)), device_names_(std::make_shared<DeviceNames>()) {}

  /// The same catalogue, which reads each file once and from then on answers from what it read: for many runs
  /// that shall see one state of the files. May be asked by several threads at once.
  [[nodiscard]] Catalogue keeping() const;
  /// Begins to read, beside everything else, what nearly every scenario asks for and takes longest: the
  /// default price book and the table of qualities. Does nothing unless this is a keeping() one, or a second
  /// time.
  void read_ahead() const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::vector<std::string> models() const;  ///< names, sorted
  [[nodiscard]] std::vector<std::string> devices() const;
  [[nodiscard]] std::vector<std::string> price_books() const;
  [[nodiscard]] std::vector<std::string> frameworks() const;

  /// A file, or why there is none.
  struct Lookup {
    std::optional<std::filesystem::path> file{};
    std::string problem{};
    std::string hint{};
  };
  /// The file of a name, or the path itself when it holds a slash or ends in .yaml, .yml or .json; a relative
  /// path starts at `folder`.
  [[nodiscard]] Lookup find_model(const std::string& name, const std::filesystem::path& folder) const;
  [[nodiscard]] Lookup find_device(const std::string& name, const std::filesystem::path& folder) const;
  [[nodiscard]] Lookup find_price_book(const std::string& name, const std::filesystem::path& folder) const;
  [[nodiscard]] Lookup find_framework(const std::string& name, const std::filesystem::path& folder) const;

  /// The file of the framework's profile that describes `version`, or of its newest when the version is not
  /// known: the name to put into a scenario. `name`: vllm, sglang, tensorrt-llm.
  [[nodiscard]] std::optional<std::string> framework_called(const std::string& name,
                                                            const std::string& version) const;
  /// The device that a foreign file calls by any of its names, or by one of them with a remark in
  /// parentheses behind it: "H200-SXM-141GB (virtualised)".
  [[nodiscard]] std::optional<std::string> device_called(const std::string& any_name) const;
  [[nodiscard]] hardware::DeviceProfile device(const std::filesystem::path& file) const;
  [[nodiscard]] model::Architecture model(const std::filesystem::path& file) const;
  [[nodiscard]] hardware::FrameworkProfile framework(const std::filesystem::path& file) const;
  [[nodiscard]] std::shared_ptr<const cost::PriceBook> price_book(const std::filesystem::path& file) const;
  [[nodiscard]] cost::QualityTable quality() const;
  [[nodiscard]] cost::ApiPriceList api_prices() const;
  [[nodiscard]] cost::CostTerms cost_terms() const;
  [[nodiscard]] CheckpointTable checkpoints() const;
  /// SHA-256 of a file.
  [[nodiscard]] std::string digest(const std::filesystem::path& file) const;
  /// How a file is named in results: relative to the root, or its last component.
  [[nodiscard]] std::string shown(const std::filesystem::path& file) const;

 private:
  [[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& folder) const;
  [[nodiscard]] Lookup find(const std::filesystem::path& shelf, const std::string& kind,
                            const std::string& name, const std::filesystem::path& folder) const;

  /// Comparable name -> name of the profile; read from all profiles when first asked for.
  struct DeviceNames {
    std::once_flag read{};
    std::map<std::string, std::string, std::less<>> by_alias{};
  };
  void read_device_names() const;

  std::filesystem::path root_;
  std::shared_ptr<DeviceNames> device_names_;
  struct Kept;  ///< null: nothing is kept
  std::shared_ptr<Kept> kept_;
};

}  // namespace mtok::planner
