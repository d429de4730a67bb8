// Reads files again for the places of their numbers, and gathers what one run depends on.
#include "sim/planner/provenance_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "sim/config/value.hpp"
#include "sim/units/text.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;
using config::Value;

config::Value tree_of(const fs::path& file, const std::string& shown) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw config::Error(
        {.file = shown, .at = {1, 1}, .message = "cannot be read again to explain its numbers"});
  }
  std::stringstream text;
  text << in.rdbuf();
  return file.extension() == ".json" ? config::parse_json(text.str(), shown)
                                     : config::parse_yaml(text.str(), shown);
}

/// Collects the scalars below a value.
class Collector {
 public:
  Collector(std::string shown, std::vector<PlacedValue>& list) : shown_(std::move(shown)), list_(list) {}

  void collect(const Value& value, const std::string& path, const std::string& source) {
    switch (value.kind) {
      case Value::Kind::mapping:
        collect_mapping(value, path, source);
        break;
      case Value::Kind::list:
        for (std::size_t i = 0; i < value.items.size(); ++i) {
          collect(value.items[i], fmt::format("{}[{}]", path, i), source);
        }
        break;
      case Value::Kind::plain:
      case Value::Kind::quoted:
        list_.push_back({.path = path,
                         .text = value.text,
                         .place = fmt::format("{}:{}", shown_, value.at.line),
                         .source = source});
        break;
      case Value::Kind::null:
      case Value::Kind::special:
        break;
    }
  }

 private:
  void collect_mapping(const Value& value, const std::string& path, const std::string& outer) {
    std::string source = outer;
    for (const Value::Entry& entry : value.entries) {
      source = entry.key == "source" ? entry.value.text : source;
    }
    for (const Value::Entry& entry : value.entries) {
      const bool remark = entry.key == "source" || entry.key == "notes" || entry.key == "aliases";
      if (!remark) {
        collect(entry.value, path.empty() ? entry.key : path + "." + entry.key,
                entry.key == "fitted" ? "fitted to the measurements named under fitted.data" : source);
      }
    }
  }

  std::string shown_;
  std::vector<PlacedValue>& list_;
};

const PlacedValue* find_path(const std::vector<PlacedValue>& values, const std::string& path) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const PlacedValue& value) { return value.path == path; });
  return found == values.end() ? nullptr : &*found;
}

std::string joined(const std::string& place, const std::string& source) {
  return source.empty() ? place : place + ": " + source;
}

bool same_number(const std::string& text, double value) {
  const std::optional<double> number = units::parse_number(text);
  return number && *number == value;
}

}  // namespace

std::vector<PlacedValue> placed_values(const fs::path& file, const std::string& shown) {
  std::vector<PlacedValue> list;
  Collector(shown, list).collect(tree_of(file, shown), "", "");
  return list;
}

RunSources::RunSources(FigureGraph& graph, const RunResult& result, const Catalogue& catalogue,
                       std::string prefix)
    : graph_(graph), result_(result), catalogue_(catalogue), prefix_(std::move(prefix)) {
  const Scenario& scenario = result.scenario;
  const auto placed = [&](const fs::path& file) {
    return file.empty() ? std::vector<PlacedValue>{} : placed_values(file, catalogue.shown(file));
  };
  stated_ = placed(scenario.file);
  of_device_ = placed(scenario.device_file);
  const Catalogue::Lookup framework =
      catalogue.find_framework(scenario.engine.framework, scenario.file.parent_path());
  of_framework_ = placed(framework.file.value_or(fs::path{}));

  std::vector<FigureGraph::Id> parts{gather_scenario()};
  if (scenario.workload.trace) {
    parts.push_back(graph_.add({.key = prefix_ + "run.trace",
                                .meaning = "the trace that is replayed",
                                .text = catalogue_.shown(*scenario.workload.trace),
                                .source = input_text(*scenario.workload.trace)}));
  }
  parts.push_back(
      graph_.add({.key = prefix_ + "run.seed",
                  .meaning = "the seed of everything that is drawn",
                  .value = static_cast<double>(scenario.seed),
                  .text = std::to_string(scenario.seed),
                  .source = find_path(stated_, "seed") != nullptr ? find_path(stated_, "seed")->place
                                                                  : "default of mtok"}));
  network_ =
      gather("network", result.architecture.name, placed(scenario.model_file), "shapes of the network");
  device_ = gather("device", result.device.name, of_device_, "data sheet of the device");
  framework_ = gather("framework", result.framework.name + " " + result.framework.version, of_framework_,
                      "profile of the serving framework");
  parts.insert(parts.end(), {network_, device_, gather_efficiency(), framework_});
  if (scenario.speculation && !scenario.speculation->draft_file.empty()) {
    parts.push_back(gather("draft", result.draft ? result.draft->architecture.name : "draft model",
                           placed(scenario.speculation->draft_file), "shapes of the draft model"));
  }
  if (scenario.disaggregation) {
    parts.push_back(gather("decode_device", "device of the decode pool",
                           placed(scenario.disaggregation->device_file), "data sheet of the device"));
  }
  std::int64_t steps = 0;
  for (const engine::ReplicaRecord& replica : result.run.replicas) {
    steps += replica.steps;
  }
  run_ = graph_.add({.key = prefix_ + "run",
                     .meaning = "the simulated run",
                     .rule = Rule::gathered,
                     .source = fmt::format("discrete-event simulation, a function of the inputs below: {} "
                                           "requests in {} steps on {} replicas; {}",
                                           result.run.totals.offered, steps, result.run.replicas.size(),
                                           input_text(scenario.file))},
                    parts);
}

std::string RunSources::input_text(const fs::path& file) const {
  const std::string shown = file.empty() ? "" : catalogue_.shown(file);
  for (const InputFile& input : result_.inputs) {
    if (!shown.empty() && input.path == shown) {
      return shown + " sha256 " + input.sha256;
    }
  }
  return shown.empty() ? "scenario made in memory" : shown;
}

FigureGraph::Id RunSources::gather(const std::string& name, const std::string& meaning,
                                   const std::vector<PlacedValue>& values, const std::string& otherwise) {
  std::vector<FigureGraph::Id> parts;
  for (const PlacedValue& value : values) {
    parts.push_back(graph_.add({.key = prefix_ + "run." + name + "." + value.path,
                                .meaning = value.path,
                                .value = units::parse_number(value.text),
                                .text = value.text,
                                .source = joined(value.place, value.source)}));
  }
  if (parts.empty()) {
    parts.push_back(graph_.add({.key = prefix_ + "run." + name + ".name",
                                .meaning = otherwise,
                                .text = meaning,
                                .source = otherwise + ", given in memory"}));
  }
  return graph_.add({.key = prefix_ + "run." + name, .meaning = meaning, .rule = Rule::gathered}, parts);
}

/// What the file states, then every default that is in force.
FigureGraph::Id RunSources::gather_scenario() {
  std::vector<FigureGraph::Id> parts;
  for (const PlacedValue& value : stated_) {
    parts.push_back(graph_.add({.key = prefix_ + "run.scenario." + value.path,
                                .meaning = value.path,
                                .value = units::parse_number(value.text),
                                .text = value.text,
                                .source = value.place}));
  }
  for (std::size_t i = 0; i < result_.assumptions.size(); ++i) {
    const Assumption& item = result_.assumptions[i];
    parts.push_back(graph_.add({.key = fmt::format("{}run.assumption.{}.{}", prefix_, i, item.key),
                                .meaning = item.key + ", not stated by the scenario",
                                .value = units::parse_number(item.value),
                                .text = item.value,
                                .source = item.source,
                                .date = item.date}));
  }
  return graph_.add({.key = prefix_ + "run.scenario",
                     .meaning = result_.scenario.name + ": what it states, and what is assumed",
                     .rule = Rule::gathered},
                    parts);
}

/// The block of the device's kind and architecture; a profile may override single values of it.
FigureGraph::Id RunSources::gather_efficiency() {
  const fs::path file = catalogue_.root() / "hwprofiles/efficiency.yaml";
  const auto kind_of = [&] {
    switch (result_.device.kind) {
      case hardware::DeviceKind::gpu:
        return "gpu";
      case hardware::DeviceKind::tpu:
        return "tpu";
      case hardware::DeviceKind::cpu:
        break;
    }
    return "cpu";
  };
  const auto within = [&](const std::vector<PlacedValue>& all, const std::string& block) {
    std::vector<PlacedValue> list;
    for (PlacedValue value : all) {
      if (value.path.starts_with(block + ".")) {
        value.path = value.path.substr(block.size() + 1);
        list.push_back(std::move(value));
      }
    }
    return list;
  };
  const std::vector<PlacedValue> all = placed_values(file, catalogue_.shown(file));
  const std::string kind = kind_of();
  std::vector<PlacedValue> own = within(all, kind + "." + result_.device.architecture);
  if (own.empty()) {
    own = within(all, kind + ".other");
  }
  const auto overridden = [&](const PlacedValue& value) {
    return find_path(of_device_, "efficiency." + value.path) != nullptr ||
           find_path(of_device_, "fitted." + value.path) != nullptr;
  };
  own.erase(std::remove_if(own.begin(), own.end(), overridden), own.end());
  return gather("efficiency", "achievable shares of " + result_.device.architecture, own,
                "achievable shares of the generation");
}

bool RunSources::states(const std::string& path) const {
  return find_path(stated_, path) != nullptr;
}

FigureGraph::Id RunSources::setting(const std::string& key, const std::string& path, double value,
                                    const std::string& unit) {
  if (graph_.has(prefix_ + key)) {
    return graph_.find(prefix_ + key);
  }
  Figure figure{
      .key = prefix_ + key, .meaning = path, .value = value, .unit = unit, .text = units::shortest(value)};
  const PlacedValue* const stated = find_path(stated_, path);
  const auto assumed = std::find_if(
      result_.assumptions.begin(), result_.assumptions.end(),
      [&](const Assumption& item) { return item.key == path && same_number(item.value, value); });
  if (stated != nullptr && same_number(stated->text, value)) {
    figure.source = stated->place;
  } else if (assumed != result_.assumptions.end()) {
    figure.source = assumed->source;
    figure.date = assumed->date;
  } else {
    figure.source = stated != nullptr ? "chosen by mtok; " + stated->place + " says " + stated->text
                                      : "default of mtok, or chosen by who made the scenario";
  }
  return graph_.add(std::move(figure));
}

FigureGraph::Id RunSources::of_device(const std::string& key, const std::string& path, double value,
                                      const std::string& unit) {
  const PlacedValue* const stated = find_path(of_device_, path);
  return graph_.add({.key = prefix_ + key,
                     .meaning = path + " of " + result_.device.name,
                     .value = value,
                     .unit = unit,
                     .text = stated != nullptr ? stated->text : units::shortest(value),
                     .source = stated != nullptr ? joined(stated->place, stated->source)
                                                 : "profile of " + result_.device.name,
                     .date = result_.device.released});
}

FigureGraph::Id RunSources::of_framework(const std::string& key, const std::string& path, double value,
                                         const std::string& unit) {
  const PlacedValue* const stated = find_path(of_framework_, path);
  return graph_.add({.key = prefix_ + key,
                     .meaning = path + " of " + result_.framework.name,
                     .value = value,
                     .unit = unit,
                     .text = stated != nullptr ? stated->text : units::shortest(value),
                     .source = stated != nullptr ? joined(stated->place, stated->source)
                                                 : "profile of " + result_.framework.name});
}

std::string RunSources::offer_text(const cost::Price& price) {
  std::string source = price.provider + " " + price.offer;
  for (const std::string& part : {price.region, std::string(cost::name_of(price.tier)), price.source}) {
    source += part.empty() ? "" : ", " + part;
  }
  return source;
}

FigureGraph::Id RunSources::price(const std::string& key, const cost::Price& price) {
  std::string source = offer_text(price);
  if (const PlacedValue* const stated = find_path(stated_, "prices.usd_per_device_hour");
      stated != nullptr && price.provider == "scenario") {
    source = stated->place;
  }
  const double usd = (price.per_device * Seconds(3600)).base();
  return graph_.add({.key = prefix_ + key,
                     .meaning = "price of one " + price.device + " for an hour",
                     .value = usd,
                     .unit = "USD/h",
                     .text = units::shortest(usd),
                     .source = source,
                     .date = price.as_of});
}

}  // namespace mtok::planner
