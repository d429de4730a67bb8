// Moves inputs one at a time and all at once, and tells what comes of it.
#include "sim/planner/sensitivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "sim/planner/model_error.hpp"
#include "sim/planner/parallel.hpp"
#include "sim/planner/spread.hpp"

namespace mtok::planner {
namespace {

constexpr double kLow = 0.1;   // tables are moved from their 10th ...
constexpr double kHigh = 0.9;  // ... to their 90th percentile
constexpr double kPlainShare = 0.2;
constexpr double kPlainHitRate = 0.1;
constexpr double kMostHitRate = 0.95;

double usd_per_mtok(const Outcome& outcome) {
  return outcome.per_token ? (*outcome.per_token * Tokens(1e6)).base() : 0;
}

/// A range with the spread that samples are drawn from.
struct Drawn {
  Swing swing{};
  Spread spread = Spread::uniform(0, 1);
};

class Study {
 public:
  Study(const Scenario& scenario, const Catalogue& catalogue, const SensitivityOptions& options,
        const Progress& progress)
      : scenario_(scenario),
        catalogue_(catalogue),
        options_(options),
        progress_(progress),
        what_if_(scenario, catalogue) {}

  Sensitivity conclude() {
    const RunResult& base = what_if_.base();
    Sensitivity result{.name = scenario_.name,
                       .options = options_,
                       .infeasible = base.infeasible,
                       .base = what_if_.base_outcome(),
                       .inputs = base.inputs,
                       .assumptions = base.assumptions,
                       .warnings = base.warnings};
    if (base.infeasible) {
      return result;
    }
    set_ranges();
    run_all();
    add_samples(result);
    for (Drawn& drawn : drawn_) {
      result.swings.push_back(std::move(drawn.swing));
    }
    sort_swings(result.swings);
    result.cancelled = stopped_;
    return result;
  }

 private:
  void set_ranges() {
    const ModelErrors errors = ModelErrors::load(catalogue_.root() / "hwprofiles/model_error.yaml");
    for (const Input input : kInputs) {
      if (!what_if_.movable(input)) {
        continue;
      }
      Drawn drawn = range_of(input, errors);
      drawn.swing.input = input;
      drawn.swing.base = what_if_.base_value(input);
      drawn.swing.unit = unit_of(input);
      if (const auto own = options_.ranges.find(input); own != options_.ranges.end()) {
        drawn.swing.low = own->second.low;
        drawn.swing.high = own->second.high;
        drawn.swing.source = "stated with --range";
        drawn.spread = Spread::uniform(own->second.low, own->second.high);
      }
      drawn_.push_back(std::move(drawn));
    }
  }

  Drawn range_of(Input input, const ModelErrors& errors) const {
    switch (input) {
      case Input::price:
        return price_range();
      case Input::energy_price: {
        const double base = what_if_.base_value(input);
        return plain(base * (1 - kPlainShare), base * (1 + kPlainShare), "plain range of mtok: +-20 %");
      }
      case Input::hit_rate: {
        const double base = what_if_.base_value(input);
        return plain(std::max(0.0, base - kPlainHitRate), std::min(kMostHitRate, base + kPlainHitRate),
                     "plain range of mtok: the rate of the run +-0.1");
      }
      case Input::replicas: {
        const double base = what_if_.base_value(input);
        Drawn drawn = plain(std::max(1.0, base - 1), base + 1, "one replica fewer, one more");
        drawn.swing.sampled = false;
        return drawn;
      }
      case Input::ttft_error:
        return error_range(errors.of("ttft", what_if_.base().device.architecture), errors);
      case Input::tpot_error:
        return error_range(errors.of("tpot", what_if_.base().device.architecture), errors);
      case Input::throughput_error:
        return error_range(errors.of("throughput", what_if_.base().device.architecture), errors);
      case Input::volume:
      case Input::input_tokens:
      case Input::output_tokens:
        break;
    }
    return plain(1 - kPlainShare, 1 + kPlainShare, "plain range of mtok: +-20 %");
  }

  static Drawn plain(double low, double high, const std::string& source) {
    return {.swing = {.low = low, .high = high, .source = source}, .spread = Spread::uniform(low, high)};
  }

  static Drawn table(const Spread& spread, const std::string& source) {
    return {.swing = {.low = spread.at(kLow), .high = spread.at(kHigh), .source = source}, .spread = spread};
  }

  static Drawn error_range(const ModelError& error, const ModelErrors& errors) {
    return table(error.ratio, fmt::format("measured over predicted, {} rows of {} ({}): {}", error.rows,
                                          error.family, error.metric, errors.source()));
  }

  /// The offers for the same device and tier, where the scenario takes its price from the book.
  Drawn price_range() const {
    const double base = what_if_.base_value(Input::price);
    const PriceChoice& choice = scenario_.prices;
    const Catalogue::Lookup file = catalogue_.find_price_book(choice.book, scenario_.file.parent_path());
    std::vector<double> offers;
    if (!choice.per_device && file.file) {
      const cost::PriceBook book = cost::PriceBook::load(*file.file);
      for (const cost::Price& price : book.prices()) {
        if (price.device == what_if_.base().device.name && price.tier == choice.tier) {
          offers.push_back((price.per_device * Seconds(3600)).base());
        }
      }
    }
    if (offers.size() < 2) {
      return plain(base * (1 - kPlainShare), base * (1 + kPlainShare), "plain range of mtok: +-20 %");
    }
    return table(Spread::of(offers), fmt::format("{} {} offers of price book '{}'", offers.size(),
                                                 cost::name_of(choice.tier), choice.book));
  }

  /// Both ends of every range, then the samples: independent runs.
  void run_all() {
    const std::size_t ends = 2 * drawn_.size();
    std::vector<std::string> names;
    for (const Drawn& drawn : drawn_) {
      if (drawn.swing.sampled) {
        names.emplace_back(name_of(drawn.swing.input));
      }
    }
    const std::vector<std::vector<double>> shares = latin_hypercube(options_.samples, names, scenario_.seed);
    samples_.resize(options_.samples);
    outcomes_.resize(options_.samples);
    for (std::size_t i = 0; i < options_.samples; ++i) {
      std::size_t column = 0;
      for (const Drawn& drawn : drawn_) {
        if (drawn.swing.sampled) {
          samples_[i].push_back({drawn.swing.input, drawn.spread.at(shares[i][column++])});
        }
      }
    }
    for_each_in_parallel(ends + options_.samples, [&](std::size_t job) {
      if (stopped_) {
        return;
      }
      if (job < ends) {
        Swing& swing = drawn_[job / 2].swing;
        const bool low = job % 2 == 0;
        const Move move{swing.input, low ? swing.low : swing.high};
        (low ? swing.at_low : swing.at_high) = what_if_.run({&move, 1});
      } else {
        outcomes_[job - ends] = what_if_.run(samples_[job - ends]);
      }
      report(ends + options_.samples);
    });
  }

  void report(std::size_t expected) {
    const std::int64_t ended = ++done_;
    if (progress_) {
      const std::lock_guard lock(reporting_);
      stopped_ = !progress_(ended, static_cast<std::int64_t>(expected)) || stopped_;
    }
  }

  static Percentiles percentiles_of(const std::vector<double>& values) {
    constexpr double kMiddle = 0.5;
    const Spread spread = Spread::of(values);
    return {.p10 = spread.at(kLow), .p50 = spread.at(kMiddle), .p90 = spread.at(kHigh)};
  }

  void add_samples(Sensitivity& result) {
    std::vector<double> usd;
    std::vector<double> ttft;
    std::vector<double> tpot;
    std::vector<std::size_t> ended;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < outcomes_.size() && !stopped_; ++i) {
      const Outcome& outcome = outcomes_[i];
      if (outcome.per_token) {
        ended.push_back(i);
        usd.push_back(usd_per_mtok(outcome));
        ttft.push_back(outcome.ttft_p99.base() * 1e3);
        tpot.push_back(outcome.tpot_p99.base() * 1e3);
        kept += outcome.slo_met ? 1 : 0;
      }
    }
    result.samples = ended.size();
    if (ended.empty()) {
      return;
    }
    result.usd_per_mtok = percentiles_of(usd);
    result.ttft_ms = percentiles_of(ttft);
    result.tpot_ms = percentiles_of(tpot);
    const engine::Slo& slo = scenario_.slo;
    if (slo.ttft_p99 || slo.tpot_p99 || slo.e2e_p99) {
      result.slo_probability = static_cast<double>(kept) / static_cast<double>(ended.size());
    }
    std::size_t column = 0;
    for (Drawn& drawn : drawn_) {
      if (drawn.swing.sampled) {
        std::vector<double> values;
        for (const std::size_t i : ended) {
          values.push_back(samples_[i][column].value);
        }
        drawn.swing.rank_usd = rank_correlation(values, usd);
        drawn.swing.rank_ttft = rank_correlation(values, ttft);
        drawn.swing.rank_tpot = rank_correlation(values, tpot);
        ++column;
      }
    }
  }

  static void sort_swings(std::vector<Swing>& swings) {
    const auto width = [](const Swing& swing) {
      return std::pair(std::abs(usd_per_mtok(swing.at_high) - usd_per_mtok(swing.at_low)),
                       std::abs((swing.at_high.ttft_p99 - swing.at_low.ttft_p99).base()));
    };
    std::stable_sort(swings.begin(), swings.end(),
                     [&](const Swing& a, const Swing& b) { return width(a) > width(b); });
  }

  const Scenario& scenario_;
  const Catalogue& catalogue_;
  const SensitivityOptions& options_;
  const Progress& progress_;
  WhatIf what_if_;
  std::vector<Drawn> drawn_;
  std::vector<std::vector<Move>> samples_;
  std::vector<Outcome> outcomes_;
  std::atomic<std::int64_t> done_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex reporting_;
};

}  // namespace

Sensitivity sensitivity(const Scenario& scenario, const Catalogue& catalogue,
                        const SensitivityOptions& options, const Progress& progress) {
  return Study(scenario, catalogue, options, progress).conclude();
}

}  // namespace mtok::planner
