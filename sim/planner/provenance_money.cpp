// Writes down the formulas of unit costs, quality and distillation, beside those of the bill.
#include <fmt/format.h>

#include <array>

#include "sim/planner/pricing.hpp"
#include "sim/planner/provenance_bill.hpp"
#include "sim/units/text.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

double real(std::int64_t count) {
  return static_cast<double>(count);
}
double seconds_of(std::int64_t ns) {
  return real(ns) / 1e9;
}

class MoneyFigures {
 public:
  MoneyFigures(FigureWriter& writer, const Catalogue& catalogue)
      : w_(writer), r_(writer.result), catalogue_(catalogue) {}

  void add() {
    if (!w_.pools().empty()) {
      add_sum_of_bills();
    } else {
      add_bill_figures(w_, catalogue_);
      add_idle_parts();
    }
    w_.work_out("cost.price.usd_per_device_hour", "the offer that is paid", Rule::sum, "USD/h",
                {w_.find("cost.usd_per_device_hour")});
    add_unit_costs();
    add_quality();
    add_distillation();
  }

 private:
  static constexpr std::array<const char*, 3> kParts{"input", "cached_input", "output"};

  /// What idle time was spent on; headroom is the rest.
  void add_idle_parts() {
    if (!r_.idle_parts) {
      return;
    }
    const engine::PhaseTime phases = r_.run.phases();
    const engine::RequestTotals& totals = r_.run.totals;
    const auto without_owner = [](Seconds shares, std::int64_t ns) { return shares == Seconds{} ? ns : 0; };
    const Id nobody = w_.simulated("time.ownerless_s", "phases of which no request has a share",
                                   seconds_of(without_owner(totals.prefill_time, phases.prefill_ns) +
                                              without_owner(totals.cached_time, phases.cached_ns) +
                                              without_owner(totals.decode_time, phases.decode_ns)),
                                   "s");
    const Id all = w_.work_out("cost.idle_s", "time that the idle part pays for", Rule::sum, "s",
                               {w_.find("time.idle_s"), nobody});
    const std::array<std::pair<const char*, Money>, 4> known{{{"provisioning", r_.idle_parts->provisioning},
                                                              {"standby", r_.idle_parts->standby},
                                                              {"down", r_.idle_parts->down},
                                                              {"lost", r_.idle_parts->lost}}};
    std::vector<Id> parts{all};
    const Id idle = w_.find("cost.parts_usd.idle");
    for (const auto& [name, amount] : known) {
      parts.push_back(w_.find(std::string("time.") + name + "_s"));
      w_.money(std::string("cost.idle_usd.") + name, "of the idle part, by time", Rule::share, amount,
               {idle, parts.back(), all});
    }
    const Id rest = w_.work_out("cost.headroom_s", "replicas that served and had nothing to do",
                                Rule::difference, "s", parts);
    w_.money("cost.idle_usd.headroom", "of the idle part, by time", Rule::share, r_.idle_parts->headroom,
             {idle, rest, all});
  }

  void add_sum_of_bills() {
    w_.sum_of_pools("cost.total_usd", "the whole bill, idle included", "USD");
    for (const char* part : {"input", "cached_input", "output", "idle"}) {
      w_.sum_of_pools(std::string("cost.parts_usd.") + part, "of all pools", "USD");
    }
    for (const cost::NamedResource& known : cost::kResources) {
      w_.sum_of_pools("cost.resources_usd." + std::string(known.name), "of all pools", "USD");
    }
    for (const char* sum : {"parts", "resources", "replicas"}) {
      w_.sum_of_pools(std::string("cost.control_usd.") + sum, "of all pools", "USD");
    }
    if (r_.idle_parts) {
      add_sums_of_idle_parts();
    }
    w_.sum_of_pools("cost.usd_per_month", "the fleet for 730 h", "USD");
    const cost::CostTerms terms = terms_of(catalogue_, r_.scenario.prices);
    static_cast<void>(add_price(
        w_, {.key = "cost.usd_per_device_hour", .price = &r_.price, .terms = &terms, .device = &r_.device}));
    if (r_.price.purchase) {
      add_owned_sums();
    }
    w_.simulated("cost.wasted_usd", "of the bill: answers that were thrown away", r_.wasted.usd().base(),
                 "USD");
  }

  /// Of a pool that stays as it is, all of its idle part is headroom.
  void add_sums_of_idle_parts() {
    for (const char* name : {"headroom", "provisioning", "standby", "down", "lost"}) {
      const std::string key = std::string("cost.idle_usd.") + name;
      std::vector<Id> parts;
      for (const std::string& pool : w_.pools()) {
        if (w_.graph.has(pool + key)) {
          parts.push_back(w_.graph.find(pool + key));
        } else if (name == std::string_view("headroom")) {
          parts.push_back(w_.graph.find(pool + "cost.parts_usd.idle"));
        }
      }
      w_.work_out(key, "of all pools", Rule::sum, "USD", parts);
    }
  }

  void add_owned_sums() {
    for (const char* part : {"input", "cached_input", "output", "idle"}) {
      const std::string key = std::string("cost.energy_parts_usd.") + part;
      std::vector<Id> parts;
      for (const std::string& pool : w_.pools()) {
        if (w_.graph.has(pool + key)) {
          parts.push_back(w_.graph.find(pool + key));
        }
      }
      w_.work_out(key, "of all pools", Rule::sum, "USD", parts);
    }
    w_.work_out("cost.price.device_tdp_w", "power of a device", Rule::sum, "W", {w_.find("cost.rate.tdp_w")});
  }

  void per_mtok(const std::string& key, const std::string& meaning, Id amount, Id tokens) {
    const Id rate = w_.work_out(key + ".per_token", meaning, Rule::quotient, "USD/token", {amount, tokens});
    w_.work_out(key, meaning + ", per million tokens", Rule::product, "USD/Mtok", {rate, w_.mtok()});
  }

  void add_unit_costs() {
    const cost::Bill& bill = r_.bill;
    const std::string plain = "cost.usd_per_mtok.";
    const std::string with_idle = "cost.usd_per_mtok_with_idle.";
    const Id total = w_.find("cost.total_usd");
    const std::array<std::optional<UsdPerToken>, 3> rates{bill.per_token.input, bill.per_token.cached_input,
                                                          bill.per_token.output};
    std::vector<Id> carriers;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      if (rates.at(i)) {
        const Id part = w_.find(std::string("cost.parts_usd.") + kParts.at(i));
        per_mtok(plain + kParts.at(i), "part over its own tokens", part,
                 w_.find(std::string("tokens.billed_") + kParts.at(i)));
        carriers.push_back(part);
      }
    }
    if (bill.per_token.blended) {
      per_mtok(plain + "blended", "whole bill over all tokens", total, w_.find("tokens.billed"));
      per_mtok(plain + "idle", "idle over all tokens", w_.find("cost.parts_usd.idle"),
               w_.find("tokens.billed"));
    }
    if (bill.per_token_with_idle.input || bill.per_token_with_idle.output ||
        bill.per_token_with_idle.cached_input) {
      const Id sum = w_.work_out("cost.carriers_usd", "parts that have tokens", Rule::sum, "USD", carriers);
      const Id growth =
          w_.work_out("cost.growth", "whole bill over these parts", Rule::quotient, "", {total, sum});
      for (std::size_t i = 0; i < kParts.size(); ++i) {
        if (rates.at(i)) {
          const Id grown = w_.work_out(fmt::format("cost.{}_with_idle_usd", kParts.at(i)),
                                       "part with its idle time", Rule::product, "USD",
                                       {w_.find(std::string("cost.parts_usd.") + kParts.at(i)), growth});
          per_mtok(with_idle + kParts.at(i), "part with its idle time over its own tokens", grown,
                   w_.find(std::string("tokens.billed_") + kParts.at(i)));
        }
      }
    }
    if (bill.per_completed_request) {
      w_.work_out("cost.usd_per_request", "whole bill over completed requests", Rule::quotient, "USD",
                  {total, w_.find("requests.completed")});
    }
  }

  void add_quality() {
    if (r_.quality) {
      w_.stated("quality.percent", r_.quality->benchmark + " of the model, unquantized", r_.quality->value,
                "%", r_.quality->source);
      if (r_.recovery) {
        w_.stated("quality.recovery_percent", "what " + r_.recovery->variant + " keeps of it",
                  r_.recovery->percent, "%", r_.recovery->source);
      }
    }
  }

  /// docs/formulas.md, Distillation.
  void add_distillation() {
    if (!r_.distillation || !r_.scenario.distillation) {
      return;
    }
    const DistillationChoice& choice = *r_.scenario.distillation;
    const auto setting = [&](const std::string& name, double value, const std::string& unit) {
      return w_.sources.setting("distillation." + name, "distillation." + name, value, unit);
    };
    const Id teacher_tokens = setting("teacher_tokens", choice.teacher_tokens.base(), "tokens");
    const Id teacher_rate =
        setting("teacher_usd_per_mtok", (choice.teacher_per_token * Tokens(1e6)).base(), "USD/Mtok");
    const Id teacher_mtok = w_.work_out("distillation.teacher_mtok", "millions of them", Rule::quotient,
                                        "Mtok", {teacher_tokens, w_.mtok()});
    const Id teacher = w_.work_out("distillation.teacher_usd", "tokens of the teacher", Rule::product, "USD",
                                   {teacher_mtok, teacher_rate});
    const Id hours = add_training_hours(choice);
    const Id training = w_.work_out("distillation.training_usd", "devices that train", Rule::product, "USD",
                                    {hours, w_.find("cost.usd_per_device_hour")});
    const Id once = w_.work_out("distillation.one_time_usd", "what making the model costs", Rule::sum, "USD",
                                {teacher, training});
    if (!r_.distillation->per_token) {
      return;
    }
    const Id month_s =
        w_.work_out("distillation.month_s", "a month", Rule::product, "s",
                    {w_.constant("hours_per_month", cost::kHoursPerMonth, "h", "8,760 h / 12"), w_.hour()});
    const Id runs = w_.work_out("distillation.runs_per_month", "runs like this in a month", Rule::quotient,
                                "", {month_s, w_.find("time.makespan_s")});
    const Id served =
        w_.work_out("distillation.tokens_served", "tokens of all months", Rule::product, "tokens",
                    {w_.find("tokens.billed"), runs, setting("months", choice.months, "")});
    per_mtok("distillation.amortised_usd_per_mtok", "one-time cost over the tokens of all months", once,
             served);
    if (r_.distillation->with_serving) {
      w_.work_out("distillation.usd_per_mtok_with_serving", "making and serving", Rule::sum, "USD/Mtok",
                  {w_.find("distillation.amortised_usd_per_mtok"), w_.find("cost.usd_per_mtok.blended")});
    }
  }

  Id add_training_hours(const DistillationChoice& choice) {
    const Id active = w_.shaped("distillation.active_parameters", "active parameters of the student",
                                real(model::count_parameters(r_.architecture).active), "",
                                "docs/formulas.md, Parameters", {w_.sources.network()});
    const Id six = w_.constant("flops_per_parameter_and_token", 6, "FLOP",
                               "Kaplan et al., arXiv 2001.08361, section 2.1: forward and backward");
    const Id tokens = w_.sources.setting("distillation.training_tokens", "distillation.training_tokens",
                                         choice.training_tokens.base(), "tokens");
    const Id flops = w_.work_out("distillation.training_flops", "of the whole training", Rule::product,
                                 "FLOP", {six, active, tokens});
    const Id peak = w_.sources.of_device("distillation.peak", "compute.peak.bf16",
                                         r_.device.peak.at(kernel::NumberFormat::bf16).base(), "FLOP/s");
    const Id mfu = w_.sources.setting("distillation.mfu", "distillation.mfu", choice.mfu);
    const Id rate =
        w_.work_out("distillation.training_rate", "of one device", Rule::product, "FLOP/s", {peak, mfu});
    const Id seconds =
        w_.work_out("distillation.training_s", "on one device", Rule::quotient, "s", {flops, rate});
    return w_.work_out("distillation.training_device_hours", "of training", Rule::quotient, "h",
                       {seconds, w_.hour()});
  }

  FigureWriter& w_;
  const RunResult& r_;
  const Catalogue& catalogue_;
};

}  // namespace

void add_money_figures(FigureWriter& writer, const Catalogue& catalogue) {
  MoneyFigures(writer, catalogue).add();
}

}  // namespace mtok::planner
