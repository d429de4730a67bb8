// The ladder: from a naive baseline one technique after the other, each fleet sized anew.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <mutex>
#include <optional>

#include "sim/planner/alternatives.hpp"
#include "sim/planner/ladder.hpp"
#include "sim/planner/pricing.hpp"
#include "sim/planner/rows.hpp"
#include "sim/planner/sizing.hpp"
#include "sim/planner/techniques.hpp"

namespace mtok::planner {
namespace {

/// What one rung runs: a pool, and perhaps a second one for the easy share.
struct Fleet {
  Scenario main{};
  std::optional<Scenario> small{};
  bool drafts = false;  ///< where they are known for the network
};

constexpr std::string_view kBatching = "batching";
constexpr std::string_view kStudent = "student";
constexpr std::array<std::string_view, 9> kKeys{kBatching,      "weights",     "kv_cache",
                                                "prefix_cache", "speculation", "moe",
                                                "small_model",  kStudent,      "hardware"};

/// One technique: how it changes a fleet, or why it cannot.
struct LadderTechnique {
  std::string_view key{};
  std::string name{};
  std::function<std::string(Fleet&)> apply{};  ///< returns what changed
  std::string impossible{};
};

/// A rung, or a technique by itself, ready to be sized and then sized.
struct Job {
  std::string_view key{};  ///< of its technique
  std::string name{};
  std::string change{};
  std::string impossible{};
  Fleet fleet{};
  std::vector<Sized> pools{};
};

class Ladder {
 public:
  Ladder(const Scenario& scenario, const Catalogue& catalogue, const std::vector<std::string>& order)
      : scenario_(scenario),
        catalogue_(catalogue),
        alternatives_(AlternativeTable::load(catalogue.root() / "models/alternatives.yaml")),
        device_(catalogue.device(scenario.device_file)),
        stand_ins_(alternatives_.of_model(model::load_architecture(scenario.model_file).name)) {
    scenario_.models.clear();  // a rung brings its own
    scenario_.distillation.reset();
    promise();
    list_techniques();
    put_in(order);
  }

  Comparison climb(const Progress& progress) {
    std::vector<Job> jobs = rungs();
    const std::size_t rung_count = jobs.size();
    add_alone(jobs);
    size_all(jobs, progress);
    return compose(jobs, rung_count);
  }

 private:
  /// Without a promise no fleet is too small; the ladder then takes these.
  void promise() {
    constexpr double kTtft = 5;
    constexpr double kTpot = 0.1;
    engine::Slo& slo = scenario_.slo;
    if (!slo.ttft_p99 && !slo.tpot_p99 && !slo.e2e_p99) {
      slo = {.ttft_p99 = Seconds(kTtft), .tpot_p99 = Seconds(kTpot)};
      scenario_.defaults.push_back(
          {"slo", "ttft_p99_ms 5000, tpot_p99_ms 100", "default of mtok ladder", ""});
    }
  }

  void list_techniques() {
    techniques_.push_back(
        {.key = kBatching, .name = "continuous batching", .apply = [this](Fleet& fleet) {
           each(fleet, [this](Scenario& s) { s.engine.max_num_seqs = scenario_.engine.max_num_seqs; });
           return std::string("max_num_seqs as in the scenario");
         }});
    add_switch("weights", "8-bit weights and activations");
    if (published_narrow()) {
      techniques_.back().impossible =
          stand_ins_.model + " is published in " + std::string(kernel::name_of(scenario_.formats.weights));
    }
    add_switch("kv_cache", "8-bit KV cache");
    add_switch("prefix_cache", "prefix cache");
    techniques_.back().impossible = prefix_cache_obstacle(scenario_);
    add_speculation();
    add_models();
    add_hardware();
  }

  /// What the scenario states for its own network, else what was measured for the network by others.
  [[nodiscard]] std::optional<SpeculationChoice> drafts_for(const Scenario& scenario) const {
    if (scenario.model_file == scenario_.model_file && scenario_.speculation) {
      return scenario_.speculation;
    }
    const std::optional<DraftAlternative> listed =
        alternatives_.of_model(model::load_architecture(scenario.model_file).name).draft;
    if (!listed) {
      return std::nullopt;
    }
    SpeculationChoice choice;
    if (!listed->model.empty()) {
      const Catalogue::Lookup found = catalogue_.find_model(listed->model, {});
      if (!found.file) {
        return std::nullopt;
      }
      choice.draft_file = *found.file;
    }
    choice.speculation.acceptance.assign(static_cast<std::size_t>(listed->tokens), listed->acceptance);
    return choice;
  }

  static std::string text_of(const SpeculationChoice& choice) {
    const std::string drafter = choice.draft_file.empty() ? "mtp" : choice.draft_file.stem().string();
    const std::int64_t tokens = choice.speculation.draft_tokens();
    return drafter + " drafts " + std::to_string(tokens) + (tokens == 1 ? " token, " : " tokens, ") +
           units::fixed(choice.speculation.tokens_per_step(), 2) + " a step expected";
  }

  void add_speculation() {
    LadderTechnique technique{.key = "speculation", .name = "speculative decoding"};
    const std::optional<SpeculationChoice> drafts = drafts_for(scenario_);
    technique.impossible = drafts ? draft_obstacle(*drafts, scenario_, catalogue_)
                                  : "no drafts of a measured acceptance are listed for " + stand_ins_.model +
                                        "; state speculative_config";
    technique.apply = [this](Fleet& fleet) {
      fleet.drafts = true;
      const std::optional<SpeculationChoice> chosen = drafts_for(fleet.main);
      return chosen ? text_of(*chosen) : "no drafts are listed for " + fleet.main.model_file.stem().string();
    };
    techniques_.push_back(std::move(technique));
  }

  /// Drafts follow the network: another one has its own, or none. A fleet of two models drafts for the first.
  void draft(Fleet& fleet) const {
    if (fleet.drafts) {
      fleet.main.speculation = drafts_for(fleet.main);
    }
    if (fleet.small) {
      fleet.small->speculation.reset();
    }
  }

  std::string put_on(const LadderTechnique& technique, Fleet& fleet) const {
    std::string change = technique.apply(fleet);
    draft(fleet);
    return change;
  }

  /// Keeps the techniques of `order` in that order; empty keeps all as they are.
  void put_in(const std::vector<std::string>& order) {
    if (order.empty()) {
      return;
    }
    std::vector<LadderTechnique> chosen;
    for (const std::string& key : order) {
      const auto found = std::find_if(techniques_.begin(), techniques_.end(),
                                      [&](const LadderTechnique& technique) { return technique.key == key; });
      assert(found != techniques_.end());
      chosen.push_back(*found);
    }
    techniques_ = std::move(chosen);
  }

  void add_switch(std::string_view key, const std::string& name) {
    const Technique& technique = deployment_technique(key);
    techniques_.push_back({.key = technique.key, .name = name, .apply = [this, &technique](Fleet& fleet) {
                             std::string change;
                             each(fleet, [&](Scenario& s) { change = technique.switch_on(s, catalogue_); });
                             return change;
                           }});
  }

  void add_models() {
    const LadderChoice& choice = scenario_.ladder;
    const auto listed = [](const std::optional<Alternative>& alternative) {
      return alternative ? std::optional(alternative->model) : std::nullopt;
    };
    add_model("moe", "Mixture of Experts", choice.moe_model ? choice.moe_model : listed(stand_ins_.moe),
              [](Fleet& fleet, const std::filesystem::path& file) { fleet.main.model_file = file; });
    const double share = choice.small_share.value_or(stand_ins_.small_share);
    add_model(
        "small_model", "small model for the easy share",
        choice.small_model ? choice.small_model : listed(stand_ins_.small),
        [share](Fleet& fleet, const std::filesystem::path& file) {
          fleet.small = fleet.main;
          fleet.small->model_file = file;
          fleet.main.workload.slice = {.from = 0, .to = 1 - share};
          fleet.small->workload.slice = {.from = 1 - share, .to = 1};
        },
        share);
    add_model(kStudent, "distilled student",
              choice.student_model ? choice.student_model : listed(stand_ins_.student),
              [this](Fleet& fleet, const std::filesystem::path& file) {
                fleet.small.reset();
                fleet.main.model_file = file;
                fleet.main.workload.slice = {};
                fleet.main.distillation = scenario_.ladder.distillation;
              });
  }

  template <class Apply>
  void add_model(std::string_view key, const std::string& name, const std::optional<std::string>& model,
                 Apply apply, double share = 1) {
    LadderTechnique technique{.key = key, .name = name};
    const std::filesystem::path folder = scenario_.file.parent_path();
    const Catalogue::Lookup found = model ? catalogue_.find_model(*model, folder) : Catalogue::Lookup{};
    if (!model) {
      technique.impossible = "no model for this rung is listed for " + stand_ins_.model;
    } else if (!found.file) {
      technique.impossible = found.problem;
    } else {
      const std::string part = share < 1 ? " for " + units::fixed(share * 100, 0) + " % of the requests" : "";
      technique.apply = [apply, file = *found.file, model, part](Fleet& fleet) {
        apply(fleet, file);
        return *model + part;
      };
    }
    techniques_.push_back(std::move(technique));
  }

  void add_hardware() {
    LadderTechnique technique{.key = "hardware", .name = "newer hardware"};
    const LadderChoice& choice = scenario_.ladder;
    const std::optional<std::string> device =
        choice.newer_device ? choice.newer_device : alternatives_.newer_device(device_.name);
    const Catalogue::Lookup found =
        device ? catalogue_.find_device(*device, scenario_.file.parent_path()) : Catalogue::Lookup{};
    if (!device || !found.file) {
      technique.impossible = device ? found.problem : "no newer device is listed for " + device_.name;
    } else {
      const auto move = [file = *found.file](Scenario& s) {
        s.device_file = file;
        s.prices.per_device.reset();  // a price of the scenario is that of its own device
        s.prices.purchase.reset();
      };
      Scenario moved = scenario_;
      move(moved);
      technique.impossible = price_obstacle(moved, catalogue_);
      technique.apply = [device, move](Fleet& fleet) {
        each(fleet, move);
        return *device;
      };
    }
    techniques_.push_back(std::move(technique));
  }

  template <class Change>
  static void each(Fleet& fleet, const Change& change) {
    change(fleet.main);
    if (fleet.small) {
      change(*fleet.small);
    }
  }

  /// Served in the fewer than 16 bits in which it is published: nobody would widen it to begin with.
  [[nodiscard]] bool published_narrow() const {
    const kernel::NumberFormat checkpoint = catalogue_.model(scenario_.model_file).checkpoint_format;
    return scenario_.formats.weights == checkpoint &&
           kernel::bytes_per_value(checkpoint) < kernel::bytes_per_value(kernel::NumberFormat::bf16);
  }

  [[nodiscard]] Fleet baseline() const {
    Fleet fleet{.main = scenario_};
    for (const Technique& technique : deployment_techniques()) {
      technique.switch_off(fleet.main);
    }
    fleet.main.speculation.reset();
    if (published_narrow()) {
      fleet.main.formats.weights = scenario_.formats.weights;
      fleet.main.formats.activations = scenario_.formats.activations;
    }
    return fleet;
  }

  [[nodiscard]] std::vector<Job> rungs() const {
    std::vector<Job> jobs;
    Fleet fleet = baseline();
    jobs.push_back(
        {.name = "naive",
         .change = std::string(kernel::name_of(fleet.main.formats.weights)) + ", one request at a time",
         .fleet = fleet});
    for (const LadderTechnique& technique : techniques_) {
      Job job{.key = technique.key, .name = technique.name, .impossible = technique.impossible};
      if (technique.impossible.empty()) {
        job.change = put_on(technique, fleet);
        job.fleet = fleet;
      }
      jobs.push_back(std::move(job));
    }
    return jobs;
  }

  /// The rung on which each technique is tried by itself: batching where it comes first, since without it
  /// little else pays, else the naive one.
  [[nodiscard]] std::size_t reference() const { return techniques_.front().key == kBatching ? 1 : 0; }

  /// Each technique by itself on top of the reference, for the interaction term.
  void add_alone(std::vector<Job>& jobs) const {
    const Fleet base = jobs[reference()].fleet;
    for (std::size_t i = reference(); i < techniques_.size(); ++i) {
      const LadderTechnique& technique = techniques_[i];
      Job job{.key = technique.key, .name = technique.name, .impossible = technique.impossible};
      if (technique.impossible.empty()) {
        job.fleet = base;
        job.change = put_on(technique, job.fleet);
      }
      jobs.push_back(std::move(job));
    }
  }

  void size_all(std::vector<Job>& jobs, const Progress& progress) const {
    std::atomic<std::int64_t> done = 0;
    std::atomic<bool> stopped = false;
    std::mutex reporting;
    tbb::parallel_for(std::size_t{0}, jobs.size(), [&](std::size_t i) {
      Job& job = jobs[i];
      if (stopped) {
        job.impossible = "stopped";
      }
      if (job.impossible.empty()) {
        job.pools.push_back(cheapest_fleet(job.fleet.main, catalogue_));
        if (job.fleet.small) {
          job.pools.push_back(cheapest_fleet(*job.fleet.small, catalogue_));
        }
      }
      const std::int64_t ended = ++done;
      if (progress) {
        const std::lock_guard lock(reporting);
        stopped = !progress(ended, static_cast<std::int64_t>(jobs.size())) || stopped;
      }
    });
  }

  static Row row_of_job(const Job& job) {
    Row row;
    if (!job.impossible.empty()) {
      row = {.reason = job.impossible, .quality = "unknown"};
    } else {
      std::vector<const RunResult*> pools;
      std::string reason;
      for (const Sized& pool : job.pools) {
        pools.push_back(&pool.result);
        reason = reason.empty() ? pool.reason : reason;
      }
      row = row_of(pools);
      row.feasible = row.feasible && reason.empty();
      row.reason = reason;
      for (const Sized& pool : job.pools) {
        row.pools.push_back(pool.result.scenario);
      }
    }
    row.name = job.name;
    row.change = job.change;
    return row;
  }

  [[nodiscard]] Comparison compose(const std::vector<Job>& jobs, std::size_t rung_count) const {
    Comparison comparison{.name = scenario_.name};
    const std::size_t first_alone = reference() + 1;  // rungs up to the reference have no job by themselves
    for (std::size_t i = 0; i < rung_count; ++i) {
      Row row = row_of_job(jobs[i]);
      set_marginal(row, comparison.rows);
      if (i >= first_alone) {
        const Row alone = row_of_job(jobs[rung_count + i - first_alone]);
        row.alone_per_token = alone.feasible ? alone.per_token : std::nullopt;
      }
      if (jobs[i].key == kStudent) {
        set_payback(row, jobs[i]);
      }
      comparison.rows.push_back(std::move(row));
      for (const Sized& pool : jobs[i].pools) {
        merge_evidence(comparison, pool.result);
      }
    }
    note_stand_ins(comparison);
    set_interaction(comparison);
    return comparison;
  }

  void note_stand_ins(Comparison& comparison) const {
    const auto note = [&](const std::string& key, const std::optional<Alternative>& alternative) {
      if (alternative) {
        comparison.assumptions.push_back({key, alternative->model, alternative->source, ""});
      }
    };
    note("ladder.moe_model", stand_ins_.moe);
    note("ladder.small_model", stand_ins_.small);
    note("ladder.student_model", stand_ins_.student);
    if (const auto& drafts = stand_ins_.draft; drafts && !scenario_.speculation) {
      comparison.assumptions.push_back(
          {"ladder.speculation.acceptance_rate", units::shortest(drafts->acceptance), drafts->source, ""});
    }
    if (stand_ins_.small) {
      comparison.assumptions.push_back(
          {"ladder.small_share", units::shortest(stand_ins_.small_share), stand_ins_.small_share_source, ""});
    }
  }

  /// When the rung has paid for what its model cost to make, against the rung below it.
  static void set_payback(Row& row, const Job& job) {
    if (job.pools.empty() || !job.pools.front().result.distillation) {
      row.change += row.change.empty() ? "" : "; no payback: ladder.distillation is not stated";
      return;
    }
    const cost::Distilled& distilled = *job.pools.front().result.distillation;
    row.one_time = distilled.one_time;
    if (row.marginal_per_token) {
      row.payback_months = cost::payback_months(distilled, UsdPerToken{} - *row.marginal_per_token);
    }
  }

  /// What the rungs save together beyond the reference, and what each would save there by itself.
  void set_interaction(Comparison& comparison) const {
    const std::vector<Row>& rows = comparison.rows;
    const Row& base = rows[reference()];
    if (!base.feasible || !base.per_token) {
      return;
    }
    UsdPerToken together;
    UsdPerToken separately;
    for (std::size_t i = reference() + 1; i < rows.size(); ++i) {
      if (rows[i].feasible && rows[i].marginal_per_token && rows[i].alone_per_token) {
        together += UsdPerToken{} - *rows[i].marginal_per_token;
        separately += *base.per_token - *rows[i].alone_per_token;
      }
    }
    comparison.joint_saving = together;
    comparison.single_savings = separately;
    comparison.interaction = together - separately;
  }

  Scenario scenario_;
  const Catalogue& catalogue_;
  AlternativeTable alternatives_;
  hardware::DeviceProfile device_;
  Alternatives stand_ins_;
  std::vector<LadderTechnique> techniques_;
};

}  // namespace

std::span<const std::string_view> ladder_techniques() {
  return kKeys;
}

Comparison ladder(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress,
                  const std::vector<std::string>& order) {
  return Ladder(scenario, catalogue, order).climb(progress);
}

}  // namespace mtok::planner
