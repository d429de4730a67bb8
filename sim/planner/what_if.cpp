// Moves inputs: prices and limits in the scenario, everything about requests in a copy of its workload.
#include "sim/planner/what_if.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/planner/pricing.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::planner {
namespace {

using workload::Request;

constexpr std::size_t kMostRequests = 200'000;
constexpr double kJoulesPerKwh = 3.6e6;
constexpr std::array<std::pair<Input, std::string_view>, 10> kNames{
    {{Input::price, "price"},
     {Input::energy_price, "energy_price"},
     {Input::volume, "volume"},
     {Input::input_tokens, "input_tokens"},
     {Input::output_tokens, "output_tokens"},
     {Input::hit_rate, "hit_rate"},
     {Input::replicas, "replicas"},
     {Input::ttft_error, "ttft_error"},
     {Input::tpot_error, "tpot_error"},
     {Input::throughput_error, "throughput_error"}}};

std::optional<double> find(std::span<const Move> moves, Input input) {
  const auto found =
      std::find_if(moves.begin(), moves.end(), [&](const Move& move) { return move.input == input; });
  return found == moves.end() ? std::nullopt : std::optional(found->value);
}

std::int64_t scaled(std::int64_t count, double factor) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(count) * factor));
}

/// Content ids that no other request has.
class OwnIds {
 public:
  std::uint64_t next() { return kOwn | count_++; }

 private:
  static constexpr std::uint64_t kOwn = std::uint64_t{1} << 63U;
  std::uint64_t count_ = 0;
};

std::size_t blocks_of(const Request& request, std::int64_t block) {
  return static_cast<std::size_t>((request.input_tokens + block - 1) / block);
}

/// The leading `share` of the prompt is the same text for all requests, the rest is its own.
void share_prompt(Request& request, double share, std::int64_t block, OwnIds& own) {
  const auto common = static_cast<std::size_t>(
      std::floor(share * static_cast<double>(request.input_tokens) / static_cast<double>(block)));
  request.hash_ids.resize(blocks_of(request, block));
  for (std::size_t i = 0; i < request.hash_ids.size(); ++i) {
    request.hash_ids[i] = i < common ? i : own.next();
  }
}

/// A longer prompt goes on with a text of its own, a shorter one ends earlier.
void resize_prompt(Request& request, double factor, std::int64_t block, OwnIds& own) {
  request.input_tokens = scaled(request.input_tokens, factor);
  if (request.hash_ids.empty()) {
    return;
  }
  const std::size_t blocks = blocks_of(request, block);
  while (request.hash_ids.size() < blocks) {
    request.hash_ids.push_back(own.next());
  }
  request.hash_ids.resize(blocks);
}

double hit_rate_of(const RunResult& result) {
  const auto queried = static_cast<double>(result.run.prefix_queried_tokens);
  return queried > 0 ? static_cast<double>(result.run.prefix_hit_tokens) / queried : 0;
}

/// `ttft`: measured over predicted. What comes later, end to end too, comes later by as much.
Outcome outcome_of(const RunResult& result, double ttft) {
  if (result.infeasible) {
    return {};
  }
  const engine::Metrics& metrics = result.metrics;
  const engine::Slo& slo = result.scenario.slo;
  const auto kept = [](const std::optional<Seconds>& promise, Seconds is) {
    return !promise || is <= *promise;
  };
  const auto wall = static_cast<double>(result.run.wall_ns());
  Outcome outcome{.per_token = result.bill.per_token.blended,
                  .ttft_p99 = metrics.ttft.p99 * ttft,
                  .tpot_p99 = metrics.tpot.p99,
                  .busy = wall > 0 ? static_cast<double>(result.run.phases().busy_ns()) / wall : 0,
                  .hit_rate = hit_rate_of(result)};
  outcome.slo_met = metrics.rejected == 0 && kept(slo.ttft_p99, outcome.ttft_p99) &&
                    kept(slo.tpot_p99, outcome.tpot_p99) &&
                    kept(slo.e2e_p99, metrics.e2e.p99 + metrics.ttft.p99 * (ttft - 1));
  return outcome;
}

}  // namespace

std::string_view name_of(Input input) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == input; })
      ->second;
}

std::string_view unit_of(Input input) {
  switch (input) {
    case Input::price:
      return "USD/h";
    case Input::energy_price:
      return "USD/kWh";
    case Input::volume:
    case Input::input_tokens:
    case Input::output_tokens:
    case Input::hit_rate:
    case Input::replicas:
    case Input::ttft_error:
    case Input::tpot_error:
    case Input::throughput_error:
      break;
  }
  return "";
}

std::optional<Input> input_named(std::string_view name) {
  const auto* const found =
      std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.second == name; });
  return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

WhatIf::WhatIf(const Scenario& scenario, const Catalogue& catalogue, const Progress& progress)
    : scenario_(scenario), catalogue_(catalogue) {
  const std::unique_ptr<workload::RequestSource> source = open_workload(scenario);
  auto list = std::make_shared<std::vector<Request>>();
  Request request;
  bool more = source->next(request);
  for (; more && list->size() < kMostRequests; more = source->next(request)) {
    list->push_back(request);
  }
  hash_block_size_ = source->hash_block_size();
  requests_ = list;
  if (more) {
    move_workload(scenario_, {});
  }
  base_ = planner::run(scenario_, catalogue, progress);
  if (more) {
    base_.warnings.push_back("only the first " + std::to_string(kMostRequests) + " requests are looked at");
  }
}

double WhatIf::base_value(Input input) const {
  switch (input) {
    case Input::price:
      return (base_.price.per_device * Seconds(3600)).base();
    case Input::energy_price:
      return base_.price.energy ? base_.price.energy->tariff.base() * kJoulesPerKwh : 0;
    case Input::hit_rate:
      return hit_rate_of(base_);
    case Input::replicas:
      return static_cast<double>(scenario_.replicas);
    case Input::volume:
    case Input::input_tokens:
    case Input::output_tokens:
    case Input::ttft_error:
    case Input::tpot_error:
    case Input::throughput_error:
      break;
  }
  return 1;
}

Outcome WhatIf::base_outcome() const {
  return outcome_of(base_, 1);
}

bool WhatIf::movable(Input input) const {
  const bool offline = scenario_.workload.load.kind == engine::Load::Kind::offline;
  switch (input) {
    case Input::volume:
    case Input::ttft_error:
    case Input::tpot_error:
      return !offline;
    case Input::throughput_error:
      return offline;
    case Input::hit_rate:
      return scenario_.engine.enable_prefix_caching;
    case Input::energy_price:
      return base_.price.energy && base_.price.energy->tariff > cost::UsdPerJoule{} && base_.pools.empty();
    case Input::price:
    case Input::input_tokens:
    case Input::output_tokens:
    case Input::replicas:
      break;
  }
  return true;
}

Outcome WhatIf::run(std::span<const Move> moves) const {
  Scenario scenario = scenario_;
  const std::optional<double> price = find(moves, Input::price);
  const bool after = base_.price.energy && base_.pools.empty();
  if (price && !after) {
    move_price(scenario, *price / base_value(Input::price));
  }
  if (const std::optional<double> replicas = find(moves, Input::replicas)) {
    scenario.replicas = std::llround(*replicas);
  }
  move_workload(scenario, moves);
  const double all = 1 / find(moves, Input::throughput_error).value_or(1);
  RunResult result = planner::run(
      scenario, catalogue_, {},
      {.time_scale = {.prefill = all, .decode = all * find(moves, Input::tpot_error).value_or(1)}});
  if (after && !result.infeasible) {
    reprice(result, moves);
  }
  return outcome_of(result, find(moves, Input::ttft_error).value_or(1));
}

void WhatIf::move_price(Scenario& scenario, double factor) const {
  scenario.prices.per_device = base_.price.per_device * factor;
  if (scenario.disaggregation && base_.decode_pool) {
    scenario.disaggregation->prices.per_device = base_.decode_pool->price.per_device * factor;
  }
  for (std::size_t i = 0; i < scenario.models.size() && i < base_.pools.size(); ++i) {
    scenario.models[i].prices.per_device = base_.pools[i].price.per_device * factor;
  }
}

void WhatIf::reprice(RunResult& result, std::span<const Move> moves) const {
  const std::optional<double> price = find(moves, Input::price);
  const std::optional<double> energy = find(moves, Input::energy_price);
  if (!price && !energy) {
    return;
  }
  const auto move = [&](cost::Price& of) {
    of.per_device = of.per_device * (price ? *price / base_value(Input::price) : 1);
    if (of.energy && energy) {
      of.energy->tariff = of.energy->tariff * (*energy / base_value(Input::energy_price));
    }
  };
  move(result.price);
  if (result.decode_pool) {
    move(result.decode_pool->price);
  }
  result.bill = bill_of(result);
}

void WhatIf::move_workload(Scenario& scenario, std::span<const Move> moves) const {
  const std::optional<double> volume = find(moves, Input::volume);
  const std::optional<double> input = find(moves, Input::input_tokens);
  const std::optional<double> output = find(moves, Input::output_tokens);
  const std::optional<double> hit_rate = find(moves, Input::hit_rate);
  std::shared_ptr<const std::vector<Request>> requests = requests_;
  std::int64_t block = hash_block_size_;
  engine::Load load = scenario.workload.load;
  if (volume && load.kind == engine::Load::Kind::closed) {
    load.concurrency = scaled(load.concurrency, *volume);
  }
  if (volume || input || output || hit_rate) {
    auto moved = std::make_shared<std::vector<Request>>(*requests_);
    block = hit_rate && block == 0 ? base_.scheduler.kv_geometry.block_size : block;
    OwnIds own;
    for (Request& request : *moved) {
      request.arrival_ns = std::llround(static_cast<double>(request.arrival_ns) / volume.value_or(1));
      request.output_tokens = scaled(request.output_tokens, output.value_or(1));
      resize_prompt(request, input.value_or(1), block, own);
      if (hit_rate) {
        share_prompt(request, *hit_rate, block, own);
      }
    }
    requests = std::move(moved);
  }
  const auto give = [&](Scenario& to) {
    to.workload = {.requests = requests, .requests_hash_block_size = block, .load = load};
  };
  give(scenario);
  std::for_each(scenario.models.begin(), scenario.models.end(), give);
}

}  // namespace mtok::planner
