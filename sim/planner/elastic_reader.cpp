// Reads an autoscaler and failures, and checks that they fit the fleet.
#include "sim/planner/elastic_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mtok::planner {
namespace {

using config::Reader;

constexpr config::IntRange kReplicas{.least = 1, .most = 100'000};
constexpr config::Range kSeconds{.least = 1e-3, .most = 1e9};
constexpr config::Range kDelay{.least = 0, .most = 1e9};
constexpr config::Range kHours{.least = 1e-6, .most = 1e12};

Seconds hours(double count) {
  return Seconds(count * 3600);
}

engine::Autoscaler read_autoscaler(Reader& reader, std::vector<Assumption>& defaults) {
  engine::Autoscaler scaler;
  scaler.min_replicas = reader.integer_or("min_replicas", 1, {.least = 0, .most = kReplicas.most});
  scaler.max_replicas = reader.integer("max_replicas", kReplicas);
  if (reader.has("target_utilization") == reader.has("target_queue")) {
    reader.ignore("target_utilization");
    reader.ignore("target_queue");
    reader.fail(
        "max_replicas", "give either 'target_utilization' or 'target_queue'",
        "target_utilization: requests as a share of max_num_seqs; target_queue: waiting requests a replica");
  } else if (reader.has("target_utilization")) {
    scaler.target_utilization = reader.number("target_utilization", {.least = 1e-3, .most = 100});
  } else {
    scaler.target_queue = reader.number("target_queue", {.least = 1e-3, .most = 1e6});
  }
  const auto with_default = [&](const char* key, Seconds& value, config::Range range, const char* source) {
    if (reader.has(key)) {
      value = Seconds(reader.number(key, range));
    } else {
      defaults.push_back(
          {fmt::format("fleet.autoscaler.{}", key), units::shortest(value.base()), source, ""});
    }
  };
  with_default("scrape_interval_s", scaler.scrape_interval, kSeconds,
               "Kubernetes, horizontal-pod-autoscaler-sync-period");
  with_default("cooldown_s", scaler.cooldown, kDelay,
               "Kubernetes, stabilizationWindowSeconds of scaling down");
  scaler.provisioning_delay = Seconds(reader.number("provisioning_delay_s", kDelay));
  if (scaler.max_replicas < scaler.min_replicas) {
    reader.fail("max_replicas",
                fmt::format("{} is less than min_replicas {}", scaler.max_replicas, scaler.min_replicas));
  }
  reader.done();
  return scaler;
}

engine::Failures read_failures(Reader& reader) {
  engine::Failures failures;
  failures.mtbf = hours(reader.number("mtbf_h", kHours));
  if (reader.has("mttr_h") == reader.has("repair_s")) {
    reader.ignore("mttr_h");
    reader.ignore("repair_s");
    reader.fail("mtbf_h", "give either 'mttr_h' or 'repair_s'", "how long a broken replica is away");
  } else if (reader.has("mttr_h")) {
    failures.mttr = hours(reader.number("mttr_h", {.least = 0, .most = 1e5}));
  } else {
    failures.mttr = Seconds(reader.number("repair_s", kDelay));
  }
  failures.spares = reader.integer_or("spares", 0, {.least = 0, .most = 1000});
  reader.done();
  return failures;
}

}  // namespace

void read_elastic(Reader& fleet, Scenario& scenario) {
  if (std::optional<Reader> reader = fleet.find_mapping("autoscaler")) {
    scenario.autoscaler = read_autoscaler(*reader, scenario.defaults);
  }
  if (std::optional<Reader> reader = fleet.find_mapping("failures")) {
    scenario.failures = read_failures(*reader);
  }
  const std::optional<engine::Autoscaler>& scaler = scenario.autoscaler;
  const std::int64_t fewest = scaler ? std::max<std::int64_t>(1, scaler->min_replicas) : 1;
  scenario.replicas = fleet.integer_or("replicas", fewest, kReplicas);
  const bool outside =
      scaler && (scenario.replicas < scaler->min_replicas || scenario.replicas > scaler->max_replicas);
  if (outside && fleet.ok()) {
    fleet.fail("replicas", fmt::format("{} replicas at the start are not within {} to {} of the autoscaler",
                                       scenario.replicas, scaler->min_replicas, scaler->max_replicas));
  }
}

}  // namespace mtok::planner
