// Reads the blocks of a scenario that stand by themselves: engine, prices, links between pools, distillation.
#include "sim/planner/scenario_blocks.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "sim/engine/fair_lanes.hpp"
#include "sim/hardware/framework_profile.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;
using config::Choice;
using config::Reader;

constexpr std::array<Choice<cost::Tier>, 5> kTiers{{{"on_demand", cost::Tier::on_demand},
                                                    {"spot", cost::Tier::spot},
                                                    {"reserved_1y", cost::Tier::reserved_1y},
                                                    {"reserved_3y", cost::Tier::reserved_3y},
                                                    {"owned", cost::Tier::owned}}};
constexpr std::array<Choice<cost::Allocation>, 4> kMethods{
    {{"phase_time", cost::Allocation::phase_time},
     {"kv_byte_seconds", cost::Allocation::kv_byte_seconds},
     {"fixed_ratio", cost::Allocation::fixed_ratio},
     {"marginal", cost::Allocation::marginal}}};

constexpr config::Range kLatency{.least = 0, .most = 60};  // seconds until a transfer begins

/// Groups of terms that the block replaces numbers of.
void read_terms(Reader& reader, PriceChoice& prices) {
  std::string_view group;
  std::optional<Reader> terms;
  for (const cost::TermKey& term : cost::term_keys()) {
    if (term.group != group) {
      if (terms) {
        terms->done();
      }
      group = term.group;
      terms = reader.find_mapping(group);
    }
    if (terms && terms->has(term.key)) {
      prices.terms.push_back({.term = &term, .value = terms->number(term.key, term.range)});
    }
  }
  if (terms) {
    terms->done();
  }
}

void read_kv_tiers(Reader& reader, EngineChoice& engine) {
  for (Reader& tier : reader.mappings("kv_tiers")) {
    engine.kv_tiers.push_back({.name = tier.text("name"),
                               .capacity = tier.quantity<Bytes>("capacity"),
                               .bandwidth = tier.quantity<BytesPerSecond>("bandwidth", kBandwidth)});
    tier.done();
  }
  if (engine.kv_tiers.size() > mtok::engine::kMostKvTiers) {
    reader.fail("kv_tiers", "at most " + std::to_string(mtok::engine::kMostKvTiers) + " tiers");
  } else if (!engine.enable_prefix_caching) {
    reader.fail("kv_tiers", "tiers hold cached prefixes, but enable_prefix_caching is false");
  }
}

}  // namespace

void read_engine_block(Reader& reader, const Catalogue& catalogue, const fs::path& folder,
                       EngineChoice& engine) {
  engine.framework = reader.text_or("framework", engine.framework);
  const Catalogue::Lookup framework = catalogue.find_framework(engine.framework, folder);
  if (!framework.file) {
    reader.fail("framework", framework.problem, framework.hint);
  }
  const auto count = [&](std::string_view key, std::optional<std::int64_t>& value) {
    if (reader.has(key)) {
      value = reader.integer(key, config::kAtLeastOne);
    }
  };
  count("max_num_seqs", engine.max_num_seqs);
  count("max_num_batched_tokens", engine.max_num_batched_tokens);
  count("max_model_len", engine.max_model_len);
  count("block_size", engine.block_size);
  count("num_gpu_blocks", engine.num_gpu_blocks);
  engine.scheduler_recv_interval =
      reader.integer_or("scheduler_recv_interval", engine.scheduler_recv_interval, config::kAtLeastOne);
  engine.batch_wait_timeout_iters = reader.integer_or(
      "batch_wait_timeout_iters", engine.batch_wait_timeout_iters, {.least = 0, .most = 1 << 20});
  engine.batch_wait_max_tokens_ratio =
      reader.number_or("batch_wait_max_tokens_ratio", engine.batch_wait_max_tokens_ratio, config::kFraction);
  if (reader.has("gpu_memory_utilization")) {
    engine.gpu_memory_utilization = reader.number("gpu_memory_utilization", {.least = 0.01, .most = 1});
  }
  engine.enable_chunked_prefill = reader.flag_or("enable_chunked_prefill", engine.enable_chunked_prefill);
  engine.enable_prefix_caching = reader.flag_or("enable_prefix_caching", engine.enable_prefix_caching);
  if (reader.has("kv_tiers")) {
    read_kv_tiers(reader, engine);
  }
  if (reader.has("moe_routing_skew")) {
    engine.moe_routing_skew = reader.number("moe_routing_skew", {.least = 0, .most = model::kMaxSkew});
  }
  reader.done();
}

std::vector<TenantChoice> read_tenants(Reader& fleet) {
  constexpr std::size_t kMostTenants = 64;
  constexpr config::Range kWeight{.least = engine::FairLanes::kLeastWeight,
                                  .most = engine::FairLanes::kMostWeight};
  std::vector<TenantChoice> tenants;
  for (Reader& entry : fleet.mappings("tenants")) {
    TenantChoice tenant{.name = entry.text("name")};
    tenant.weight = entry.number_or("weight", 1, kWeight);
    const auto same = [&](const TenantChoice& other) { return other.name == tenant.name; };
    if (std::any_of(tenants.begin(), tenants.end(), same)) {
      entry.fail("name", "'" + tenant.name + "' is there already");
    }
    entry.done();
    tenants.push_back(std::move(tenant));
  }
  if (tenants.size() > kMostTenants) {
    fleet.fail("tenants", "at most " + std::to_string(kMostTenants) + " by name",
               "all others share one place of weight 1");
  }
  return tenants;
}

void read_expert_placement(Reader& reader, model::Sharding& sharding) {
  sharding.balanced_experts = reader.flag_or("enable_eplb", false);
  sharding.two_batch_overlap = reader.flag_or("enable_dbo", false);
  if (std::optional<Reader> balancer = reader.find_mapping("eplb_config")) {
    sharding.redundant_experts = balancer->integer_or("num_redundant_experts", 0, {.least = 0, .most = 4096});
    balancer->done();
    if (!sharding.balanced_experts) {
      reader.fail("eplb_config", "experts are placed by load with 'enable_eplb: true' only");
    }
  }
}

void read_prices_block(Reader& reader, PriceChoice& prices) {
  prices.book = reader.text_or("book", prices.book);
  prices.tier = reader.choice_or("tier", prices.tier, std::span<const Choice<cost::Tier>>(kTiers));
  if (reader.has("provider")) {
    prices.provider = reader.text("provider");
  }
  if (reader.has("usd_per_device_hour")) {
    prices.per_device = usd_per_hour(reader.number("usd_per_device_hour", {.least = 0, .most = 1e6}));
  }
  if (reader.has("usd_per_device")) {
    prices.purchase = Usd(reader.number("usd_per_device", {.least = 0, .most = 1e7}));
  }
  const bool owned = prices.tier == cost::Tier::owned;
  if (prices.purchase && !owned) {
    reader.fail("usd_per_device", "what a device costs to buy needs tier: owned");
  } else if (owned && reader.has("usd_per_device_hour")) {
    reader.fail("usd_per_device_hour", "owned devices have a purchase price, not an hourly one",
                "give usd_per_device: ..., or another tier");
  }
  read_terms(reader, prices);
  reader.done();
}

void read_allocation(Reader& reader, PriceChoice& prices, std::vector<Assumption>& defaults) {
  cost::AllocationRule& rule = prices.allocation;
  rule.method =
      reader.choice_or("allocation", rule.method, std::span<const Choice<cost::Allocation>>(kMethods));
  constexpr config::Range kRatio{.least = 0, .most = 1000};
  const auto ratio = [&](std::string_view key, double& value, const char* source) {
    if (reader.has(key) && rule.method != cost::Allocation::fixed_ratio) {
      reader.fail(key, "needs allocation: fixed_ratio");
    } else if (reader.has(key)) {
      value = reader.number(key, kRatio);
    } else if (rule.method == cost::Allocation::fixed_ratio) {
      defaults.push_back({"prices." + std::string(key), units::shortest(value), source, ""});
    }
  };
  ratio("output_ratio", rule.output_ratio,
        "median of output/input over 230 API list prices, models/api_prices.yaml");
  ratio("cached_ratio", rule.cached_ratio,
        "median of cached/input over 114 API list prices, models/api_prices.yaml");
  if (reader.has("as_of")) {
    prices.as_of = cost::parse_date(reader.text("as_of"));
    if (!prices.as_of) {
      reader.fail("as_of", "expected a day such as 2026-05-20");
    }
  }
}

void check_price(Reader& root, const PriceChoice& prices, const std::string& device,
                 const Catalogue& catalogue, const fs::path& folder) {
  if (!root.ok() || prices.per_device || prices.purchase) {
    return;
  }
  const Catalogue::Lookup book_file = catalogue.find_price_book(prices.book, folder);
  const std::string block = root.has("prices") ? "prices" : "hardware";
  if (!book_file.file) {
    root.fail(block, book_file.problem, book_file.hint);
    return;
  }
  if (!find_price(*catalogue.price_book(*book_file.file), device, prices)) {
    root.fail(block,
              "book '" + prices.book + "' has no " + std::string(cost::name_of(prices.tier)) + " price for " +
                  device + (prices.provider ? " from " + *prices.provider : ""),
              prices.tier == cost::Tier::owned ? "give prices: {tier: owned, usd_per_device: ...}"
                                               : "give prices: {usd_per_device_hour: ...}");
  }
}

void read_kv_transfer(Reader& reader, KvTransferChoice& choice) {
  if (reader.has("bandwidth")) {
    choice.bandwidth = reader.quantity<BytesPerSecond>("bandwidth", kBandwidth);
  }
  if (reader.has("latency")) {
    choice.latency = reader.quantity<Seconds>("latency", kLatency);
  }
  choice.layerwise = reader.flag_or("layerwise", false);
  reader.done();
}

CapacityChoice read_capacity(Reader& reader) {
  constexpr config::Range kChange{.least = -0.9, .most = 10};
  constexpr config::Range kFall{.least = -1, .most = 0.99};
  constexpr config::Range kRatio{.least = 0.01, .most = 1};
  CapacityChoice choice;
  choice.months = reader.integer_or("months", choice.months, {.least = 1, .most = 120});
  const auto number = [&](std::string_view key, double& value, config::Range range) {
    value = reader.number_or(key, value, range);
  };
  number("demand_growth_per_month", choice.demand_growth_per_month, kChange);
  number("price_decline_per_year", choice.price_decline_per_year, kFall);
  choice.api_price_decline_per_year = choice.price_decline_per_year;
  number("api_price_decline_per_year", choice.api_price_decline_per_year, kFall);
  number("daily_swing", choice.daily_swing, config::kFraction);
  number("weekend", choice.weekend, {.least = 0, .most = 10});
  number("discount_rate_per_year", choice.discount_rate_per_year, config::kFraction);
  choice.spare_replicas =
      reader.integer_or("spare_replicas", choice.spare_replicas, {.least = 0, .most = 1000});
  const auto ratio = [&](std::string_view key, std::optional<double>& value) {
    if (reader.has(key)) {
      value = reader.number(key, kRatio);
    }
  };
  ratio("reserved_1y_ratio", choice.reserved_1y_ratio);
  ratio("reserved_3y_ratio", choice.reserved_3y_ratio);
  if (reader.has("api")) {
    choice.api = reader.texts("api");
  }
  reader.done();
  return choice;
}

DistillationChoice read_distillation(Reader& reader, std::vector<Assumption>& defaults) {
  DistillationChoice choice;
  choice.teacher_tokens = Tokens(reader.number("teacher_tokens", config::kPositive));
  choice.teacher_per_token =
      Usd(reader.number("teacher_usd_per_mtok", {.least = 0, .most = 1e6})) / Tokens(1e6);
  choice.training_tokens = Tokens(reader.number("training_tokens", config::kPositive));
  choice.mfu = reader.number_or("mfu", choice.mfu, {.least = 0.01, .most = 1});
  choice.months = reader.number_or("months", choice.months, config::kPositive);
  if (!reader.has("mfu")) {
    defaults.push_back({"distillation.mfu", "0.4",
                        "Llama 3 405B was trained at 38 to 43 % in bf16 (arXiv 2407.21783, table 4)", ""});
  }
  reader.done();
  return choice;
}

}  // namespace mtok::planner
