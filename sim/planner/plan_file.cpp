// Reads a plan file and forms the cross product of its candidates.
#include <algorithm>
#include <map>
#include <set>

#include "sim/config/reader.hpp"
#include "sim/planner/plan.hpp"
#include "sim/planner/scenario_blocks.hpp"
#include "sim/planner/shared_blocks.hpp"
#include "sim/planner/speculation_reader.hpp"
#include "sim/planner/techniques.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;
using config::Reader;

constexpr std::size_t kMostCandidates = 100'000;

/// What one axis can be, with the words that name it in a candidate.
template <class T>
struct Option {
  std::string label{};
  T value{};
};

/// Techniques that a candidate has or has not; what is not said stays as the other axes say.
struct TechniqueSet {
  std::vector<std::pair<std::string_view, bool>> switches{};
  std::optional<SpeculationChoice> speculation{};
};

struct Axes {
  std::vector<Option<fs::path>> models{};
  std::vector<Option<fs::path>> devices{};
  std::vector<FormatChoice> formats{};
  std::vector<std::int64_t> tensor{};
  std::vector<std::int64_t> pipeline{};
  std::vector<std::int64_t> expert{};
  std::vector<Option<EngineChoice>> engines{};
  std::vector<Option<TechniqueSet>> techniques{};
  std::vector<cost::Tier> tiers{};
  std::vector<std::optional<std::int64_t>> replicas{std::nullopt};

  [[nodiscard]] double product() const {
    double count = 1;
    for (const std::size_t size :
         {models.size(), devices.size(), formats.size(), tensor.size(), pipeline.size(), expert.size(),
          engines.size(), techniques.size(), tiers.size(), replicas.size()}) {
      count *= static_cast<double>(size);
    }
    return count;
  }
};

class PlanReader {
 public:
  PlanReader(const fs::path& file, const Catalogue& catalogue)
      : catalogue_(catalogue), document_(config::Document::load(file)), folder_(file.parent_path()) {
    plan_.file = file;
  }

  Plan read() {
    Reader root = document_.root();
    if (root.integer("mtok", {.least = 1, .most = 1}) == 1) {
      plan_.name = root.text_or("name", plan_.file.stem().string());
    }
    plan_.workload = read_workload(root, site());
    plan_.slo = read_slo(root);
    plan_.seed = static_cast<std::uint64_t>(root.integer_or("seed", 1));
    read_quality(root);
    read_prices(root);
    read_growth(root);
    read_capacity_of(root);
    read_buy(root);
    Reader candidates = root.mapping("candidates");
    read_axes(candidates);
    root.done();
    if (root.ok() && axes_.product() > static_cast<double>(kMostCandidates)) {
      root.fail("candidates",
                "the cross product has more than " + std::to_string(kMostCandidates) + " candidates");
    }
    document_.finish();
    if (prefixes_matter_) {
      prefix_obstacle_ = prefix_cache_obstacle({.workload = plan_.workload, .seed = plan_.seed});
    }
    cross();
    return std::move(plan_);
  }

 private:
  [[nodiscard]] BlockSite site() { return {.folder = folder_, .defaults = &defaults_}; }

  void read_quality(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("quality");
    if (!reader) {
      return;
    }
    plan_.quality.benchmark = reader->text_or("benchmark", plan_.quality.benchmark);
    if (reader->has("least")) {
      plan_.quality.least = reader->number("least", {.least = 0, .most = 100});
    }
    reader->done();
  }

  void read_growth(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("growth");
    if (!reader) {
      return;
    }
    Growth growth;
    growth.per_month = reader->number("per_month", {.least = -0.5, .most = 1});
    growth.months = reader->integer_or("months", growth.months, {.least = 1, .most = 120});
    reader->done();
    if (plan_.workload.load.kind != engine::Load::Kind::open) {
      root.fail("growth", "only an open load grows", "leave out workload.load, or growth");
    }
    plan_.growth = growth;
  }

  /// What the demand's growth says holds for the capacity as well.
  void read_capacity_of(Reader& root) {
    plan_.stated = document_.leaves();
    constexpr const char* kGrowth = "demand_growth_per_month";
    bool own_growth = false;
    if (std::optional<Reader> reader = root.find_mapping("capacity")) {
      own_growth = reader->has(kGrowth);
      plan_.capacity = read_capacity(*reader);
    }
    if (plan_.growth && !own_growth) {
      plan_.capacity.demand_growth_per_month = plan_.growth->per_month;
      plan_.stated.emplace_back(std::string("capacity.") + kGrowth, units::shortest(plan_.growth->per_month));
    }
  }

  void read_buy(Reader& root) {
    if (!root.has("buy")) {
      return;
    }
    plan_.buy = root.texts("buy");
    const cost::ApiPriceList list = catalogue_.api_prices();
    for (const std::string& name : *plan_.buy) {
      if (!list.find(name)) {
        const std::string near = config::nearest(name, list.models());
        root.fail("buy", "no list price of '" + config::shown(name) + "'",
                  near.empty() ? "see models/api_prices.yaml" : "did you mean '" + near + "'?");
      }
    }
    refuse_twins(root, "buy", *plan_.buy);
  }

  void read_prices(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("prices");
    if (reader) {
      prices_.book = reader->text_or("book", prices_.book);
      if (reader->has("provider")) {
        prices_.provider = reader->text("provider");
      }
      reader->done();
    }
    const Catalogue::Lookup book = catalogue_.find_price_book(prices_.book, folder_);
    if (!book.file) {
      root.fail("prices", book.problem, book.hint);
    }
  }

  void read_axes(Reader& reader) {
    axes_.models = files(reader, "models",
                         [&](const std::string& name) { return catalogue_.find_model(name, folder_); });
    axes_.devices = files(reader, "devices",
                          [&](const std::string& name) { return catalogue_.find_device(name, folder_); });
    for (Reader& entry : listed(reader, "formats")) {
      axes_.formats.push_back(read_formats(entry));
    }
    if (axes_.formats.empty()) {
      axes_.formats.emplace_back();
    }
    axes_.tensor = ways(reader, "tensor_parallel_size");
    axes_.pipeline = ways(reader, "pipeline_parallel_size");
    axes_.expert = ways(reader, "expert_parallel_size");
    read_engines(reader);
    read_techniques(reader);
    read_tiers(reader);
    if (reader.has("replicas")) {
      const std::vector<std::int64_t> counts = reader.integers("replicas", {.least = 1, .most = 4096});
      refuse_twins(reader, "replicas", counts);
      axes_.replicas.assign(counts.begin(), counts.end());
    }
    reader.done();
  }

  static std::vector<Reader> listed(Reader& reader, std::string_view key) {
    return reader.has(key) ? reader.mappings(key) : std::vector<Reader>{};
  }

  template <class Find>
  static std::vector<Option<fs::path>> files(Reader& reader, std::string_view key, const Find& find) {
    std::vector<Option<fs::path>> found;
    const std::vector<std::string> names = reader.texts(key);
    for (const std::string& name : names) {
      const Catalogue::Lookup lookup = find(name);
      if (lookup.file) {
        found.push_back({name, *lookup.file});
      } else {
        reader.fail(key, lookup.problem, lookup.hint);
      }
    }
    refuse_twins(reader, key, names);
    return found;
  }

  template <class T>
  static void refuse_twins(Reader& reader, std::string_view key, const std::vector<T>& items) {
    if (std::set<T>(items.begin(), items.end()).size() != items.size()) {
      reader.fail(key, "an entry is listed twice");
    } else if (items.empty() && reader.ok()) {
      reader.fail(key, "the list is empty");
    }
  }

  static std::vector<std::int64_t> ways(Reader& reader, std::string_view key) {
    if (!reader.has(key)) {
      return {1};
    }
    std::vector<std::int64_t> sizes = reader.integers(key, {.least = 1, .most = 4096});
    refuse_twins(reader, key, sizes);
    return sizes;
  }

  /// Several entries with one framework are told apart by their number.
  void read_engines(Reader& reader) {
    for (Reader& entry : listed(reader, "engines")) {
      EngineChoice choice;
      read_engine_block(entry, catalogue_, folder_, choice);
      const bool known = std::any_of(axes_.engines.begin(), axes_.engines.end(), [&](const auto& other) {
        return other.value.framework == choice.framework;
      });
      const std::string number = known ? " #" + std::to_string(axes_.engines.size() + 1) : "";
      axes_.engines.push_back({choice.framework + number, choice});
    }
    if (axes_.engines.empty()) {
      const EngineChoice choice;
      defaults_.push_back(
          {.key = "engine.framework", .value = choice.framework, .source = std::string(kDefaultSource)});
      axes_.engines.push_back({choice.framework, choice});
    }
  }

  /// Several entries of the same name are told apart by their number.
  void read_techniques(Reader& reader) {
    for (Reader& entry : listed(reader, "techniques")) {
      Option<TechniqueSet> option;
      const auto name = [&](const std::string& word) {
        option.label += (option.label.empty() ? "" : " + ") + word;
      };
      for (const Technique& technique : deployment_techniques()) {
        if (entry.has(technique.key)) {
          const bool on = entry.flag(technique.key);
          option.value.switches.emplace_back(technique.key, on);
          name((on ? "" : "no ") + std::string(technique.key));
          prefixes_matter_ = prefixes_matter_ || (on && technique.key == "prefix_cache");
        }
      }
      if (std::optional<Reader> drafts = entry.find_mapping("speculative_config")) {
        option.value.speculation = read_speculation(*drafts, catalogue_, folder_, {});
        const SpeculationChoice& choice = *option.value.speculation;
        name(choice.draft_file.empty() ? "mtp" : "draft " + choice.draft_file.stem().string());
      }
      entry.done();
      option.label = option.label.empty() ? "as stated" : option.label;
      const bool known = std::any_of(axes_.techniques.begin(), axes_.techniques.end(),
                                     [&](const auto& other) { return other.label == option.label; });
      option.label += known ? " #" + std::to_string(axes_.techniques.size() + 1) : "";
      axes_.techniques.push_back(std::move(option));
    }
    if (axes_.techniques.empty()) {
      axes_.techniques.emplace_back();
    }
  }

  void read_tiers(Reader& reader) {
    if (!reader.has("tiers")) {
      axes_.tiers = {cost::Tier::on_demand};
      return;
    }
    const std::vector<std::string> names = reader.texts("tiers");
    for (const std::string& name : names) {
      if (const std::optional<cost::Tier> tier = cost::tier_named(name)) {
        axes_.tiers.push_back(*tier);
      } else {
        reader.fail("tiers", "unknown tier '" + config::shown(name) + "'",
                    "one of: on_demand, spot, reserved_1y, reserved_3y");
      }
    }
    refuse_twins(reader, "tiers", names);
  }

  void cross() {
    for (const auto& model : axes_.models) {
      const kernel::NumberFormat checkpoint = catalogue_.model(model.value).checkpoint_format;
      std::set<std::string> seen;  // two entries of `formats` may mean the same on a device
      for (const FormatChoice& choice : axes_.formats) {
        for (const auto& device : axes_.devices) {
          const kernel::Formats formats = choice.on(checkpoint, catalogue_.device(device.value));
          const std::string name = model.label + " " + label_of(formats) + ", " + device.label;
          if (!seen.insert(name).second) {
            continue;
          }
          shard({.name = name,
                 .file = plan_.file,
                 .workload = plan_.workload,
                 .model_file = model.value,
                 .device_file = device.value,
                 .formats = formats,
                 .prices = prices_,
                 .slo = plan_.slo,
                 .seed = plan_.seed,
                 .defaults = defaults_});
        }
      }
    }
  }

  void shard(const Scenario& base) {
    for (const std::int64_t tensor : axes_.tensor) {
      for (const std::int64_t pipeline : axes_.pipeline) {
        for (const std::int64_t expert : axes_.expert) {
          Scenario scenario = base;
          scenario.sharding = {.tensor = tensor, .pipeline = pipeline, .expert = expert};
          scenario.device_count = scenario.sharding.devices();
          scenario.name += " TP" + std::to_string(tensor);
          scenario.name += pipeline > 1 ? " PP" + std::to_string(pipeline) : "";
          scenario.name += expert > 1 ? " EP" + std::to_string(expert) : "";
          finish(scenario);
        }
      }
    }
  }

  void finish(const Scenario& base) {
    for (const auto& engine : axes_.engines) {
      for (const auto& techniques : axes_.techniques) {
        Candidate candidate{.scenario = base};
        candidate.scenario.engine = engine.value;
        candidate.obstacle = apply(techniques.value, candidate.scenario);
        for (const std::optional<std::int64_t> replicas : axes_.replicas) {
          for (const cost::Tier tier : axes_.tiers) {
            Candidate& added = plan_.candidates.emplace_back(candidate);
            added.replicas = replicas;
            added.scenario.prices.tier = tier;
            std::string& name = added.scenario.name;
            name += replicas ? " x" + std::to_string(*replicas) : "";
            name += axes_.engines.size() > 1 ? ", " + engine.label : "";
            name += axes_.techniques.size() > 1 ? ", " + techniques.label : "";
            name += axes_.tiers.size() > 1 ? ", " + std::string(cost::name_of(tier)) : "";
          }
        }
      }
    }
  }

  /// Returns what stands in the way.
  [[nodiscard]] std::string apply(const TechniqueSet& techniques, Scenario& scenario) const {
    std::string obstacle;
    for (const auto& [key, on] : techniques.switches) {
      const Technique& technique = deployment_technique(key);
      if (on) {
        (void)technique.switch_on(scenario, catalogue_);
        obstacle = key == "prefix_cache" ? prefix_obstacle_ : obstacle;
      } else {
        technique.switch_off(scenario);
      }
    }
    scenario.speculation = techniques.speculation;
    return scenario.speculation && obstacle.empty()
               ? draft_obstacle(*scenario.speculation, scenario, catalogue_)
               : obstacle;
  }

  /// "fp8/fp8/bf16": weights, activations, cache.
  static std::string label_of(const kernel::Formats& formats) {
    std::string label(kernel::name_of(formats.weights));
    label += "/" + std::string(kernel::name_of(formats.activations));
    return label + "/" + std::string(kernel::name_of(formats.kv_cache));
  }

  const Catalogue& catalogue_;
  config::Document document_;
  fs::path folder_;
  Plan plan_{};
  PriceChoice prices_{};
  Axes axes_{};
  std::vector<Assumption> defaults_{};
  bool prefixes_matter_ = false;  ///< some candidate has a prefix cache because the plan says so
  std::string prefix_obstacle_{};
};

}  // namespace

Plan load_plan(const fs::path& file, const Catalogue& catalogue) {
  return PlanReader(file, catalogue).read();
}

}  // namespace mtok::planner
