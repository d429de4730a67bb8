// Searches a plan: screening, then full simulation, the cheapest prospects first.
#include "sim/planner/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "sim/planner/compiled_deployment.hpp"
#include "sim/planner/parallel.hpp"
#include "sim/planner/plan_demand.hpp"
#include "sim/planner/pricing.hpp"
#include "sim/planner/rows.hpp"
#include "sim/planner/screen.hpp"
#include "sim/planner/sizing.hpp"

namespace mtok::planner {
namespace {

/// Candidates between two looks at what is still worth simulating: a number of its own, so that the result
/// does not depend on the number of threads.
constexpr std::size_t kWave = 64;

/// A candidate with all that was found out about it.
struct Entry {
  Candidate candidate{};
  PlanRow row{};
  RunResult evidence{};  ///< inputs, assumptions and warnings only
};

/// Candidates of one key have the same step times.
std::string deployment_key(const Scenario& scenario) {
  const kernel::Formats& formats = scenario.formats;
  const model::Sharding& ranks = scenario.sharding;
  return fmt::format("{}|{}|{}|{}/{}/{}|{}/{}/{}/{}|{}", scenario.model_file.string(),
                     scenario.device_file.string(), scenario.engine.framework,
                     kernel::name_of(formats.weights), kernel::name_of(formats.activations),
                     kernel::name_of(formats.kv_cache), ranks.tensor, ranks.pipeline, ranks.expert,
                     ranks.data, scenario.engine.moe_routing_skew.value_or(-1));
}

/// Of candidates with the same step times: are their runs the same as well? A fleet that changes, drafts, and
/// another rule of allocation have a run of their own each.
bool same_but_for_prices(const Candidate& a, const Candidate& b) {
  const auto plain = [](const Scenario& scenario) {
    return !scenario.autoscaler && !scenario.failures && !scenario.speculation;
  };
  return plain(a.scenario) && plain(b.scenario) && a.scenario.engine == b.scenario.engine &&
         a.scenario.router == b.scenario.router && a.replicas == b.replicas &&
         a.scenario.prices.allocation.method == b.scenario.prices.allocation.method;
}

/// Published numbers only: the score, times what the formats keep of it where that is published.
std::optional<double> quality_of(const cost::QualityTable& table, const std::string& model,
                                 const kernel::Formats& formats, const std::string& benchmark) {
  const std::optional<cost::Score> score = table.score(model, benchmark);
  if (!score) {
    return std::nullopt;
  }
  const std::optional<cost::Recovery> recovery = table.recovery(model, formats);
  return recovery ? score->value * recovery->percent / 100 : score->value;
}

class PlanSearch {
 public:
  PlanSearch(const Plan& plan, const Catalogue& catalogue, const PlanOptions& options,
             const Progress& progress)
      : plan_(plan),
        catalogue_(catalogue.keeping()),
        options_(options),
        progress_(progress),
        demand_(read_demand(plan, options)),
        scores_(catalogue.quality()) {
    for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
      if (static_cast<std::int64_t>(i) % options.shard.of != options.shard.index) {
        continue;
      }
      Entry& entry = entries_.emplace_back(Entry{.candidate = plan.candidates[i]});
      entry.candidate.scenario.workload = demand_.workload;
      entry.candidate.scenario.slo = promises();
    }
  }

  PlanResult search() {
    for_each_in_parallel(entries_.size(), [this](std::size_t i) { screen_one(entries_[i]); });
    simulate_survivors();
    return compose();
  }

 private:
  [[nodiscard]] engine::Slo promises() const {
    engine::Slo slo = plan_.slo;
    slo.ttft_p99 = options_.ttft ? options_.ttft : slo.ttft_p99;
    slo.tpot_p99 = options_.tpot ? options_.tpot : slo.tpot_p99;
    return slo;
  }

  static void refuse(Entry& entry, std::string reason, std::string miss) {
    entry.row.row.feasible = false;
    entry.row.row.reason = std::move(reason);
    entry.row.nearest_miss = std::move(miss);
  }

  void screen_one(Entry& entry) {
    const Scenario& scenario = entry.candidate.scenario;
    const model::Architecture architecture = catalogue_.model(scenario.model_file);
    entry.row.row = {.name = scenario.name,
                     .model = architecture.name,
                     .device = scenario.device_file.stem().string(),
                     .devices = scenario.device_count,
                     .replicas = 1};
    entry.row.tier = scenario.prices.tier;
    entry.row.quality = quality_of(scores_, architecture.name, scenario.formats, plan_.quality.benchmark);
    if (scenario.disaggregation || !scenario.models.empty()) {
      refuse(entry, "a plan searches fleets of one model and one pool", "");
      return;
    }
    if (const std::string obstacle = model::sharding_obstacle(architecture, scenario.sharding);
        !obstacle.empty()) {
      refuse(entry, obstacle, "");
      return;
    }
    if (!entry.candidate.obstacle.empty()) {
      refuse(entry, entry.candidate.obstacle, "");
      return;
    }
    if (!quality_passes(entry) || !priced(entry)) {
      return;
    }
    const PreparedRun prepared(scenario, catalogue_);
    const RunResult& loaded = prepared.loaded();
    entry.row.row = row_of(loaded);
    Screened screened = screen(loaded, demand_.demand);
    entry.row.least_bill = screened.least_bill;
    refuse(entry, std::move(screened.obstacle), std::move(screened.nearest_miss));
    entry.evidence = {
        .inputs = loaded.inputs, .assumptions = loaded.assumptions, .warnings = loaded.warnings};
  }

  bool quality_passes(Entry& entry) const {
    const QualityRule& rule = plan_.quality;
    if (!rule.least) {
      return true;
    }
    if (!entry.row.quality) {
      refuse(entry, "no published " + rule.benchmark + " score of " + entry.row.row.model, "");
      return false;
    }
    if (*entry.row.quality < *rule.least) {
      refuse(entry,
             rule.benchmark + " " + units::fixed(*entry.row.quality, 1) + " below " +
                 units::fixed(*rule.least, 1),
             "misses " + rule.benchmark + " by " + units::fixed(*rule.least - *entry.row.quality, 1));
      return false;
    }
    return true;
  }

  bool priced(Entry& entry) const {
    const std::string obstacle = price_obstacle(entry.candidate.scenario, catalogue_);
    if (obstacle.empty()) {
      return true;
    }
    refuse(entry, obstacle, "");
    return false;
  }

  void simulate_survivors() {
    std::vector<Entry*> order;
    for (Entry& entry : entries_) {
      if (entry.row.row.reason.empty()) {
        order.push_back(&entry);
      }
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const Entry* a, const Entry* b) { return a->row.least_bill < b->row.least_bill; });
    expected_ = static_cast<std::int64_t>(order.size());
    const std::size_t wave = options_.top_n > 0 ? kWave : std::max<std::size_t>(1, order.size());
    for (std::size_t from = 0; from < order.size(); from += wave) {
      simulate_wave({order.begin() + static_cast<std::ptrdiff_t>(from),
                     order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), from + wave))});
    }
  }

  /// Deployments with the same step times follow each other in one thread and share them.
  void simulate_wave(const std::vector<Entry*>& wave) {
    const std::optional<Money> ceiling = nth_cheapest();
    std::map<std::string, std::size_t> place;
    std::vector<std::vector<Entry*>> groups;
    for (Entry* entry : wave) {
      const auto [found, fresh] = place.emplace(deployment_key(entry->candidate.scenario), groups.size());
      if (fresh) {
        groups.emplace_back();
      }
      groups[found->second].push_back(entry);
    }
    for_each_in_parallel(groups.size(), [&](std::size_t i) { simulate_group(groups[i], ceiling); });
  }

  /// The bill of the last of the top n; absent while there are fewer, or when all are wanted.
  [[nodiscard]] std::optional<Money> nth_cheapest() const {
    std::vector<Money> bills;
    for (const Entry& entry : entries_) {
      if (entry.row.row.feasible) {
        bills.push_back(*entry.row.row.total);
      }
    }
    const auto n = static_cast<std::size_t>(options_.top_n);
    if (n == 0 || bills.size() < n) {
      return std::nullopt;
    }
    std::sort(bills.begin(), bills.end());
    return bills[n - 1];
  }

  void simulate_group(const std::vector<Entry*>& group, std::optional<Money> ceiling) {
    std::shared_ptr<CompiledDeployment> compiled;
    const Entry* last = nullptr;  // whose simulation is at hand
    Sized sized;
    for (Entry* entry : group) {
      if (stopped()) {
        refuse(*entry, "not simulated: the search was stopped", "");
      } else if (ceiling && entry->row.least_bill > ceiling->usd()) {
        refuse(
            *entry,
            "not simulated: its bill cannot be below that of the cheapest " + std::to_string(options_.top_n),
            "");
      } else if (const auto known = options_.known.find(key_of(*entry)); known != options_.known.end()) {
        take(*entry, known->second);
      } else {
        PreparedRun prepared(entry->candidate.scenario, catalogue_, compiled);
        compiled = prepared.compiled();
        const Screened screened = screen_by_step_times(prepared);
        if (!screened.obstacle.empty()) {
          refuse(*entry, screened.obstacle, screened.nearest_miss);
          keep(*entry, {});
        } else {
          if (last != nullptr && same_but_for_prices(last->candidate, entry->candidate)) {
            sized.result = prepared.priced(sized.result);
            sized.replays = 0;
          } else {
            sized = entry->candidate.replicas ? with_replicas(prepared, *entry->candidate.replicas)
                                              : fewest_replicas(prepared);
          }
          last = entry;
          note(*entry, sized);
        }
      }
      advance();
    }
  }

  void note(Entry& entry, const Sized& sized) {
    const RunResult& result = sized.result;
    PlanRow& row = entry.row;
    row.row = row_of(result);
    row.row.feasible = sized.feasible && result.metrics.slo_met;
    row.row.reason = row.row.feasible ? "" : sized.reason;
    row.nearest_miss = nearest_miss(result);
    row.simulated = true;
    row.replays = sized.replays;
    row.per_token = result.bill.per_token;
    const std::int64_t tokens = result.metrics.input_tokens + result.metrics.output_tokens;
    if (tokens > 0) {
      row.energy_per_token = result.run.energy() / static_cast<double>(tokens);
    }
    entry.evidence.warnings = result.warnings;
    keep(entry, result.warnings);
  }

  /// Names all that the outcome of a candidate depends on.
  [[nodiscard]] std::string key_of(const Entry& entry) const {
    std::string key = entry.candidate.scenario.name + "|" + demand_.digest;
    for (const InputFile& input : entry.evidence.inputs) {
      key += "|" + input.path + ":" + input.sha256;
    }
    return key;
  }

  void keep(const Entry& entry, const std::vector<std::string>& warnings) {
    if (!options_.keep) {
      return;
    }
    const PlanRow& row = entry.row;
    const PlanRecord record{.key = key_of(entry),
                            .row = row.row,
                            .nearest_miss = row.nearest_miss,
                            .per_token = row.per_token,
                            .energy_per_token = row.energy_per_token,
                            .simulated = row.simulated,
                            .replays = row.replays,
                            .warnings = warnings};
    const std::lock_guard lock(mutex_);
    options_.keep(record);
  }

  static void take(Entry& entry, const PlanRecord& record) {
    entry.row.row = record.row;
    entry.row.nearest_miss = record.nearest_miss;
    entry.row.per_token = record.per_token;
    entry.row.energy_per_token = record.energy_per_token;
    entry.row.simulated = record.simulated;
    entry.row.replays = record.replays;
    if (record.simulated) {
      entry.evidence.warnings = record.warnings;
    }
  }

  bool stopped() {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }

  void advance() {
    const std::lock_guard lock(mutex_);
    done_ += 1;
    stopped_ = stopped_ || (progress_ && !progress_(done_, expected_));
  }

  PlanResult compose() {
    PlanResult result{.name = plan_.name,
                      .slo = promises(),
                      .quality = plan_.quality,
                      .demand = demand_.demand.facts,
                      .cancelled = stopped_};
    if (!plan_.file.empty()) {
      result.inputs.push_back(
          {.path = catalogue_.shown(plan_.file), .sha256 = catalogue_.digest(plan_.file)});
    }
    if (plan_.workload.trace) {
      result.inputs.push_back({.path = catalogue_.shown(*plan_.workload.trace),
                               .sha256 = catalogue_.digest(*plan_.workload.trace)});
    }
    if (demand_.skipped.failed > 0) {
      result.warnings.push_back(
          std::to_string(demand_.skipped.failed) +
          " rows of the trace have no output tokens (failed requests) and were left out");
    }
    for (Entry& entry : entries_) {
      merge_evidence(result.inputs, result.assumptions, result.warnings, entry.evidence);
      entry.row.deployment = std::move(entry.candidate.scenario);
      entry.row.deployment.workload = {};
      entry.row.deployment.replicas = entry.row.row.replicas;
      result.rows.push_back(std::move(entry.row));
    }
    rank(result.rows);
    mark_front(result.rows);
    find_fixes(result.rows);
    if (plan_.buy || options_.buy) {
      result.offers = offers_for({.models = plan_.buy.value_or(std::vector<std::string>{}),
                                  .benchmark = plan_.quality.benchmark,
                                  .demand = demand_.demand.facts,
                                  .batch = demand_.workload.load.kind == engine::Load::Kind::offline},
                                 result.rows, catalogue_.api_prices(), scores_);
      const std::filesystem::path list = catalogue_.root() / "models/api_prices.yaml";
      result.inputs.push_back({.path = catalogue_.shown(list), .sha256 = catalogue_.digest(list)});
    }
    grow(result);
    return result;
  }

  void grow(PlanResult& result) const {
    const bool open = demand_.workload.load.kind == engine::Load::Kind::open;
    if (!plan_.growth || !open || stopped_ || result.rows.empty() || !result.rows.front().row.feasible) {
      return;
    }
    for (const PlanRow& row : result.rows) {
      if (!row.row.feasible || result.horizon.size() == kHorizonRows) {
        break;
      }
      Scenario deployment = row.deployment;
      deployment.workload = demand_.workload;
      result.horizon.push_back(fleet_by_month(deployment, *plan_.growth, catalogue_));
    }
    result.months = result.horizon.front().months;
    std::stable_sort(result.horizon.begin(), result.horizon.end(),
                     [](const PlanHorizon& a, const PlanHorizon& b) {
                       return std::tuple(!a.feasible, a.total) < std::tuple(!b.feasible, b.total);
                     });
  }

  static void rank(std::vector<PlanRow>& rows) {
    const auto key = [](const PlanRow& row) {
      const Money total = row.row.feasible ? *row.row.total : Money{};
      return std::tuple(!row.row.feasible, total, !row.simulated, row.least_bill, row.row.name);
    };
    std::sort(rows.begin(), rows.end(), [&](const PlanRow& a, const PlanRow& b) { return key(a) < key(b); });
  }

  const Plan& plan_;
  const Catalogue catalogue_;
  const PlanOptions& options_;
  const Progress& progress_;
  const PlanDemand demand_;
  cost::QualityTable scores_;
  std::vector<Entry> entries_{};
  std::mutex mutex_{};
  std::int64_t done_ = 0;
  std::int64_t expected_ = 0;
  bool stopped_ = false;
};

}  // namespace

PlanResult search(const Plan& plan, const Catalogue& catalogue, const PlanOptions& options,
                  const Progress& progress) {
  return PlanSearch(plan, catalogue, options, progress).search();
}

}  // namespace mtok::planner
