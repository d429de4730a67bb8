// Writes down the formulas of the bill: rent and energy of each pool, and how a method divides them.
#include "sim/planner/provenance_bill.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <span>

#include "sim/planner/pricing.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

constexpr std::array<const char*, cost::kTokenKinds> kKinds{"input", "cached_input", "output"};

double real(std::int64_t count) {
  return static_cast<double>(count);
}
double seconds(std::int64_t ns) {
  return real(ns) / 1e9;
}
std::string name(cost::Resource resource) {
  return std::string(cost::kResources.at(static_cast<std::size_t>(resource)).name);
}

/// Replicas whose devices have one price.
struct PricedPool {
  std::string name{};  ///< of its figures: "", "decode."
  PriceOf price{};
  const cost::Price* paid = nullptr;
  Id replicas = 0;
  Id devices_per_replica = 0;
  std::span<const engine::ReplicaRecord> records{};
  bool prefills = true;
  bool decodes = true;
  cost::MarginalTimes marginal{};

  [[nodiscard]] engine::PhaseTime phases() const {
    engine::PhaseTime sum;
    for (const engine::ReplicaRecord& replica : records) {
      sum += replica.phases;
    }
    return sum;
  }
  [[nodiscard]] Joules energy() const {
    Joules sum;
    for (const engine::ReplicaRecord& replica : records) {
      sum += replica.energy;
    }
    return sum;
  }
};

/// How the busy share of an amount is divided: kinds that are charged in this pool over the whole.
struct Division {
  std::array<std::optional<Id>, cost::kTokenKinds> kinds{};
  Id whole = 0;
};

class BillFigures {
 public:
  BillFigures(FigureWriter& writer, const Catalogue& catalogue)
      : w_(writer),
        r_(writer.result),
        rule_(r_.scenario.prices.allocation),
        method_(cost::name_of(rule_.method)),
        terms_(terms_of(catalogue, r_.scenario.prices)),
        decode_terms_(r_.scenario.disaggregation ? terms_of(catalogue, r_.scenario.disaggregation->prices)
                                                 : terms_) {}

  void add() {
    for (const PricedPool& pool : priced_pools()) {
      add_pool(pool);
    }
    const cost::Parts& amounts = r_.bill.parts;
    const Id total =
        w_.money("cost.total_usd", "the whole bill, idle included", Rule::sum, r_.bill.total, totals_);
    std::vector<Id> all{total};
    const std::array<Money, cost::kTokenKinds> parts{amounts.input, amounts.cached_input, amounts.output};
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      all.push_back(add_part("cost.parts_usd.", kind, parts.at(kind), parts_));
    }
    w_.money("cost.parts_usd.idle", "the rest of the bill", Rule::difference, amounts.idle, all);
    w_.work_out("cost.usd_per_month", "the fleet for 730 h", Rule::sum, "USD", months_);
    add_resources();
    add_energy_parts();
  }

 private:
  Id month() { return w_.constant("hours_per_month", cost::kHoursPerMonth, "h", "8,760 h / 12"); }

  std::vector<PricedPool> priced_pools() {
    const std::span<const engine::ReplicaRecord> all = r_.run.replicas;
    const auto decoding = r_.run.decode_pool ? static_cast<std::size_t>(r_.run.decode_pool->replicas) : 0;
    std::vector<PricedPool> pools{
        {.price = add_price(
             w_,
             {.key = "cost.usd_per_device_hour", .price = &r_.price, .terms = &terms_, .device = &r_.device}),
         .paid = &r_.price,
         .replicas = w_.find("deployment.replicas"),
         .devices_per_replica = w_.find("deployment.devices_per_replica"),
         .records = all.first(all.size() - decoding),
         .decodes = decoding == 0,
         .marginal = r_.marginal}};
    if (decoding > 0) {
      const std::string place = "disaggregation.decode.";
      pools.push_back({.name = "decode.",
                       .price = add_price(w_, {.key = place + "usd_per_device_hour",
                                               .pool = "decode.",
                                               .place = place,
                                               .price = &r_.decode_pool->price,
                                               .terms = &decode_terms_,
                                               .device = &r_.decode_pool->device}),
                       .paid = &r_.decode_pool->price,
                       .replicas = w_.find(place + "replicas"),
                       .devices_per_replica = w_.find(place + "devices_per_replica"),
                       .records = all.last(decoding),
                       .prefills = false,
                       .marginal = r_.decode_pool->marginal});
    }
    return pools;
  }

  void add_pool(const PricedPool& pool) {
    const std::string own = "cost." + pool.name;
    const Id wall = r_.run.elastic
                        ? w_.find("time.replica_s")
                        : w_.work_out(own + "replica_s", "time of the pool's replicas", Rule::product, "s",
                                      {pool.replicas, w_.find("time.makespan_s")});
    const Id device_s = w_.work_out(own + "device_s", "time of the pool's devices", Rule::product, "s",
                                    {wall, pool.devices_per_replica});
    const Id hours =
        w_.work_out(own + "device_hours", "hours of devices", Rule::quotient, "h", {device_s, w_.hour()});
    const Id exact = w_.work_out(own + "exact_usd", "price times hours", Rule::product, "USD",
                                 {pool.price.per_hour, hours});
    const Id rent = w_.work_out(own + "time_usd", "devices by the hour", Rule::rounded, "USD", {exact});
    std::vector<Id> bill{rent};
    const std::array<Id, cost::kTokenKinds> phases = add_phases(pool);
    const Id busy = w_.work_out(own + "busy_s", "time of the pool at work", Rule::sum, "s",
                                {phases.begin(), phases.end()});
    const Division division = divide(pool, phases, busy);
    charge_rent(pool, rent, wall, busy, division);
    if (pool.price.usd_per_joule) {
      bill.push_back(add_energy(pool, wall, busy, division));
    }
    split_rent(pool, rent);
    totals_.push_back(w_.work_out(own + "pool_usd", "the bill of the pool", Rule::sum, "USD", bill));
    add_month(pool, bill);
  }

  /// Device time of the kinds of tokens; the shares below it are 0 where no request had any of it.
  std::array<Id, cost::kTokenKinds> add_phases(const PricedPool& pool) {
    const engine::PhaseTime phases = pool.phases();
    const std::array<std::int64_t, cost::kTokenKinds> ns{phases.prefill_ns, phases.cached_ns,
                                                         phases.decode_ns};
    std::array<Id, cost::kTokenKinds> times{};
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      times.at(kind) = w_.simulated(fmt::format("cost.{}{}_s", pool.name, kKinds.at(kind)),
                                    "time of the phase", seconds(ns.at(kind)), "s");
    }
    return times;
  }

  /// No request has a share of the kind: what it cost is nobody's and stays in idle.
  [[nodiscard]] bool owned(std::size_t kind) const { return cost::shares_in(rule_, r_.run.totals, kind) > 0; }

  [[nodiscard]] std::string weight_key(const PricedPool& pool, std::size_t kind) const {
    return fmt::format("cost.{}{}_weight", pool.name, kKinds.at(kind));
  }

  Division divide(const PricedPool& pool, const std::array<Id, cost::kTokenKinds>& phases, Id busy) {
    switch (rule_.method) {
      case cost::Allocation::phase_time:
        return {.kinds = {phases[0], phases[1], phases[2]}, .whole = busy};
      case cost::Allocation::kv_byte_seconds:
        return by_residence(pool);
      case cost::Allocation::fixed_ratio:
        return by_ratio(pool);
      case cost::Allocation::marginal:
        break;
    }
    return by_margin(pool);
  }

  /// The kinds' weights add up to the whole.
  Division summed(const PricedPool& pool, Division division) {
    std::vector<Id> all;
    for (const std::optional<Id>& weight : division.kinds) {
      if (weight) {
        all.push_back(*weight);
      }
    }
    division.whole =
        w_.work_out(fmt::format("cost.{}weights", pool.name), "of all kinds", Rule::sum, "", all);
    return division;
  }

  /// Tokens that fill the KV cache, times how long; all tokens of a model take as many bytes.
  Division by_residence(const PricedPool& pool) {
    const engine::KvResidence& kv = r_.run.totals.kv_residence;
    const auto held = [&](const std::string& name, const std::string& meaning, double token_s) {
      const std::string key = "kv.token_s." + name;
      return w_.has(key) ? w_.find(key) : w_.simulated(key, meaning, token_s, "tokens s");
    };
    std::array<std::vector<Id>, cost::kTokenKinds> times;
    if (pool.prefills) {
      times[0].push_back(held("input_before", "computed input in the cache until the first token",
                              kv.computed_before.base()));
      times[1].push_back(
          held("cached_input_before", "cached input until the first token", kv.cached_before.base()));
    }
    if (pool.decodes) {
      times[0].push_back(
          held("input_after", "computed input after the first token", kv.computed_after.base()));
      times[1].push_back(
          held("cached_input_after", "cached input after the first token", kv.cached_after.base()));
      times[2].push_back(held("output", "output in the cache", kv.output.base()));
    }
    const Id micro = w_.constant("micro_per_one", 1e6, "", "definition");
    Division division;
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      if (!times.at(kind).empty()) {
        const std::string key = weight_key(pool, kind);
        const Id sum = w_.work_out(key + "_token_s", "tokens in the KV cache times how long", Rule::sum,
                                   "tokens s", times.at(kind));
        const Id fine =
            w_.work_out(key + "_exact", "the same in millionths", Rule::product, "", {sum, micro});
        division.kinds.at(kind) =
            w_.work_out(key, "weight by KV byte-seconds, whole", Rule::nearest, "", {fine});
      }
    }
    return summed(pool, division);
  }

  /// Tokens weigh where they are made.
  [[nodiscard]] static bool made_in(const PricedPool& pool, std::size_t kind) {
    return kind == 2 ? pool.decodes : pool.prefills;
  }
  [[nodiscard]] Id billed(std::size_t kind) const {
    return w_.find(std::string("tokens.billed_") + kKinds.at(kind));
  }

  Division by_ratio(const PricedPool& pool) {
    const Id milli = w_.constant("milli_per_one", 1e3, "", "definition");
    const std::array<Id, cost::kTokenKinds> ratios{
        w_.constant("one", 1, "", "definition"),
        w_.sources.setting("prices.cached_ratio", "prices.cached_ratio", rule_.cached_ratio),
        w_.sources.setting("prices.output_ratio", "prices.output_ratio", rule_.output_ratio)};
    Division division;
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      if (made_in(pool, kind)) {
        const std::string key = weight_key(pool, kind);
        const Id exact = w_.work_out(key + "_exact", "tokens times what one counts, in thousandths",
                                     Rule::product, "", {billed(kind), ratios.at(kind), milli});
        division.kinds.at(kind) =
            w_.work_out(key, "weight by fixed ratio, whole", Rule::nearest, "", {exact});
      }
    }
    return summed(pool, division);
  }

  /// Whole nanoseconds; where they are more than there were, all are scaled down to the busy time.
  Division by_margin(const PricedPool& pool) {
    const std::array<Seconds, cost::kTokenKinds> times{pool.marginal.input, pool.marginal.cached_input,
                                                       pool.marginal.output};
    const Id nano = w_.constant("nanoseconds_per_second", 1e9, "ns", "definition");
    std::array<std::optional<Id>, cost::kTokenKinds> charged{};
    std::vector<Id> sum;
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      if (made_in(pool, kind)) {
        const std::string key = weight_key(pool, kind);
        const Id one = w_.simulated(key + "_of_one_s", "time that one more token adds to a step",
                                    times.at(kind).base(), "s");
        charged.at(kind) = w_.work_out(key + "_exact", "tokens at the margin", Rule::product, "ns",
                                       {billed(kind), one, nano});
        sum.push_back(*charged.at(kind));
      }
    }
    const std::string own = "cost." + pool.name;
    const Id all = w_.work_out(own + "weights_exact", "of all kinds", Rule::sum, "ns", sum);
    const Id busy =
        w_.simulated(own + "busy_ns", "time of the pool at work", real(pool.phases().busy_ns()), "ns");
    Division division{.whole = busy};
    std::optional<Id> scale;
    if (w_.graph.value_of(all) > w_.graph.value_of(busy)) {
      scale = w_.work_out(own + "weights_scale", "no more is charged than there was", Rule::quotient, "",
                          {busy, all});
    }
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      if (charged.at(kind)) {
        const std::string key = weight_key(pool, kind);
        const Id scaled = scale ? w_.work_out(key + "_scaled", "share of the time there was", Rule::product,
                                              "ns", {*charged.at(kind), *scale})
                                : *charged.at(kind);
        division.kinds.at(kind) =
            w_.work_out(key, "weight at the margin, whole", Rule::whole, "ns", {scaled});
      }
    }
    return division;
  }

  /// Adds the shares of an amount to the parts of the kinds that have an owner.
  void charge(const PricedPool& pool, const std::string& name, Id amount, const Division& division) {
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      if (division.kinds.at(kind) && owned(kind)) {
        const Id share =
            w_.work_out(fmt::format("cost.{}{}{}_usd", pool.name, name, kKinds.at(kind)), "by " + method_,
                        Rule::share, "USD", {amount, *division.kinds.at(kind), division.whole});
        parts_.at(kind).push_back(share);
        if (!name.empty()) {
          energy_parts_.at(kind).push_back(share);
        }
      }
    }
  }

  /// Time splits into busy and idle as it passed; phases and idle are one split.
  void charge_rent(const PricedPool& pool, Id rent, Id wall, Id busy, Division division) {
    if (rule_.method == cost::Allocation::phase_time) {
      division.whole = wall;
      charge(pool, "", rent, division);
      return;
    }
    charge(pool, "",
           w_.work_out("cost." + pool.name + "busy_usd", "share of the time at work", Rule::share, "USD",
                       {rent, busy, wall}),
           division);
  }

  /// Idle devices draw their idle power; the rest of the energy was for work.
  Id add_energy(const PricedPool& pool, Id wall, Id busy, const Division& division) {
    const std::string own = "cost." + pool.name;
    const Id joules = r_.run.decode_pool
                          ? w_.simulated(own + "energy_j", "of the pool's devices, idle time included",
                                         pool.energy().base(), "J")
                          : w_.find("energy.joules");
    const Id exact = w_.work_out(own + "energy_exact_usd", "energy at the meter times tariff", Rule::product,
                                 "USD", {joules, *pool.price.usd_per_joule});
    const Id energy = w_.work_out(own + "energy_usd", "energy drawn", Rule::rounded, "USD", {exact});
    resources_[cost::Resource::energy].push_back(energy);
    if (pool.paid->energy->tariff == cost::UsdPerJoule{}) {
      return energy;
    }
    const Id unused =
        w_.work_out(own + "unused_s", "time of the pool without work", Rule::difference, "s", {wall, busy});
    const Id at_idle = w_.work_out(own + "idle_power_j", "idle power over that time", Rule::product, "J",
                                   {pool.price.idle_watts, pool.devices_per_replica, unused});
    const Id idle = w_.work_out(own + "idle_j", "no more than all", Rule::least, "J", {joules, at_idle});
    const Id work = w_.work_out(own + "work_j", "for work", Rule::difference, "J", {joules, idle});
    const auto micro = [&](const std::string& name, Id amount) {
      return w_.work_out(own + name + "_uj", "in whole millionths", Rule::nearest, "uJ",
                         {w_.work_out(own + name + "_uj_exact", "in millionths", Rule::product, "uJ",
                                      {amount, w_.constant("micro_per_one", 1e6, "", "definition")})});
    };
    const Id working = micro("work", work);
    const Id all =
        w_.work_out(own + "energy_uj", "for work and idle", Rule::sum, "uJ", {working, micro("idle", idle)});
    charge(
        pool, "energy_",
        w_.work_out(own + "energy_busy_usd", "energy for work", Rule::share, "USD", {energy, working, all}),
        division);
    return energy;
  }

  /// By what was bought: rates are whole numbers of 1e-12 USD.
  void split_rent(const PricedPool& pool, Id rent) {
    if (pool.price.parts.empty()) {
      resources_[cost::Resource::compute].push_back(rent);
      return;
    }
    const std::string own = "cost." + pool.name + "rate.";
    std::vector<Id> rates;
    for (const auto& [resource, rate] : pool.price.parts) {
      rates.push_back(
          w_.work_out(own + name(resource), "in whole 1e-12 USD", Rule::rounded, "USD/h", {rate}));
    }
    const Id all = w_.work_out(own + "all", "of all resources", Rule::sum, "USD/h", rates);
    for (std::size_t i = 0; i < rates.size(); ++i) {
      const cost::Resource resource = pool.price.parts[i].first;
      resources_[resource].push_back(w_.work_out("cost." + pool.name + "time_usd_of." + name(resource),
                                                 "its share of the price", Rule::share, "USD",
                                                 {rent, rates[i], all}));
    }
  }

  /// The fleet as long as a month, drawing what it drew in the run.
  void add_month(const PricedPool& pool, const std::vector<Id>& bill) {
    const std::string own = "cost." + pool.name;
    const Id replicas = r_.run.elastic ? w_.find("fleet.mean_replicas") : pool.replicas;
    const Id devices = w_.work_out(own + "devices", "devices that are paid for", Rule::product, "",
                                   {replicas, pool.devices_per_replica});
    months_.push_back(w_.work_out(own + "pool_usd_per_month", "the pool for a month", Rule::product, "USD",
                                  {pool.price.per_hour, devices, month()}));
    if (bill.size() > 1 && r_.run.makespan > SimTime{}) {
      const Id month_s = w_.work_out(own + "month_s", "a month", Rule::product, "s", {month(), w_.hour()});
      const Id runs = w_.work_out(own + "runs_per_month", "runs like this in a month", Rule::quotient, "",
                                  {month_s, w_.find("time.makespan_s")});
      months_.push_back(w_.work_out(own + "energy_usd_per_month", "drawing what it drew", Rule::product,
                                    "USD", {bill.back(), runs}));
    }
  }

  using Shares = std::array<std::vector<Id>, cost::kTokenKinds>;

  /// Of the parts, what is paid for energy, where the devices are owned.
  void add_energy_parts() {
    if (!r_.price.purchase) {
      return;
    }
    const cost::Parts& amounts = r_.bill.energy_parts;
    const std::array<Money, cost::kTokenKinds> parts{amounts.input, amounts.cached_input, amounts.output};
    std::vector<Id> all{w_.find("cost.resources_usd.energy")};
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      all.push_back(add_part("cost.energy_parts_usd.", kind, parts.at(kind), energy_parts_));
    }
    w_.money("cost.energy_parts_usd.idle", "the rest of the energy", Rule::difference, amounts.idle, all);
    w_.work_out("cost.price.device_tdp_w", "power of a device", Rule::sum, "W", {w_.find("cost.rate.tdp_w")});
  }

  Id add_part(const std::string& of, std::size_t kind, Money amount, const Shares& shares) {
    const std::string key = of + kKinds.at(kind);
    if (shares.at(kind).empty()) {
      return w_.simulated(key, "no request had such tokens; what they cost counts as idle",
                          amount.usd().base(), "USD");
    }
    return w_.money(key, "by " + method_, Rule::sum, amount, shares.at(kind));
  }

  /// The bill by what is paid for, and the three sums that must agree.
  void add_resources() {
    std::vector<Id> all;
    for (const cost::NamedResource& known : cost::kResources) {
      const std::string key = "cost.resources_usd." + std::string(known.name);
      const Money amount = r_.bill.resources.of(known.resource);
      const auto found = resources_.find(known.resource);
      if (found != resources_.end()) {
        all.push_back(w_.money(key, "of all pools", Rule::sum, amount, found->second));
      } else {
        w_.stated(key, "nothing", amount.usd().base(), "USD",
                  "a price of tier " + std::string(cost::name_of(r_.price.tier)) + " has no such part");
      }
    }
    w_.money("cost.control_usd.resources", "of all that is paid for", Rule::sum, r_.bill.resources.sum(),
             all);
    std::vector<Id> parts;
    for (const char* part : {"input", "cached_input", "output", "idle"}) {
      parts.push_back(w_.find(std::string("cost.parts_usd.") + part));
    }
    w_.money("cost.control_usd.parts", "of all kinds of tokens and idle", Rule::sum, r_.bill.parts.sum(),
             parts);
    Money replicas;
    for (const Money amount : r_.bill.per_replica) {
      replicas += amount;
    }
    w_.money("cost.control_usd.replicas",
             "of the bills of all replicas, which split those of their pools by paid time and energy",
             Rule::sum, replicas, totals_);
  }

  FigureWriter& w_;
  const RunResult& r_;
  const cost::AllocationRule& rule_;
  std::string method_;
  cost::CostTerms terms_;
  cost::CostTerms decode_terms_;
  std::vector<Id> totals_{};
  std::vector<Id> months_{};
  Shares parts_{};
  Shares energy_parts_{};  ///< of them, shares of energy
  std::map<cost::Resource, std::vector<Id>> resources_{};
};

}  // namespace

void add_bill_figures(FigureWriter& writer, const Catalogue& catalogue) {
  BillFigures(writer, catalogue).add();
}

}  // namespace mtok::planner
