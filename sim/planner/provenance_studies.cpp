// Writes the figures of studies into a graph.
#include "sim/planner/provenance_studies.hpp"

#include <fmt/format.h>

#include "sim/units/text.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

constexpr double kMonthsPerYear = 12;

/// The words that both kinds of study are written with.
class StudyWriter {
 public:
  StudyWriter(FigureGraph& graph, const std::vector<InputFile>& inputs,
              const std::vector<Assumption>& assumptions)
      : graph_(graph) {
    std::vector<Id> parts;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      parts.push_back(graph.add({.key = fmt::format("study.inputs.{}", i),
                                 .meaning = "input file",
                                 .text = inputs[i].path,
                                 .source = "SHA-256 " + inputs[i].sha256}));
    }
    for (std::size_t i = 0; i < assumptions.size(); ++i) {
      const Assumption& item = assumptions[i];
      const std::string key = "study." + item.key;
      parts.push_back(graph.add({.key = graph.has(key) ? fmt::format("{}.{}", key, i) : key,
                                 .meaning = item.key,
                                 .value = units::parse_number(item.value),
                                 .text = item.value,
                                 .source = item.source,
                                 .date = item.date}));
    }
    study_ = graph.add({.key = "study",
                        .meaning = "the scenario of the study: its files, and what is assumed",
                        .rule = Rule::gathered,
                        .source = "the input files"},
                       parts);
  }

  [[nodiscard]] Id study() const { return study_; }
  Id work_out(const std::string& key, const std::string& meaning, Rule rule, const std::string& unit,
              const std::vector<Id>& parts) {
    return graph_.add({.key = key, .meaning = meaning, .rule = rule, .unit = unit}, parts);
  }
  Id stated(const std::string& key, const std::string& meaning, double value, const std::string& unit,
            const std::string& source) {
    return graph_.add({.key = key,
                       .meaning = meaning,
                       .value = value,
                       .unit = unit,
                       .text = units::shortest(value),
                       .source = source});
  }
  Id simulated(const std::string& key, const std::string& meaning, double value, const std::string& unit,
               const std::vector<Id>& parts) {
    return graph_.add({.key = key,
                       .meaning = meaning,
                       .rule = Rule::simulated,
                       .value = value,
                       .unit = unit,
                       .source = "counted or timed while runs of the study were simulated"},
                      parts);
  }
  /// What a procedure gives that is more than one formula; the source names it.
  Id found(const std::string& key, const std::string& meaning, double value, const std::string& unit,
           const std::string& source, const std::vector<Id>& parts) {
    return graph_.add({.key = key,
                       .meaning = meaning,
                       .rule = Rule::shapes,
                       .value = value,
                       .unit = unit,
                       .source = source},
                      parts);
  }
  [[nodiscard]] Id choice(const std::string& key) const { return graph_.find("study.capacity." + key); }

 private:
  FigureGraph& graph_;
  Id study_ = 0;
};

/// The months of one plan, then the ways to pay.
class CapacityFigures {
 public:
  CapacityFigures(FigureGraph& graph, const Capacity& capacity)
      : graph_(graph), plan_(capacity), write_(graph, capacity.inputs, capacity.assumptions) {
    if (!plan_.feasible || plan_.months.empty()) {
      return;
    }
    add_discount();
    add_staircase();
    add_months();
    for (std::size_t i = 0; i < plan_.commitments.size(); ++i) {
      add_commitment(i);
    }
    for (std::size_t i = 0; i < plan_.options.size(); ++i) {
      if (plan_.options[i].missing.empty()) {
        add_option(i);
      }
    }
  }

 private:
  [[nodiscard]] static std::string row(std::size_t month) { return fmt::format("rows.{}.", month); }

  void add_discount() {
    const Id one = write_.stated("one", "one", 1, "", "definition");
    yearly_ = write_.work_out("discount.per_year", "what a dollar grows to in a year at the discount rate",
                              Rule::sum, "", {one, write_.choice("discount_rate_per_year")});
    growth_ = write_.work_out("demand.growth", "demand of a month / that of the month before", Rule::sum, "",
                              {one, write_.choice("demand_growth_per_month")});
  }

  /// The growth of a dollar until the beginning of this month, from 0.
  Id discount(std::size_t month) {
    const std::string key = fmt::format("discount.{}", month);
    if (graph_.has(key)) {
      return graph_.find(key);
    }
    const Id years = write_.stated(fmt::format("years.{}", month), "years until then",
                                   static_cast<double>(month) / kMonthsPerYear, "",
                                   fmt::format("definition: {} months / 12", month));
    return write_.work_out(key, "what a dollar grows to until then", Rule::power, "", {yearly_, years});
  }

  void add_staircase() {
    for (std::size_t i = 0; i < plan_.staircase.size(); ++i) {
      const FleetStep& step = plan_.staircase[i];
      steps_.push_back(write_.simulated(
          fmt::format("staircase.{}.peak_requests_per_s", i),
          fmt::format("the highest simulated demand at which {} replicas keep the promises", step.replicas),
          step.requests_per_s, "requests/s", {write_.study()}));
    }
  }

  void add_months() {
    const Id per_replica = write_.stated("devices_per_replica", "devices of a replica",
                                         static_cast<double>(plan_.devices_per_replica), "devices",
                                         "hardware.count of the scenario");
    const Id first =
        write_.simulated("demand.first_month", "mean demand of the first month",
                         plan_.months.front().mean_requests_per_s, "requests/s", {write_.study()});
    const Id peak = write_.found(
        "demand.peak_to_mean", "busiest hour of the week / mean of the week",
        plan_.months.front().peak_requests_per_s / plan_.months.front().mean_requests_per_s, "",
        "the rhythm of weekly arrivals: a cosine over the day, weekends lower (docs/formulas.md)",
        {write_.choice("daily_swing"), write_.choice("weekend")});
    const Id each = write_.simulated(
        "demand.mtok_per_request_month", "million tokens a month of one request a second, all kinds",
        plan_.months.front().tokens / Tokens(1e6) / plan_.months.front().mean_requests_per_s,
        "Mtok s/request", {write_.study()});
    for (std::size_t i = 0; i < plan_.months.size(); ++i) {
      const CapacityMonth& month = plan_.months[i];
      const Id before = write_.stated(row(i) + "months_before", "months before this one",
                                      static_cast<double>(month.month - 1), "", "definition");
      const Id factor = write_.work_out(row(i) + "demand_factor", "demand / that of the first month",
                                        Rule::power, "", {growth_, before});
      const Id mean = write_.work_out(row(i) + "mean_requests_per_s", "mean demand", Rule::product,
                                      "requests/s", {first, factor});
      const Id busiest =
          write_.work_out(row(i) + "peak_requests_per_s", "demand of the busiest hour of the week",
                          Rule::product, "requests/s", {mean, peak});
      tokens_.push_back(write_.work_out(row(i) + "mtok", "million tokens of the month", Rule::product, "Mtok",
                                        {mean, each}));
      const Id replicas =
          write_.found(row(i) + "replicas", "the fewest replicas that keep the promises in the busiest hour",
                       static_cast<double>(month.replicas), "replicas", "simulation of every level of demand",
                       replicas_from(month, busiest));
      const Id spares =
          write_.stated(row(i) + "spare_replicas", "spare replicas, for failures",
                        static_cast<double>(month.spares), "replicas", "capacity.spare_replicas");
      const Id both = write_.work_out(row(i) + "replicas_with_spares", "replicas with spares", Rule::sum,
                                      "replicas", {replicas, spares});
      devices_.push_back(
          write_.work_out(row(i) + "devices", "devices", Rule::product, "devices", {both, per_replica}));
      means_.push_back(mean);
      power_.push_back(write_.simulated(row(i) + "power_w", "mean power of all devices", month.power.base(),
                                        "W", {write_.study(), devices_.back()}));
    }
  }

  /// The step of the staircase that is enough.
  [[nodiscard]] std::vector<Id> replicas_from(const CapacityMonth& month, Id peak) const {
    std::vector<Id> parts{peak};
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (plan_.staircase[i].replicas == month.replicas) {
        parts.push_back(steps_[i]);
      }
    }
    return parts;
  }

  void add_commitment(std::size_t index) {
    const Commitment& commitment = plan_.commitments[index];
    const std::string prefix = fmt::format("commitments.{}.", index);
    const Id ratio = write_.stated(prefix + "price_ratio", "reserved / on-demand price, " + commitment.term,
                                   commitment.price_ratio, "", commitment.source);
    std::vector<Id> reserved_rungs;
    for (std::size_t i = 0; i < commitment.rungs.size(); ++i) {
      const cost::CommitmentRung& rung = commitment.rungs[i];
      const std::string at = prefix + fmt::format("rungs.{}.", i);
      const Id share = write_.found(
          at + "needed_share", fmt::format("share of the hours of the term that need replica {}", rung.unit),
          rung.needed_share, "", "hours of the week with that many replicas",
          {devices_.front(), write_.choice("daily_swing"), write_.choice("weekend")});
      const Id on_demand =
          write_.found(at + "on_demand_usd", "rent of the hours in which it is needed", rung.on_demand.base(),
                       "USD", rent_basis(), {share, write_.choice("price_decline_per_year")});
      reserved_rungs.push_back(write_.found(at + "reserved_usd", "price of the whole term when reserved",
                                            rung.reserved.base(), "USD", rent_basis() + ", at the ratio",
                                            {ratio}));
      reserved_rungs.push_back(on_demand);
    }
    commitments_.push_back(write_.found(prefix + "replicas_to_reserve",
                                        "replicas whose reserved price is below their rent",
                                        static_cast<double>(commitment.worth_reserving()), "replicas",
                                        "comparison of both prices, replica by replica", reserved_rungs));
  }

  [[nodiscard]] std::string rent_basis() const { return "the price " + plan_.options.front().basis; }

  void add_option(std::size_t index) {
    const CapacityOption& option = plan_.options[index];
    const std::string prefix = fmt::format("options.{}.", index);
    const std::vector<Id> months = add_payments(option, index);
    if (index == 0) {
      rent_ = months;
    }
    const Id resale = write_.found(prefix + "resale_usd", "what owned devices are sold for at the end",
                                   option.resale.base(), "USD", "fall of value by residual share and years",
                                   {write_.choice("price_decline_per_year"), write_.study()});
    const Id paid = write_.work_out(prefix + "paid_usd", "paid in all months", Rule::sum, "USD", months);
    const Id total = write_.work_out(prefix + "total_usd", option.name + ": paid less the resale",
                                     Rule::difference, "USD", {paid, resale});
    add_present_value(option, prefix, resale);
    if (option.per_token) {
      const std::string key = "demand.mtok";
      const Id tokens =
          graph_.has(key) ? graph_.find(key)
                          : write_.work_out(key, "million tokens of all months", Rule::sum, "Mtok", tokens_);
      write_.work_out(prefix + "usd_per_mtok", option.name + ": dollars per million tokens", Rule::quotient,
                      "USD/Mtok", {total, tokens});
    }
    if (option.payback_months) {
      std::vector<Id> parts = months;
      parts.insert(parts.end(), rent_.begin(), rent_.end());
      write_.found(prefix + "payback_months",
                   option.name + ": months until it has cost no more than " + plan_.options.front().name,
                   *option.payback_months, "months",
                   "the running sums of both, even flow within a month (docs/formulas.md)", parts);
    }
    if (option.break_even_requests_per_s) {
      std::vector<Id> parts = steps_;
      parts.insert(parts.end(), {months.front(), devices_.front(), means_.front()});
      write_.found(prefix + "break_even_requests_per_s",
                   option.name + ": volume from which it costs no more than the cheapest API",
                   *option.break_even_requests_per_s, "requests/s",
                   "price of a step's replicas / price of a request at the API (docs/formulas.md)", parts);
    }
  }

  /// What each month costs: at its beginning and at its end.
  std::vector<Id> add_payments(const CapacityOption& option, std::size_t index) {
    const bool api = option.name.starts_with("API ");
    std::vector<Id> months;
    for (std::size_t i = 0; i < option.months.size(); ++i) {
      const cost::MonthlyCost& cost = option.months[i];
      const std::string prefix = fmt::format("options.{}.months.{}.", index, i);
      std::vector<Id> parts{api ? means_[i] : devices_[i],
                            write_.choice(api ? "api_price_decline_per_year" : "price_decline_per_year")};
      if (option.name == "own") {
        parts.push_back(power_[i]);
      }
      if (option.name.ends_with("each hour")) {
        parts.insert(parts.end(), {write_.choice("daily_swing"), write_.choice("weekend")});
      }
      if (option.name.find("committed") != std::string::npos) {
        parts.insert(parts.end(), commitments_.begin(), commitments_.end());
      }
      const Id start = write_.found(prefix + "at_start_usd", "bought at the beginning of the month",
                                    cost.at_start.base(), "USD", option.basis, parts);
      const Id end = write_.found(prefix + "at_end_usd", "paid at the end of the month", cost.at_end.base(),
                                  "USD", option.basis, parts);
      months.push_back(write_.work_out(row(i) + "usd." + option.name,
                                       fmt::format("{}: month {}", option.name, i + 1), Rule::sum, "USD",
                                       {start, end}));
    }
    return months;
  }

  void add_present_value(const CapacityOption& option, const std::string& prefix, Id resale) {
    std::vector<Id> parts;
    const auto worth = [&](const std::string& key, Id amount, std::size_t month) {
      return write_.work_out(key, "worth today", Rule::quotient, "USD", {amount, discount(month)});
    };
    for (std::size_t i = 0; i < option.months.size(); ++i) {
      const std::string at = prefix + fmt::format("months.{}.", i);
      if (option.months[i].at_start != Usd{}) {
        parts.push_back(worth(at + "start_today_usd", graph_.find(at + "at_start_usd"), i));
      }
      parts.push_back(worth(at + "end_today_usd", graph_.find(at + "at_end_usd"), i + 1));
    }
    const Id paid =
        write_.work_out(prefix + "paid_today_usd", "all payments, worth today", Rule::sum, "USD", parts);
    const Id sold = worth(prefix + "resale_today_usd", resale, option.months.size());
    write_.work_out(prefix + "present_value_usd", option.name + ": present value", Rule::difference, "USD",
                    {paid, sold});
  }

  FigureGraph& graph_;
  const Capacity& plan_;
  StudyWriter write_;
  Id yearly_ = 0;
  Id growth_ = 0;
  std::vector<Id> steps_{};
  std::vector<Id> means_{};  ///< of the months, and so on
  std::vector<Id> tokens_{};
  std::vector<Id> devices_{};
  std::vector<Id> power_{};
  std::vector<Id> commitments_{};
  std::vector<Id> rent_{};  ///< of the first option, by month
};

class SensitivityFigures {
 public:
  SensitivityFigures(FigureGraph& graph, const Sensitivity& sensitivity)
      : write_(graph, sensitivity.inputs, sensitivity.assumptions) {
    if (sensitivity.infeasible) {
      return;
    }
    add_outcome("base.", "as the scenario stands", sensitivity.base, {write_.study()});
    std::vector<Id> ranges;
    for (std::size_t i = 0; i < sensitivity.swings.size(); ++i) {
      add_swing(i, sensitivity.swings[i], ranges);
    }
    const Id samples = write_.stated("uncertainty.samples", "samples that ended with a cost per token",
                                     static_cast<double>(sensitivity.samples), "",
                                     "a Latin hypercube over all ranges, seeded by the scenario");
    ranges.push_back(samples);
    ranges.push_back(write_.study());
    add_percentiles("usd_per_mtok", "dollars per million tokens", "USD/Mtok", sensitivity.usd_per_mtok,
                    ranges);
    add_percentiles("ttft_p99_ms", "TTFT p99", "ms", sensitivity.ttft_ms, ranges);
    add_percentiles("tpot_p99_ms", "TPOT p99", "ms", sensitivity.tpot_ms, ranges);
    if (sensitivity.slo_probability) {
      write_.found("uncertainty.slo_probability", "share of the samples that keep the promises",
                   *sensitivity.slo_probability, "", kSamples, ranges);
    }
  }

 private:
  static constexpr const char* kSamples = "runs with all inputs drawn from their ranges at once";

  void add_outcome(const std::string& prefix, const std::string& when, const Outcome& outcome,
                   const std::vector<Id>& parts) {
    if (outcome.per_token) {
      write_.simulated(prefix + "usd_per_mtok", "dollars per million tokens, idle included, " + when,
                       (*outcome.per_token * Tokens(1e6)).base(), "USD/Mtok", parts);
    }
    write_.simulated(prefix + "ttft_p99_ms", "TTFT p99, " + when, outcome.ttft_p99.base() * 1e3, "ms", parts);
    write_.simulated(prefix + "tpot_p99_ms", "TPOT p99, " + when, outcome.tpot_p99.base() * 1e3, "ms", parts);
  }

  void add_swing(std::size_t index, const Swing& swing, std::vector<Id>& ranges) {
    const std::string prefix = fmt::format("swings.{}.", index);
    const std::string name(name_of(swing.input));
    write_.stated(prefix + "base", name + " as the scenario stands", swing.base, swing.unit,
                  "the scenario and its run");
    const Id low = write_.stated(prefix + "low", name + ", low end", swing.low, swing.unit, swing.source);
    const Id high = write_.stated(prefix + "high", name + ", high end", swing.high, swing.unit, swing.source);
    add_outcome(prefix + "at_low.", name + " at its low end", swing.at_low, {low, write_.study()});
    add_outcome(prefix + "at_high.", name + " at its high end", swing.at_high, {high, write_.study()});
    if (!swing.sampled) {
      return;
    }
    ranges.insert(ranges.end(), {low, high});
    if (swing.rank_usd) {
      write_.found(prefix + "rank_correlation.usd_per_mtok", "rank correlation of " + name + " with the cost",
                   *swing.rank_usd, "", "Spearman's rho over the samples", {low, high, write_.study()});
    }
  }

  void add_percentiles(const std::string& key, const std::string& what, const std::string& unit,
                       const Percentiles& values, const std::vector<Id>& parts) {
    const std::string prefix = "uncertainty." + key + ".";
    write_.found(prefix + "p10", what + ", 10th percentile", values.p10, unit, kSamples, parts);
    write_.found(prefix + "p50", what + ", median", values.p50, unit, kSamples, parts);
    write_.found(prefix + "p90", what + ", 90th percentile", values.p90, unit, kSamples, parts);
  }

  StudyWriter write_;
};

}  // namespace

StudyProvenance::StudyProvenance(const Capacity& capacity) {
  CapacityFigures(graph_, capacity);
}

StudyProvenance::StudyProvenance(const Sensitivity& sensitivity) {
  SensitivityFigures(graph_, sensitivity);
}

std::optional<Explanation> StudyProvenance::explain(std::string_view key) const {
  return graph_.has(key) ? std::optional(graph_.below(graph_.find(key))) : std::nullopt;
}

}  // namespace mtok::planner
