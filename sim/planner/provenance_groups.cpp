// Writes down the formulas of groups of requests: the batch tier, tenants, and what adapters had to wait for.
#include <fmt/format.h>

#include <array>

#include "sim/planner/provenance_writer.hpp"

namespace mtok::planner {
namespace {

using Id = FigureGraph::Id;

constexpr std::array<const char*, cost::kTokenKinds> kKinds{"input", "cached_input", "output"};

double real(std::int64_t count) {
  return static_cast<double>(count);
}

class GroupFigures {
 public:
  explicit GroupFigures(FigureWriter& writer)
      : w_(writer), r_(writer.result), rule_(r_.scenario.prices.allocation) {}

  void add() {
    if (r_.batch) {
      add_batch();
    }
    if (!r_.tenants.empty()) {
      add_tenants();
    }
    add_adapters();
  }

 private:
  using Shares = std::array<Id, cost::kTokenKinds>;

  Shares add_shares(const std::string& prefix, const engine::RequestTotals& totals) {
    const cost::GroupShares values = cost::group_shares(rule_, totals);
    const std::string meaning = "shares in the part, by " + std::string(cost::name_of(rule_.method));
    Shares shares{};
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      shares.at(kind) = w_.simulated(prefix + "shares." + kKinds.at(kind), meaning, values.at(kind));
    }
    return shares;
  }

  void add_batch() {
    const engine::RequestTotals& totals = *r_.run.batch;
    const engine::Metrics& metrics = r_.batch->metrics;
    const Shares all = add_shares("cost.", r_.run.totals);
    const Shares own = add_shares("batch.cost.", totals);
    add_counts("batch.", metrics);
    w_.simulated("batch.requests.preempted", "times that a request lost its KV cache",
                 real(totals.preemptions));
    const Id wall = w_.find("time.makespan_s");
    if (w_.graph.value_of(wall) > 0) {
      w_.work_out("batch.output_tokens_per_s", "a rate over the whole run", Rule::quotient, "tokens/s",
                  {w_.find("batch.tokens.output"), wall});
    }
    add_parts("batch.", *r_.batch, own, all);
    add_unit_cost("batch.", *r_.batch, totals);
    if (metrics.completed > 0) {
      add_latencies("batch.", metrics);
    }
  }

  void add_tenants() {
    if (w_.pools().empty()) {
      share_parts_among_tenants();
    } else {
      add_up_parts_of_tenants();
    }
    for (std::size_t i = 0; i < r_.tenants.size(); ++i) {
      const std::string prefix = fmt::format("tenants.{}.", i);
      const RequestGroup& tenant = r_.tenants[i];
      w_.sources.setting(prefix + "weight", fmt::format("fleet.tenants[{}].weight", i), tenant.weight);
      add_counts(prefix, tenant.metrics);
      add_unit_cost(prefix, tenant, r_.run.tenants.at(i));
      if (w_.graph.value_of(w_.find("tokens.billed")) > 0) {
        w_.work_out(prefix + "share_of_tokens", "of the tokens of all requests", Rule::quotient, "",
                    {w_.find(prefix + "tokens.billed"), w_.find("tokens.billed")});
      } else {
        w_.simulated(prefix + "share_of_tokens", "no request had any", tenant.token_share);
      }
      if (tenant.metrics.completed > 0) {
        add_latencies(prefix, tenant.metrics);
      }
      if (tenant.metrics.output_tokens > tenant.metrics.completed) {
        add_distribution(prefix + "latency.tpot_ms.", "(end to end - TTFT) / (output - 1)",
                         tenant.metrics.tpot);
      }
    }
  }

  /// A tenant pays what it pays in each pool of a fleet of several models.
  void add_up_parts_of_tenants() {
    for (std::size_t i = 0; i < r_.tenants.size(); ++i) {
      for (const char* kind : kKinds) {
        w_.sum_of_pools(fmt::format("tenants.{}.cost.parts_usd.{}", i, kind), "of all pools", "USD");
      }
    }
  }

  void share_parts_among_tenants() {
    std::vector<Shares> own;
    std::array<std::vector<Id>, cost::kTokenKinds> kinds;
    for (std::size_t i = 0; i < r_.tenants.size(); ++i) {
      own.push_back(add_shares(fmt::format("tenants.{}.cost.", i), r_.run.tenants.at(i)));
      for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
        kinds.at(kind).push_back(own.back().at(kind));
      }
    }
    Shares all{};
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      all.at(kind) = w_.work_out(std::string("tenants.shares.") + kKinds.at(kind), "of all tenants",
                                 Rule::sum, "", kinds.at(kind));
    }
    for (std::size_t i = 0; i < r_.tenants.size(); ++i) {
      add_parts(fmt::format("tenants.{}.", i), r_.tenants[i], own.at(i), all);
    }
  }

  void add_counts(const std::string& prefix, const engine::Metrics& metrics) {
    w_.simulated(prefix + "requests.offered", "requests that arrived", real(metrics.offered));
    w_.simulated(prefix + "requests.completed", "requests that were answered", real(metrics.completed));
    w_.simulated(prefix + "requests.rejected", "requests that can never fit", real(metrics.rejected));
    w_.simulated(prefix + "requests.unfinished", "requests under way when the run was stopped",
                 real(metrics.unfinished));
    w_.simulated(prefix + "tokens.input", "input tokens of completed requests", real(metrics.input_tokens),
                 "tokens");
    w_.simulated(prefix + "tokens.cached_input", "of them from the prefix cache",
                 real(metrics.cached_input_tokens), "tokens");
    w_.simulated(prefix + "tokens.output", "output tokens of completed requests", real(metrics.output_tokens),
                 "tokens");
  }

  /// Each part of the bill by the shares in it; idle is nobody's.
  void add_parts(const std::string& prefix, const RequestGroup& group, const Shares& own, const Shares& all) {
    const std::array<Money, cost::kTokenKinds> amounts{group.cost.input, group.cost.cached_input,
                                                       group.cost.output};
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      w_.money(prefix + "cost.parts_usd." + kKinds.at(kind), "of the part of the bill", Rule::share,
               amounts.at(kind),
               {w_.find(std::string("cost.parts_usd.") + kKinds.at(kind)), own.at(kind), all.at(kind)});
    }
  }

  /// Requires the parts.
  void add_unit_cost(const std::string& prefix, const RequestGroup& group,
                     const engine::RequestTotals& totals) {
    std::vector<Id> parts;
    for (const char* kind : kKinds) {
      parts.push_back(w_.find(prefix + "cost.parts_usd." + kind));
    }
    const Id total =
        w_.money(prefix + "cost.total_usd", "of the work done for them", Rule::sum, group.cost.sum(), parts);
    const Id tokens = w_.simulated(prefix + "tokens.billed", "input and output of requests that emitted one",
                                   real(cost::billed_tokens(totals)), "tokens");
    if (!group.per_token) {
      return;
    }
    const std::string key = prefix + "cost.usd_per_mtok";
    const Id rate = w_.work_out(key + ".per_token", "work over their own tokens", Rule::quotient, "USD/token",
                                {total, tokens});
    const Id plain = w_.work_out(key, "work over their own tokens, per million", Rule::product, "USD/Mtok",
                                 {rate, w_.mtok()});
    if (group.per_token_with_idle) {
      w_.work_out(key + "_with_idle", "the same when work carries what was idle", Rule::product, "USD/Mtok",
                  {plain, growth()});
    }
  }

  Id growth() {
    const std::string key = "cost.bill_over_work";
    if (w_.has(key)) {
      return w_.find(key);
    }
    const Id total = w_.find("cost.total_usd");
    const Id work = w_.work_out("cost.work_usd", "the bill without what was idle", Rule::difference, "USD",
                                {total, w_.find("cost.parts_usd.idle")});
    return w_.work_out(key, "whole bill over work", Rule::quotient, "", {total, work});
  }

  void add_latencies(const std::string& prefix, const engine::Metrics& metrics) {
    add_distribution(prefix + "latency.ttft_ms.", "arrival to first token", metrics.ttft);
    add_distribution(prefix + "latency.e2e_ms.", "arrival to last token", metrics.e2e);
    add_distribution(prefix + "latency.queue_ms.", "arrival to first step", metrics.queue);
  }

  void add_distribution(const std::string& prefix, const std::string& meaning,
                        const engine::Distribution& of) {
    const std::array<std::pair<const char*, Seconds>, 6> values{{{"mean", of.mean},
                                                                 {"p50", of.p50},
                                                                 {"p90", of.p90},
                                                                 {"p95", of.p95},
                                                                 {"p99", of.p99},
                                                                 {"max", of.max}}};
    for (const auto& [which, value] : values) {
      w_.simulated(prefix + which, std::string(which) + " of " + meaning, value.base() * 1e3, "ms");
    }
  }

  void add_adapters() {
    if (!r_.scenario.lora) {
      return;
    }
    std::int64_t loads = 0;
    std::int64_t fetches = 0;
    Seconds waited;
    for (const engine::ReplicaRecord& replica : r_.run.replicas) {
      loads += replica.adapter_loads;
      fetches += replica.adapter_fetches;
      waited += replica.adapter_wait;
    }
    w_.simulated("lora.loads", "adapters brought to devices", real(loads));
    w_.simulated("lora.fetches", "of them, from storage", real(fetches));
    w_.simulated("lora.waited_ms", "that steps were held up by it", waited.base() * 1e3, "ms");
  }

  FigureWriter& w_;
  const RunResult& r_;
  const cost::AllocationRule& rule_;
};

}  // namespace

void add_group_figures(FigureWriter& writer) {
  GroupFigures(writer).add();
}

}  // namespace mtok::planner
