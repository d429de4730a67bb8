// Searches a plan: screening, then full simulation, the cheapest prospects first.
#include "sim/planner/plan.hpp"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "sim/config/sha256.hpp"
#include "sim/planner/parallel.hpp"
#include "sim/planner/rows.hpp"
#include "sim/planner/screen.hpp"
#include "sim/planner/sizing.hpp"

namespace mtok::planner {
namespace {

/// Candidates between two looks at what is still worth simulating: a number of its own, so that the result
/// does not depend on the number of threads.
constexpr std::size_t kWave = 32;

/// A candidate with all that was found out about it.
struct Entry {
  Scenario scenario{};
  PlanRow row{};
  RunResult evidence{};  ///< inputs, assumptions and warnings only
};

/// Reads the workload once, so that no simulation opens a file for it.
class DemandReader {
 public:
  DemandReader(const Plan& plan, const PlanOptions& options) {
    Scenario scenario{.workload = plan.workload, .seed = plan.seed};
    const std::unique_ptr<workload::RequestSource> source = open_workload(scenario);
    std::vector<workload::Request> requests;
    for (workload::Request request; source->next(request);) {
      requests.push_back(std::move(request));
    }
    hash_block_size_ = source->hash_block_size();
    skipped_ = source->skipped();
    if (options.requests_per_s && !requests.empty() && requests.back().arrival_ns > 0) {
      const double now =
          static_cast<double>(requests.size()) / (static_cast<double>(requests.back().arrival_ns) * 1e-9);
      for (workload::Request& request : requests) {
        request.arrival_ns = static_cast<std::int64_t>(static_cast<double>(request.arrival_ns) * now /
                                                       *options.requests_per_s);
      }
    }
    if (plan.workload.load.kind == engine::Load::Kind::open && !requests.empty()) {
      demand_.last_arrival = Seconds(static_cast<double>(requests.back().arrival_ns) * 1e-9);
    }
    requests_ = std::make_shared<const std::vector<workload::Request>>(std::move(requests));
    demand_.facts = look_through({.workload = choice(plan.workload)});
  }

  [[nodiscard]] const Demand& demand() const { return demand_; }
  [[nodiscard]] const workload::Skipped& skipped() const { return skipped_; }
  /// The same load, its requests in memory.
  [[nodiscard]] WorkloadChoice choice(const WorkloadChoice& from) const {
    return {.requests = requests_, .requests_hash_block_size = hash_block_size_, .load = from.load};
  }

 private:
  std::shared_ptr<const std::vector<workload::Request>> requests_{};
  std::int64_t hash_block_size_ = 0;
  workload::Skipped skipped_{};
  Demand demand_{};
};

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
        catalogue_(catalogue),
        options_(options),
        progress_(progress),
        demand_(plan, options),
        scores_(catalogue.quality()) {
    for (const Scenario& candidate : plan.candidates) {
      Entry& entry = entries_.emplace_back(Entry{.scenario = candidate});
      entry.scenario.workload = demand_.choice(plan.workload);
      entry.scenario.slo = promises();
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

  static void keep_evidence(Entry& entry, RunResult&& result) {
    entry.evidence = {.inputs = std::move(result.inputs),
                      .assumptions = std::move(result.assumptions),
                      .warnings = std::move(result.warnings)};
  }

  static void refuse(Entry& entry, std::string reason, std::string miss) {
    entry.row.row.feasible = false;
    entry.row.row.reason = std::move(reason);
    entry.row.nearest_miss = std::move(miss);
  }

  void screen_one(Entry& entry) {
    const Scenario& scenario = entry.scenario;
    const model::Architecture architecture = model::load_architecture(scenario.model_file);
    entry.row.row = {.name = scenario.name,
                     .model = architecture.name,
                     .device = scenario.device_file.stem().string(),
                     .devices = scenario.device_count,
                     .replicas = 1};
    entry.row.tier = scenario.prices.tier;
    entry.row.quality = quality_of(scores_, architecture.name, scenario.formats, plan_.quality.benchmark);
    if (const std::string obstacle = model::sharding_obstacle(architecture, scenario.sharding);
        !obstacle.empty()) {
      refuse(entry, obstacle, "");
      return;
    }
    if (!quality_passes(entry) || !priced(entry)) {
      return;
    }
    RunResult fitted = run(scenario, catalogue_, {}, {.simulate = false});
    entry.row.row = row_of(fitted);
    const Screened screened = screen(fitted, demand_.demand());
    entry.row.least_bill = screened.least_bill;
    refuse(entry, screened.obstacle, screened.nearest_miss);
    keep_evidence(entry, std::move(fitted));
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
    const Scenario& scenario = entry.scenario;
    const Catalogue::Lookup book =
        catalogue_.find_price_book(scenario.prices.book, scenario.file.parent_path());
    const std::string device = catalogue_.device(scenario.device_file).name;
    if (scenario.prices.per_device ||
        find_price(cost::PriceBook::load(*book.file), device, scenario.prices)) {
      return true;
    }
    refuse(entry,
           "book '" + scenario.prices.book + "' has no " + std::string(cost::name_of(scenario.prices.tier)) +
               " price for " + device,
           "");
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
    for (std::size_t from = 0; from < order.size(); from += kWave) {
      const std::size_t count = std::min(kWave, order.size() - from);
      const std::optional<Money> ceiling = nth_cheapest();
      for_each_in_parallel(count, [&](std::size_t i) { simulate_one(*order[from + i], ceiling); });
    }
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

  void simulate_one(Entry& entry, std::optional<Money> ceiling) {
    if (stopped()) {
      refuse(entry, "not simulated: the search was stopped", "");
      return;
    }
    if (ceiling && entry.row.least_bill > ceiling->usd()) {
      refuse(entry,
             "not simulated: its bill cannot be below that of the cheapest " + std::to_string(options_.top_n),
             "");
    } else {
      size(entry);
    }
    advance();
  }

  void size(Entry& entry) const {
    Sized sized = fewest_replicas(entry.scenario, catalogue_);
    const RunResult& result = sized.result;
    entry.row.row = row_of(result);
    entry.row.row.feasible = sized.feasible && result.metrics.slo_met;
    entry.row.row.reason = entry.row.row.feasible ? "" : sized.reason;
    entry.row.nearest_miss = nearest_miss(result);
    entry.row.simulated = true;
    entry.row.per_token = result.bill.per_token;
    const std::int64_t tokens = result.metrics.input_tokens + result.metrics.output_tokens;
    if (tokens > 0) {
      entry.row.energy_per_token = result.run.energy() / static_cast<double>(tokens);
    }
    keep_evidence(entry, std::move(sized.result));
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
    PlanResult result{.name = plan_.name, .slo = promises(), .quality = plan_.quality, .cancelled = stopped_};
    result.inputs.push_back(
        {.path = catalogue_.shown(plan_.file), .sha256 = config::sha256_of_file(plan_.file)});
    if (plan_.workload.trace) {
      result.inputs.push_back({.path = catalogue_.shown(*plan_.workload.trace),
                               .sha256 = config::sha256_of_file(*plan_.workload.trace)});
    }
    if (demand_.skipped().failed > 0) {
      result.warnings.push_back(
          std::to_string(demand_.skipped().failed) +
          " rows of the trace have no output tokens (failed requests) and were left out");
    }
    for (Entry& entry : entries_) {
      merge_evidence(result.inputs, result.assumptions, result.warnings, entry.evidence);
      result.rows.push_back(std::move(entry.row));
    }
    rank(result.rows);
    mark_front(result.rows);
    return result;
  }

  static void rank(std::vector<PlanRow>& rows) {
    const auto key = [](const PlanRow& row) {
      const Money total = row.row.feasible ? *row.row.total : Money{};
      return std::tuple(!row.row.feasible, total, !row.simulated, row.least_bill, row.row.name);
    };
    std::sort(rows.begin(), rows.end(), [&](const PlanRow& a, const PlanRow& b) { return key(a) < key(b); });
  }

  const Plan& plan_;
  const Catalogue& catalogue_;
  const PlanOptions& options_;
  const Progress& progress_;
  DemandReader demand_;
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
