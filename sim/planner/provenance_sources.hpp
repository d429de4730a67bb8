// The leaves of a provenance: numbers of files with the line on which they stand and the source beside them.
#pragma once

#include <string>
#include <vector>

#include "sim/planner/provenance_graph.hpp"

namespace mtok::planner {

/// One scalar of a file.
struct PlacedValue {
  std::string path{};    ///< "compute.peak.bf16", "tiers[1].capacity"
  std::string text{};    ///< as written
  std::string place{};   ///< "hwprofiles/devices/h100-sxm.yaml:12"
  std::string source{};  ///< of the nearest mapping around it that states one; may be empty
};
/// Every scalar of a YAML or JSON file but its `source` and `notes`, in its order. `shown`: the name of the
/// file. Throws config::Error.
[[nodiscard]] std::vector<PlacedValue> placed_values(const std::filesystem::path& file,
                                                     const std::string& shown);

/// All that one simulated pool depends on, as leaves gathered under the figure `prefix` + "run": its scenario
/// with every default in force, seed, trace, network, device, framework.
class RunSources {
 public:
  RunSources(FigureGraph& graph, const RunResult& result, const Catalogue& catalogue, std::string prefix);

  [[nodiscard]] FigureGraph::Id run() const { return run_; }
  [[nodiscard]] FigureGraph::Id network() const { return network_; }
  [[nodiscard]] FigureGraph::Id device() const { return device_; }
  [[nodiscard]] FigureGraph::Id framework() const { return framework_; }

  /// The scenario's file states a value at this path.
  [[nodiscard]] bool states(const std::string& path) const;
  /// A choice of the scenario: where the file states `path`, there, with its line; else the default in force.
  FigureGraph::Id setting(const std::string& key, const std::string& path, double value,
                          const std::string& unit = "");
  /// A number of the device's profile, by its path there.
  FigureGraph::Id of_device(const std::string& key, const std::string& path, double value,
                            const std::string& unit);
  FigureGraph::Id of_framework(const std::string& key, const std::string& path, double value,
                               const std::string& unit);
  FigureGraph::Id price(const std::string& key, const cost::Price& price);
  /// Provider, offer, region, tier and source of a price.
  [[nodiscard]] static std::string offer_text(const cost::Price& price);

 private:
  FigureGraph::Id gather(const std::string& name, const std::string& meaning,
                         const std::vector<PlacedValue>& values, const std::string& otherwise);
  FigureGraph::Id gather_scenario();
  FigureGraph::Id gather_efficiency();
  [[nodiscard]] std::string input_text(const std::filesystem::path& file) const;

  FigureGraph& graph_;
  const RunResult& result_;
  const Catalogue& catalogue_;
  std::string prefix_;
  std::vector<PlacedValue> stated_{};
  std::vector<PlacedValue> of_device_{};
  std::vector<PlacedValue> of_framework_{};
  FigureGraph::Id network_ = 0;
  FigureGraph::Id device_ = 0;
  FigureGraph::Id framework_ = 0;
  FigureGraph::Id run_ = 0;
};

}  // namespace mtok::planner
