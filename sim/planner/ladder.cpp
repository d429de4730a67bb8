// The ladder: from a naive baseline one technique after the other, each fleet sized anew.
#include <tbb/parallel_for.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "sim/hardware/device.hpp"
#include "sim/planner/alternatives.hpp"
#include "sim/planner/compare.hpp"
#include "sim/planner/rows.hpp"
#include "sim/planner/sizing.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {
namespace {

using kernel::NumberFormat;

/// What one rung runs: a pool, and perhaps a second one for the easy share.
struct Fleet {
  Scenario main{};
  std::optional<Scenario> small{};
};

/// One technique: how it changes a fleet, or why it cannot.
struct Technique {
  std::string name{};
  std::function<std::string(Fleet&)> apply{};  ///< returns what changed
  std::string impossible{};
};

/// A rung, or a technique by itself, ready to be sized and then sized.
struct Job {
  std::string name{};
  std::string change{};
  std::string impossible{};
  Fleet fleet{};
  std::vector<Sized> pools{};
};

std::string format_name(NumberFormat format) {
  return std::string(kernel::name_of(format));
}

class Ladder {
 public:
  Ladder(const Scenario& scenario, const Catalogue& catalogue)
      : scenario_(scenario),
        catalogue_(catalogue),
        alternatives_(AlternativeTable::load(catalogue.root() / "models/alternatives.yaml")),
        device_(catalogue.device(scenario.device_file)),
        stand_ins_(alternatives_.of_model(model::load_architecture(scenario.model_file).name)) {
    scenario_.models.clear();  // a rung brings its own
    promise();
    list_techniques();
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
    techniques_.push_back({.name = "continuous batching", .apply = [this](Fleet& fleet) {
                             fleet.main.engine.max_num_seqs = scenario_.engine.max_num_seqs;
                             return std::string("max_num_seqs as in the scenario");
                           }});
    techniques_.push_back({.name = "8-bit weights and activations",
                           .apply = [this](Fleet& fleet) { return narrow_weights(fleet); }});
    techniques_.push_back({.name = "8-bit KV cache", .apply = [](Fleet& fleet) {
                             each(fleet, [](Scenario& s) { s.formats.kv_cache = NumberFormat::fp8; });
                             return std::string("kv_cache fp8");
                           }});
    Technique prefix{.name = "prefix cache", .apply = [](Fleet& fleet) {
                       each(fleet, [](Scenario& s) { s.engine.enable_prefix_caching = true; });
                       return std::string("enable_prefix_caching");
                     }};
    if (open_workload(scenario_)->hash_block_size() == 0) {
      prefix.impossible = "the workload tells no content ids, so nothing can be shared";
    }
    techniques_.push_back(std::move(prefix));
    add_models();
    add_hardware();
  }

  /// FP8 where the device multiplies it, else INT8, else INT8 weights only.
  [[nodiscard]] std::string narrow_weights(Fleet& fleet) const {
    const auto device = hardware::make_device(device_);
    NumberFormat weights = NumberFormat::int8;
    NumberFormat activations = NumberFormat::bf16;
    for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::int8}) {
      if (device->native(format)) {
        weights = format;
        activations = format;
        break;
      }
    }
    each(fleet, [&](Scenario& s) {
      s.formats.weights = weights;
      s.formats.activations = activations;
    });
    return "weights " + format_name(weights) + ", activations " + format_name(activations);
  }

  void add_models() {
    const LadderChoice& choice = scenario_.ladder;
    const auto listed = [](const std::optional<Alternative>& alternative) {
      return alternative ? std::optional(alternative->model) : std::nullopt;
    };
    add_model("Mixture of Experts", choice.moe_model ? choice.moe_model : listed(stand_ins_.moe),
              [](Fleet& fleet, const std::filesystem::path& file) { fleet.main.model_file = file; });
    const double share = choice.small_share.value_or(stand_ins_.small_share);
    add_model(
        "small model for the easy share", choice.small_model ? choice.small_model : listed(stand_ins_.small),
        [share](Fleet& fleet, const std::filesystem::path& file) {
          fleet.small = fleet.main;
          fleet.small->model_file = file;
          fleet.main.workload.slice = {.from = 0, .to = 1 - share};
          fleet.small->workload.slice = {.from = 1 - share, .to = 1};
        },
        share);
    add_model("distilled student", choice.student_model ? choice.student_model : listed(stand_ins_.student),
              [](Fleet& fleet, const std::filesystem::path& file) {
                fleet.small.reset();
                fleet.main.model_file = file;
                fleet.main.workload.slice = {};
              });
  }

  template <class Apply>
  void add_model(const std::string& name, const std::optional<std::string>& model, Apply apply,
                 double share = 1) {
    Technique technique{.name = name};
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
    Technique technique{.name = "newer hardware"};
    const LadderChoice& choice = scenario_.ladder;
    const std::optional<std::string> device =
        choice.newer_device ? choice.newer_device : alternatives_.newer_device(device_.name);
    const Catalogue::Lookup found =
        device ? catalogue_.find_device(*device, scenario_.file.parent_path()) : Catalogue::Lookup{};
    if (!device || !found.file) {
      technique.impossible = device ? found.problem : "no newer device is listed for " + device_.name;
    } else {
      technique.apply = [device, file = *found.file](Fleet& fleet) {
        each(fleet, [&](Scenario& s) {
          s.device_file = file;
          s.prices.per_device.reset();  // a price of the scenario is that of its own device
        });
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

  [[nodiscard]] Fleet baseline() const {
    Fleet fleet{.main = scenario_};
    fleet.main.formats = {};
    fleet.main.engine.max_num_seqs = 1;
    fleet.main.engine.enable_prefix_caching = false;
    return fleet;
  }

  [[nodiscard]] std::vector<Job> rungs() const {
    std::vector<Job> jobs;
    Fleet fleet = baseline();
    jobs.push_back({.name = "naive", .change = "bf16, one request at a time", .fleet = fleet});
    for (const Technique& technique : techniques_) {
      Job job{.name = technique.name, .impossible = technique.impossible};
      if (technique.impossible.empty()) {
        job.change = technique.apply(fleet);
        job.fleet = fleet;
      }
      jobs.push_back(std::move(job));
    }
    return jobs;
  }

  /// Each technique by itself on top of batching, for the interaction term.
  void add_alone(std::vector<Job>& jobs) const {
    Fleet batched = baseline();
    static_cast<void>(techniques_.front().apply(batched));
    for (std::size_t i = 1; i < techniques_.size(); ++i) {
      const Technique& technique = techniques_[i];
      Job job{.name = technique.name, .impossible = technique.impossible};
      if (technique.impossible.empty()) {
        job.fleet = batched;
        job.change = technique.apply(job.fleet);
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
    }
    row.name = job.name;
    row.change = job.change;
    return row;
  }

  [[nodiscard]] Comparison compose(const std::vector<Job>& jobs, std::size_t rung_count) const {
    Comparison comparison{.name = scenario_.name};
    for (std::size_t i = 0; i < rung_count; ++i) {
      Row row = row_of_job(jobs[i]);
      set_marginal(row, comparison.rows);
      constexpr std::size_t kFirstAlone = 2;  // the rungs after naive and batching have a job by themselves
      if (i >= kFirstAlone) {
        const Row alone = row_of_job(jobs[rung_count + i - kFirstAlone]);
        row.alone_per_token = alone.feasible ? alone.per_token : std::nullopt;
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
    if (stand_ins_.small) {
      comparison.assumptions.push_back(
          {"ladder.small_share", units::shortest(stand_ins_.small_share), stand_ins_.small_share_source, ""});
    }
  }

  /// What the rungs save together beyond batching, minus what each would save there by itself.
  static void set_interaction(Comparison& comparison) {
    const std::vector<Row>& rows = comparison.rows;
    const Row& batched = rows[1];
    if (!batched.feasible || !batched.per_token) {
      return;
    }
    UsdPerToken together;
    UsdPerToken separately;
    for (std::size_t i = 2; i < rows.size(); ++i) {
      if (rows[i].feasible && rows[i].marginal_per_token && rows[i].alone_per_token) {
        together += UsdPerToken{} - *rows[i].marginal_per_token;
        separately += *batched.per_token - *rows[i].alone_per_token;
      }
    }
    comparison.interaction = together - separately;
  }

  Scenario scenario_;
  const Catalogue& catalogue_;
  AlternativeTable alternatives_;
  hardware::DeviceProfile device_;
  Alternatives stand_ins_;
  std::vector<Technique> techniques_;
};

}  // namespace

Comparison ladder(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress) {
  return Ladder(scenario, catalogue).climb(progress);
}

}  // namespace mtok::planner
