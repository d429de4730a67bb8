// Writes down the formulas of the bill, of unit costs, quality and distillation.
#include <fmt/format.h>

#include <array>
#include <numeric>
#include <span>

#include "sim/planner/provenance_writer.hpp"
#include "sim/units/text.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

double real(std::int64_t count) {
  return static_cast<double>(count);
}

/// Replicas whose devices have one price, and the figures of their time.
struct PricedPool {
  std::string name{};  ///< of its figures: "", "decode."
  Id price = 0;
  Id replicas = 0;
  Id devices_per_replica = 0;
  engine::PhaseTime phases{};
};

class MoneyFigures {
 public:
  explicit MoneyFigures(FigureWriter& writer) : w_(writer), r_(writer.result) {}

  void add() {
    if (!w_.pools().empty()) {
      add_sum_of_bills();
    } else if (by_time_alone()) {
      add_bill();
    } else {
      add_amounts();
    }
    w_.work_out("cost.price.usd_per_device_hour", "the offer that is paid", Rule::sum, "USD/h",
                {w_.find("cost.usd_per_device_hour")});
    add_resources();
    add_unit_costs();
    add_quality();
    add_distillation();
  }

 private:
  static constexpr std::array<const char*, 3> kParts{"input", "cached_input", "output"};

  /// The time of the phases of some replicas.
  static engine::PhaseTime phases_of(std::span<const engine::ReplicaRecord> replicas) {
    engine::PhaseTime sum;
    for (const engine::ReplicaRecord& replica : replicas) {
      sum += replica.phases;
    }
    return sum;
  }

  std::vector<PricedPool> priced_pools() {
    const std::span<const engine::ReplicaRecord> all = r_.run.replicas;
    const auto decoding = r_.run.decode_pool ? static_cast<std::size_t>(r_.run.decode_pool->replicas) : 0;
    std::vector<PricedPool> pools{{.name = "",
                                   .price = w_.sources.price("cost.usd_per_device_hour", r_.price),
                                   .replicas = w_.find("deployment.replicas"),
                                   .devices_per_replica = w_.find("deployment.devices_per_replica"),
                                   .phases = phases_of(all.first(all.size() - decoding))}};
    if (decoding > 0) {
      pools.push_back({.name = "decode.",
                       .price = w_.find("disaggregation.decode.usd_per_device_hour"),
                       .replicas = w_.find("disaggregation.decode.replicas"),
                       .devices_per_replica = w_.find("disaggregation.decode.devices_per_replica"),
                       .phases = phases_of(all.last(decoding))});
    }
    return pools;
  }

  void add_bill() {
    const std::vector<PricedPool> pools = priced_pools();
    std::vector<Id> totals;
    std::vector<Id> months;
    std::array<std::vector<Id>, 3> parts;
    const Id month = w_.constant("hours_per_month", cost::kHoursPerMonth, "h", "8,760 h / 12");
    for (const PricedPool& pool : pools) {
      const std::string own = "cost." + pool.name;
      const Id replicas = r_.run.elastic ? w_.find("fleet.mean_replicas") : pool.replicas;
      const Id devices = w_.work_out(own + "devices", "devices that are paid for", Rule::product, "",
                                     {replicas, pool.devices_per_replica});
      const Id wall = r_.run.elastic
                          ? w_.find("time.replica_s")
                          : w_.work_out(own + "replica_s", "time of the pool's replicas", Rule::product, "s",
                                        {pool.replicas, w_.find("time.makespan_s")});
      const Id device_s = w_.work_out(own + "device_s", "time of the pool's devices", Rule::product, "s",
                                      {wall, pool.devices_per_replica});
      const Id hours =
          w_.work_out(own + "device_hours", "hours of devices", Rule::quotient, "h", {device_s, w_.hour()});
      const Id exact =
          w_.work_out(own + "exact_usd", "price times hours", Rule::product, "USD", {pool.price, hours});
      totals.push_back(w_.work_out(own + "pool_usd", "the bill of the pool", Rule::rounded, "USD", {exact}));
      months.push_back(w_.work_out(own + "pool_usd_per_month", "the pool for a month", Rule::product, "USD",
                                   {pool.price, devices, month}));
      add_parts(pool, totals.back(), wall, parts);
    }
    const cost::Parts& amounts = r_.bill.parts;
    const Id total =
        w_.money("cost.total_usd", "the whole bill, idle included", Rule::sum, r_.bill.total, totals);
    std::vector<Id> all{total};
    const std::array<Money, 3> shares{amounts.input, amounts.cached_input, amounts.output};
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      all.push_back(w_.money(std::string("cost.parts_usd.") + kParts.at(i), "part of the bill, by phase time",
                             Rule::sum, shares.at(i), parts.at(i)));
    }
    w_.money("cost.parts_usd.idle", "the rest of the bill", Rule::difference, amounts.idle, all);
    w_.work_out("cost.usd_per_month", "the fleet for 730 h", Rule::sum, "USD", months);
    add_idle_parts();
  }

  /// What idle time was spent on; headroom is the rest.
  void add_idle_parts() {
    if (!r_.idle_parts) {
      return;
    }
    const engine::PhaseTime phases = r_.run.phases();
    const engine::RequestTotals& totals = r_.run.totals;
    const auto without_owner = [](Seconds shares, std::int64_t ns) { return shares == Seconds{} ? ns : 0; };
    const Id nobody = w_.simulated("time.ownerless_s", "phases of which no request has a share",
                                   real(without_owner(totals.prefill_time, phases.prefill_ns) +
                                        without_owner(totals.cached_time, phases.cached_ns) +
                                        without_owner(totals.decode_time, phases.decode_ns)) /
                                       1e9,
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

  /// A part that no request has a share of is nobody's and stays in idle.
  void add_parts(const PricedPool& pool, Id total, Id wall, std::array<std::vector<Id>, 3>& parts) {
    const std::array<std::int64_t, 3> times{pool.phases.prefill_ns, pool.phases.cached_ns,
                                            pool.phases.decode_ns};
    const engine::RequestTotals& totals = r_.run.totals;
    const std::array<Seconds, 3> owned{totals.prefill_time, totals.cached_time, totals.decode_time};
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      const bool anybody = owned.at(i) > Seconds{};
      const Id time = w_.simulated(fmt::format("cost.{}{}_s", pool.name, kParts.at(i)),
                                   anybody ? "time of the phase" : "time of the phase that requests had",
                                   anybody ? real(times.at(i)) / 1e9 : 0, "s");
      parts.at(i).push_back(w_.work_out(fmt::format("cost.{}{}_usd", pool.name, kParts.at(i)),
                                        "share of the time", Rule::share, "USD", {total, time, wall}));
    }
  }

  /// Rent alone, divided by phase time: worked out from times and prices. Energy beside the rent and the
  /// other methods of allocation split by weights of the run that are no figures themselves.
  [[nodiscard]] bool by_time_alone() const {
    const bool energy =
        r_.price.energy.has_value() || (r_.decode_pool && r_.decode_pool->price.energy.has_value());
    return !energy && r_.scenario.prices.allocation.method == cost::Allocation::phase_time;
  }

  void add_amounts() {
    const std::string method(cost::name_of(r_.scenario.prices.allocation.method));
    const auto amount = [&](const std::string& key, const std::string& meaning, double usd) {
      w_.simulated(key, meaning, usd, "USD");
    };
    w_.sources.price("cost.usd_per_device_hour", r_.price);
    amount("cost.total_usd", "the whole bill, idle included", r_.bill.total.usd().base());
    const cost::Parts& parts = r_.bill.parts;
    amount("cost.parts_usd.input", "part of the bill, by " + method, parts.input.usd().base());
    amount("cost.parts_usd.cached_input", "part of the bill, by " + method, parts.cached_input.usd().base());
    amount("cost.parts_usd.output", "part of the bill, by " + method, parts.output.usd().base());
    amount("cost.parts_usd.idle", "the rest of the bill", parts.idle.usd().base());
    amount("cost.usd_per_month", "the fleet for 730 h", r_.bill.per_month.base());
  }

  /// The bill by what is paid for, and the three sums that must agree.
  void add_resources() {
    std::vector<Id> resources;
    for (const cost::NamedResource& known : cost::kResources) {
      resources.push_back(w_.simulated("cost.resources_usd." + std::string(known.name),
                                       "of the bill, by the parts of the price and the energy drawn",
                                       r_.bill.resources.of(known.resource).usd().base(), "USD"));
    }
    std::vector<Id> parts;
    for (const char* part : {"input", "cached_input", "output", "idle"}) {
      parts.push_back(w_.find(std::string("cost.parts_usd.") + part));
    }
    w_.money("cost.control_usd.parts", "of all kinds of tokens and idle", Rule::sum, r_.bill.parts.sum(),
             parts);
    w_.money("cost.control_usd.resources", "of all that is paid for", Rule::sum, r_.bill.resources.sum(),
             resources);
    const std::vector<Money>& replicas = r_.bill.per_replica;
    w_.simulated("cost.control_usd.replicas", "of the bills of all replicas",
                 std::accumulate(replicas.begin(), replicas.end(), Money{}).usd().base(), "USD");
  }

  void add_sum_of_bills() {
    w_.sum_of_pools("cost.total_usd", "the whole bill, idle included", "USD");
    for (const char* part : {"input", "cached_input", "output", "idle"}) {
      w_.sum_of_pools(std::string("cost.parts_usd.") + part, "of all pools", "USD");
    }
    w_.sum_of_pools("cost.usd_per_month", "the fleet for 730 h", "USD");
    w_.sources.price("cost.usd_per_device_hour", r_.price);
    w_.simulated("cost.wasted_usd", "of the bill: answers that were thrown away", r_.wasted.usd().base(),
                 "USD");
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
};

}  // namespace

void add_money_figures(FigureWriter& writer) {
  MoneyFigures(writer).add();
}

}  // namespace mtok::planner
