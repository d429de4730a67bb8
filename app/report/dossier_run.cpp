// Reads one run: the figures by name for tables, and all of them by their path.
#include <fmt/format.h>

#include "app/report/dossier_fields.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

struct Suffix {
  std::string_view ending;
  std::string_view unit;
};

/// Units stand at the end of keys; the longest ending that fits counts.
std::string unit_of(std::string_view path) {
  static constexpr std::array<Suffix, 13> kSuffixes{{{"_tokens_per_s", "tokens/s"},
                                                     {"_tokens_per_s_per_device", "tokens/s a device"},
                                                     {"requests_per_s", "requests/s"},
                                                     {"_ms", "ms"},
                                                     {"_s", "s"},
                                                     {"_bytes", "bytes"},
                                                     {"_bytes_per_token", "bytes"},
                                                     {"_bytes_per_device", "bytes"},
                                                     {"kwh", "kWh"},
                                                     {"joules_per_output_token", "J"},
                                                     {"_usd", "USD"},
                                                     {"_blocks", "blocks"},
                                                     {"_tokens", "tokens"}}};
  if (path.find("usd_per_mtok") != std::string_view::npos) {
    return "USD per million tokens";
  }
  if (path.find("latency.") == 0) {
    return "ms";
  }
  if (path.find("_usd.") != std::string_view::npos || path.find("cost.usd_") == 0) {
    return "USD";
  }
  for (const Suffix& suffix : kSuffixes) {
    if (path.ends_with(suffix.ending)) {
      return std::string(suffix.unit);
    }
  }
  return "";
}

/// Every number below `value`, and the texts of amounts, in order.
void collect(const Json& value, const std::string& path, std::vector<Fact>& facts) {
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) {
      collect(child, path.empty() ? key : path + "." + key, facts);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      collect(value[i], fmt::format("{}.{}", path, i), facts);
    }
  } else if (value.is_number_float()) {
    facts.push_back(
        {.key = path, .title = {}, .unit = unit_of(path), .value = units::shortest(value.get<double>())});
  } else if (value.is_number() || value.is_boolean()) {
    facts.push_back({.key = path, .title = {}, .unit = unit_of(path), .value = value.dump()});
  } else {
    facts.push_back({.key = path,
                     .title = {},
                     .unit = unit_of(path),
                     .value = value.is_string() ? value.get<std::string>() : std::string()});
  }
}

void read_head(ResultDocument& result, config::Reader& root, Dossier& dossier) {
  dossier.scenario = root.text("scenario");
  dossier.version = text_or_empty(root, "version");
  dossier.rounding = text_or_empty(root, "rounding");
  dossier.hash = text_or_empty(root, "hash");
  dossier.seed = root.integer("seed");
  dossier.feasible = !root.has("feasible") || root.flag("feasible");
  dossier.partial = present(root, "partial") && root.flag("partial");
  if (const auto options = result.json.find("options"); options != result.json.end()) {
    for (const auto& [key, value] : options->items()) {
      const bool off = value.is_null() || (value.is_boolean() && !value.get<bool>());
      if (!off) {
        dossier.options.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
      }
    }
  }
}

void read_deployment(config::Reader& root, Dossier& dossier) {
  config::Reader deployment = root.mapping("deployment");
  Case& run = dossier.run;
  run.name = dossier.scenario;
  run.feasible = dossier.feasible;
  run.model = deployment.text("model");
  run.device = deployment.text("device");
  run.replicas = deployment.integer("replicas");
  run.devices = run.replicas * deployment.integer("devices_per_replica");
  run.formats = "W " + deployment.text("weights") + " A " + deployment.text("activations") + " KV " +
                deployment.text("kv_cache");
  dossier.framework = deployment.text("framework");
  const std::string version = text_or_empty(deployment, "framework_version");
  dossier.framework += version.empty() ? "" : " " + version;
  dossier.pools.push_back({.name = "all requests",
                           .model = run.model,
                           .device = run.device,
                           .devices_per_replica = deployment.integer("devices_per_replica"),
                           .replicas = run.replicas});
}

void add_up_pools(Dossier& dossier) {
  Case& run = dossier.run;
  run.devices = 0;
  run.replicas = 0;
  double devices = 0;
  double replicas = 0;
  bool changes = false;
  for (const PoolLine& pool : dossier.pools) {
    run.devices += pool.devices();
    run.replicas += pool.replicas;
    devices += pool.mean_devices(dossier.makespan_ns);
    replicas += pool.mean_replicas(dossier.makespan_ns);
    changes = changes || pool.paid_ns;
  }
  if (changes) {
    run.mean_devices = devices;
    run.mean_replicas = replicas;
  }
}

/// `price` of a pool, where it has one of its own.
void read_offer(config::Reader& pool, PoolLine& line) {
  if (!present(pool, "price")) {
    return;
  }
  config::Reader price = pool.mapping("price");
  line.price.tier = cost::tier_named(text_or_empty(price, "tier")).value_or(cost::Tier::on_demand);
  line.price.provider = text_or_empty(price, "provider");
  line.price.offer = text_or_empty(price, "offer");
  line.price.region = text_or_empty(price, "region");
  line.price.as_of = text_or_empty(price, "as_of");
  line.price.source = text_or_empty(price, "source");
  line.price.whole_server = text_or_empty(price, "purchase_covers").find("server") != std::string::npos;
  if (present(price, "owned")) {
    config::Reader owned = price.mapping("owned");
    line.owned = OwnedFacts{.outlay = money_of(owned, "outlay_usd_per_device"),
                            .running_hour = money_of(owned, "running_usd_per_device_hour"),
                            .per_kwh = money_of(owned, "usd_per_kwh"),
                            .power_overhead = owned.number("power_overhead")};
  }
}

/// Pools of prefill and decode, or of several models, take the place of the one pool.
void read_pools(config::Reader& root, Dossier& dossier) {
  if (present(root, "disaggregation")) {
    config::Reader both = root.mapping("disaggregation");
    config::Reader decode = both.mapping("decode");
    dossier.pools.front().name = "prefill";
    dossier.pools.push_back({.name = "decode",
                             .model = dossier.run.model,
                             .device = decode.text("device"),
                             .devices_per_replica = decode.integer("devices_per_replica"),
                             .replicas = decode.integer("replicas"),
                             .device_hour = money_or_none(decode, "usd_per_device_hour"),
                             .kwh = number_or_none(decode, "kwh")});
    read_offer(decode, dossier.pools.back());
  }
  if (root.is_list("models")) {
    dossier.pools.clear();
    for (config::Reader pool : root.mappings("models")) {
      dossier.pools.push_back({.name = pool.text("model"),
                               .model = pool.text("model"),
                               .device = pool.text("device"),
                               .devices_per_replica = pool.integer("devices_per_replica"),
                               .replicas = pool.integer("replicas"),
                               .device_hour = money_or_none(pool, "usd_per_device_hour"),
                               .kwh = number_or_none(pool, "kwh"),
                               .total = money_or_none(pool, "total_usd"),
                               .busy = number_or_none(pool, "busy")});
      read_offer(pool, dossier.pools.back());
      if (present(pool, "fleet")) {
        dossier.pools.back().paid_ns = pool.mapping("fleet").integer("replica_ns");
      }
    }
  }
  if (present(root, "fleet") && dossier.pools.size() == 1) {
    dossier.pools.front().paid_ns = root.mapping("fleet").integer("replica_ns");
  }
  add_up_pools(dossier);
}

void read_latency(config::Reader& root, Dossier& dossier) {
  static constexpr std::array<std::pair<const char*, const char*>, 5> kLines{
      {{"ttft_ms", "TTFT, first token"},
       {"tpot_ms", "TPOT, each further token"},
       {"itl_ms", "ITL, gaps between tokens"},
       {"e2e_ms", "E2E, whole request"},
       {"queue_ms", "queue, until scheduled"}}};
  config::Reader latency = root.mapping("latency");
  for (const auto& [key, title] : kLines) {
    config::Reader line = latency.mapping(key);
    LatencyLine& entry = dossier.latency.emplace_back(LatencyLine{.key = key, .title = title});
    for (std::size_t i = 0; i < kLatencyColumns.size(); ++i) {
      entry.ms[i] = number_or_none(line, kLatencyColumns[i]);
    }
  }
  constexpr std::size_t kP99 = 4;
  dossier.run.ttft_p99_ms = dossier.latency[0].ms[kP99];
  dossier.run.tpot_p99_ms = dossier.latency[1].ms[kP99];
}

void read_price(config::Reader& cost, Dossier& dossier) {
  const std::optional<Money> device_hour = money_or_none(cost, "usd_per_device_hour");
  dossier.run.device_hour = device_hour;
  PoolLine whole;
  read_offer(cost, whole);
  for (PoolLine& pool : dossier.pools) {
    if (!pool.device_hour) {
      pool.device_hour = device_hour;
    }
    if (pool.price.source.empty()) {
      pool.price = whole.price;
      pool.owned = whole.owned;
    }
  }
  dossier.price = whole.price;
  dossier.price.device = dossier.run.device;
  if (present(cost, "price")) {
    config::Reader price = cost.mapping("price");
    dossier.tdp_w = number_or_none(price, "device_tdp_w");
  }
}

void read_bill(config::Reader& root, Dossier& dossier) {
  config::Reader cost = root.mapping("cost");
  Case& run = dossier.run;
  run.total = money_of(cost, "total_usd");
  run.parts = parts_of(cost, "parts_usd", *run.total);
  run.has_parts = true;
  run.per_month = money_or_none(cost, "usd_per_month");
  dossier.allocation = text_or_empty(cost, "allocation");
  dossier.per_request = money_or_none(cost, "usd_per_request");
  config::Reader rates = cost.mapping("usd_per_mtok");
  run.blended = money_or_none(rates, "blended");
  config::Reader with_idle = cost.mapping("usd_per_mtok_with_idle");
  const auto line = [&](const char* key, const char* title, std::optional<std::int64_t> tokens,
                        Money amount) {
    dossier.bill.push_back({.key = key,
                            .title = title,
                            .tokens = tokens,
                            .amount = amount,
                            .per_mtok = money_or_none(rates, key),
                            .per_mtok_with_idle = money_or_none(with_idle, key)});
  };
  line("input", "input, computed", run.input_tokens - run.cached_input_tokens, run.parts.input);
  line("cached_input", "input, from the cache", run.cached_input_tokens, run.parts.cached_input);
  line("output", "output", run.output_tokens, run.parts.output);
  line("idle", "idle: paid for, not used", std::nullopt, run.parts.idle);
  run.energy_parts = energy_parts_of(cost);
  if (present(cost, "control_usd")) {
    config::Reader control = cost.mapping("control_usd");
    for (const std::string& key : control.keys()) {
      dossier.stated_sums.emplace_back(key, money_of(control, key));
    }
  }
  if (*run.total > Money{}) {
    dossier.idle_share = run.parts.idle.usd().base() / run.total->usd().base();
  }
  read_price(cost, dossier);
}

void read_distillation(config::Reader& root, Dossier& dossier) {
  if (!present(root, "distillation")) {
    return;
  }
  config::Reader made = root.mapping("distillation");
  dossier.distillation = {.one_time = money_of(made, "one_time_usd"),
                          .teacher = money_of(made, "teacher_usd"),
                          .training = money_of(made, "training_usd"),
                          .device_hours = number_or_none(made, "training_device_hours"),
                          .amortised = money_or_none(made, "amortised_usd_per_mtok"),
                          .with_serving = money_or_none(made, "usd_per_mtok_with_serving")};
}

void read_quality(config::Reader& root, Dossier& dossier) {
  dossier.run.quality = "unknown";
  if (!present(root, "quality")) {
    return;
  }
  config::Reader quality = root.mapping("quality");
  dossier.quality_known = true;
  dossier.run.quality = quality.text("benchmark") + " " + units::fixed(quality.number("percent"), 1);
  dossier.run.quality_source = text_or_empty(quality, "source");
  if (const auto recovery = number_or_none(quality, "recovery_percent")) {
    dossier.run.quality += ", of which the formats keep " + units::fixed(*recovery, 1) + " %";
  }
}

/// What pools that state their own leave is the first one's.
void read_rest_of_energy(Dossier& dossier) {
  std::optional<double> rest = dossier.kwh;
  for (const PoolLine& pool : dossier.pools) {
    rest = rest ? std::optional(*rest - pool.kwh.value_or(0)) : std::nullopt;
  }
  if (!dossier.pools.front().kwh) {
    dossier.pools.front().kwh = rest;
  }
}

void read_figures(config::Reader& root, Dossier& dossier) {
  Case& run = dossier.run;
  config::Reader requests = root.mapping("requests");
  run.completed = requests.integer("completed");
  config::Reader tokens = root.mapping("tokens");
  run.input_tokens = tokens.integer("input");
  run.cached_input_tokens = tokens.integer("cached_input");
  run.output_tokens = tokens.integer("output");
  config::Reader time = root.mapping("time");
  run.makespan_s = number_or_none(time, "makespan_s");
  config::Reader throughput = root.mapping("throughput");
  run.output_tokens_per_s = number_or_none(throughput, "output_tokens_per_s");
  config::Reader utilization = root.mapping("utilization");
  run.busy = number_or_none(utilization, "busy");
  config::Reader slo = root.mapping("slo");
  dossier.slo_met = slo.flag("met");
  run.reason = *dossier.slo_met ? "" : "the SLO is broken";
  config::Reader energy = root.mapping("energy");
  dossier.kwh = number_or_none(energy, "kwh");
  read_rest_of_energy(dossier);
  read_latency(root, dossier);
  read_bill(root, dossier);
  read_quality(root, dossier);
  read_distillation(root, dossier);
}

}  // namespace

void read_run(ResultDocument& result, Dossier& dossier) {
  config::Reader root = result.document.root();
  read_head(result, root, dossier);
  read_deployment(root, dossier);
  if (dossier.feasible) {
    config::Reader time = root.mapping("time");
    dossier.makespan_ns = count_or_zero(time, "makespan_ns");
    read_pools(root, dossier);
    read_figures(root, dossier);
  } else {
    dossier.reason = root.text("reason");
    dossier.run.reason = dossier.reason;
    for (config::Reader remedy : root.mappings("remedies")) {
      dossier.remedies.push_back(remedy.text("change"));
    }
  }
  for (const auto& [key, value] : result.json.items()) {
    if (key != "inputs" && key != "assumptions" && key != "warnings" && key != "remedies") {
      collect(value, key, dossier.facts);
    }
  }
}

}  // namespace mtok::report
