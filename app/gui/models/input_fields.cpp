// The table of the inputs panel.
#include "app/gui/models/input_fields.hpp"

#include <algorithm>

#include "sim/kernel/number_format.hpp"

namespace mtok::gui {
namespace {

using Kind = FieldKind;

std::vector<QString> list_of(const std::vector<std::string>& names) {
  std::vector<QString> texts;
  for (const std::string& name : names) {
    texts.push_back(QString::fromStdString(name));
  }
  return texts;
}

std::vector<QString> formats() {
  std::vector<QString> names;
  for (const kernel::NamedFormat& entry : kernel::kNumberFormats) {
    names.push_back(QString::fromUtf8(entry.name.data(), static_cast<qsizetype>(entry.name.size())));
  }
  return names;
}

FieldGroup workload_group() {
  return {.title = "Workload",
          .fields = {{.path = "workload.trace",
                      .title = "Trace",
                      .kind = Kind::file,
                      .tip = "Requests to replay: CSV or JSONL, also .gz and .zst"},
                     {.path = "workload.rate_scale",
                      .title = "Load",
                      .kind = Kind::number,
                      .tip = "How many times faster requests arrive than in the trace",
                      .slider = SliderRange{.least = 0.1, .most = 100, .logarithmic = true}},
                     {.path = "workload.limit",
                      .title = "First requests",
                      .kind = Kind::integer,
                      .tip = "Replay only so many requests"},
                     {.path = "workload.load",
                      .title = "Arrivals",
                      .kind = Kind::choice,
                      .tip = "open: as in the trace; offline: all at once",
                      .choices = {"open", "offline"}},
                     {.path = "workload.load.closed.concurrency",
                      .title = "Clients",
                      .kind = Kind::integer,
                      .tip = "A closed loop: so many clients, each sends when it has its answer",
                      .only_with = "workload.load.closed"},
                     {.path = "workload.synthetic.requests",
                      .title = "Requests",
                      .kind = Kind::integer,
                      .tip = "How many requests are drawn",
                      .only_with = "workload.synthetic"},
                     {.path = "workload.synthetic.arrivals.poisson.rate_per_s",
                      .title = "Arrival rate",
                      .kind = Kind::per_second,
                      .tip = "Mean rate of Poisson arrivals",
                      .slider = SliderRange{.least = 0.1, .most = 1000, .logarithmic = true},
                      .only_with = "workload.synthetic.arrivals.poisson"},
                     {.path = "workload.synthetic.input_tokens.fixed",
                      .title = "Prompt tokens",
                      .kind = Kind::integer,
                      .tip = "Tokens of every prompt",
                      .only_with = "workload.synthetic.input_tokens.fixed"},
                     {.path = "workload.synthetic.output_tokens.fixed",
                      .title = "Output tokens",
                      .kind = Kind::integer,
                      .tip = "Tokens of every answer",
                      .only_with = "workload.synthetic.output_tokens.fixed"},
                     {.path = "seed",
                      .title = "Seed",
                      .kind = Kind::integer,
                      .tip = "Of generated workloads",
                      .only_with = "workload.synthetic"}}};
}

FieldGroup model_group() {
  return {
      .title = "Model",
      .fields = {{.path = "model",
                  .title = "Model",
                  .kind = Kind::model,
                  .tip = "A network of the catalogue, or a path to a YAML or config.json"},
                 {.path = "engine.moe_routing_skew",
                  .title = "Expert skew",
                  .kind = Kind::number,
                  .tip = "Mixture of Experts: exponent of the power law of the experts' loads; 0 is even"}}};
}

FieldGroup quantization_group() {
  return {.title = "Quantization",
          .fields = {{.path = "formats.weights",
                      .title = "Weights",
                      .kind = Kind::choice,
                      .tip = "Number format of the weights; absent: that of the published checkpoint",
                      .choices = formats()},
                     {.path = "formats.activations",
                      .title = "Activations",
                      .kind = Kind::choice,
                      .tip = "Number format that the multipliers work in",
                      .choices = formats()},
                     {.path = "formats.kv_cache",
                      .title = "KV cache",
                      .kind = Kind::choice,
                      .tip = "Number format of the cached keys and values",
                      .choices = formats()}}};
}

FieldGroup hardware_group() {
  const SliderRange devices{.least = 1, .most = 16, .step = 1};
  return {.title = "Hardware",
          .fields = {{.path = "hardware.device",
                      .title = "Device",
                      .kind = Kind::device,
                      .tip = "A device of the catalogue, or a path to a profile"},
                     {.path = "hardware.count",
                      .title = "Per replica",
                      .kind = Kind::integer,
                      .tip = "Devices of one replica",
                      .slider = devices},
                     {.path = "parallel.tensor_parallel_size",
                      .title = "Tensor parallel",
                      .kind = Kind::integer,
                      .tip = "Devices that share every layer; absent: all of a replica"},
                     {.path = "parallel.pipeline_parallel_size",
                      .title = "Pipeline stages",
                      .kind = Kind::integer,
                      .tip = "Groups of layers, one after the other"},
                     {.path = "parallel.expert_parallel_size",
                      .title = "Expert parallel",
                      .kind = Kind::integer,
                      .tip = "Devices among which the experts are divided"},
                     {.path = "parallel.data_parallel_size",
                      .title = "Data parallel",
                      .kind = Kind::integer,
                      .tip = "Ranks that serve requests of their own"}}};
}

FieldGroup engine_group(const planner::Catalogue& catalogue) {
  return {.title = "Engine and caching",
          .fields = {{.path = "engine.framework",
                      .title = "Framework",
                      .kind = Kind::choice,
                      .tip = "Serving framework; its defaults and host times are in hwprofiles/frameworks",
                      .choices = list_of(catalogue.frameworks())},
                     {.path = "engine.enable_prefix_caching",
                      .title = "Prefix cache",
                      .kind = Kind::flag,
                      .tip = "Keep the KV cache of beginnings that prompts share"},
                     {.path = "engine.enable_chunked_prefill",
                      .title = "Chunked prefill",
                      .kind = Kind::flag,
                      .tip = "Long prompts are computed in pieces, beside decodes"},
                     {.path = "engine.max_num_seqs",
                      .title = "Batch limit",
                      .kind = Kind::integer,
                      .tip = "Most requests of a replica in one step"},
                     {.path = "engine.max_num_batched_tokens",
                      .title = "Tokens a step",
                      .kind = Kind::integer,
                      .tip = "Most tokens of a replica in one step"},
                     {.path = "engine.gpu_memory_utilization",
                      .title = "Memory share",
                      .kind = Kind::share,
                      .tip = "Share of device memory that the framework may use"},
                     {.path = "engine.kv_tiers[0].capacity",
                      .title = "KV tier 1",
                      .kind = Kind::bytes,
                      .tip = "Capacity of the first memory behind the KV cache, of one replica",
                      .only_with = "engine.kv_tiers[0]"},
                     {.path = "engine.kv_tiers[0].bandwidth",
                      .title = "  its link",
                      .kind = Kind::bandwidth,
                      .tip = "Bandwidth towards the devices, of one replica",
                      .only_with = "engine.kv_tiers[0]"},
                     {.path = "engine.kv_tiers[1].capacity",
                      .title = "KV tier 2",
                      .kind = Kind::bytes,
                      .tip = "Capacity of the second memory behind the KV cache, of one replica",
                      .only_with = "engine.kv_tiers[1]"},
                     {.path = "engine.kv_tiers[1].bandwidth",
                      .title = "  its link",
                      .kind = Kind::bandwidth,
                      .tip = "Bandwidth towards the devices, of one replica",
                      .only_with = "engine.kv_tiers[1]"}}};
}

FieldGroup routing_group() {
  return {.title = "Small-model routing",
          .fields = {{.path = "fleet.models[0].model",
                      .title = "Small model",
                      .kind = Kind::model,
                      .tip = "Serves a share of the requests on devices of its own"},
                     {.path = "fleet.models[0].share",
                      .title = "Easy share",
                      .kind = Kind::share,
                      .tip = "Share of the requests that goes to the small model",
                      .slider = SliderRange{},
                      .only_with = "fleet.models[0].share"},
                     {.path = "fleet.models[0].escalate",
                      .title = "Escalated",
                      .kind = Kind::share,
                      .tip = "A cascade: share of the small model's answers that the large one must redo",
                      .slider = SliderRange{},
                      .only_with = "fleet.models[0].escalate"},
                     {.path = "fleet.models[0].hardware.device",
                      .title = "Device",
                      .kind = Kind::device,
                      .tip = "Devices of the small model"},
                     {.path = "fleet.models[0].replicas",
                      .title = "Replicas",
                      .kind = Kind::integer,
                      .tip = "Replicas of the small model",
                      .slider = SliderRange{.least = 1, .most = 32, .step = 1}},
                     {.path = "fleet.models[0].formats.weights",
                      .title = "Weights",
                      .kind = Kind::choice,
                      .tip = "Number format of the small model's weights",
                      .choices = formats()}},
          .block = "fleet.models",
          .start_values = {{"fleet.models[0].model", "llama-3.1-8b"},
                           {"fleet.models[0].hardware.device", "h100-sxm"},
                           {"fleet.models[0].replicas", "2"},
                           {"fleet.models[0].share", "0.3"}}};
}

FieldGroup speculation_group() {
  return {.title = "Speculative decoding",
          .fields = {{.path = "speculative_config.method",
                      .title = "Drafts by",
                      .kind = Kind::choice,
                      .tip = "A small model, or the network's own multi-token-prediction layer",
                      .choices = {"draft_model", "mtp"}},
                     {.path = "speculative_config.model",
                      .title = "Draft model",
                      .kind = Kind::model,
                      .tip = "The small model that drafts",
                      .only_with = "speculative_config.model"},
                     {.path = "speculative_config.num_speculative_tokens",
                      .title = "Tokens",
                      .kind = Kind::integer,
                      .tip = "Tokens drafted in a step",
                      .slider = SliderRange{.least = 1, .most = 8, .step = 1}},
                     {.path = "speculative_config.acceptance_rate",
                      .title = "Accepted",
                      .kind = Kind::share,
                      .tip = "Share of drafted tokens that is accepted: measure it on your own texts",
                      .slider = SliderRange{}}},
          .block = "speculative_config",
          .start_values = {{"speculative_config.method", "draft_model"},
                           {"speculative_config.model", "llama-3.2-1b"},
                           {"speculative_config.num_speculative_tokens", "3"},
                           {"speculative_config.acceptance_rate", "0.7"}}};
}

FieldGroup fleet_group() {
  return {.title = "Fleet",
          .fields = {{.path = "fleet.replicas",
                      .title = "Replicas",
                      .kind = Kind::integer,
                      .tip = "Replicas of the model; a whole number",
                      .slider = SliderRange{.least = 1, .most = 64, .step = 1}},
                     {.path = "fleet.router",
                      .title = "Router",
                      .kind = Kind::choice,
                      .tip = "Which replica a request goes to",
                      .choices = {"least_loaded", "round_robin", "prefix_affine"}}}};
}

FieldGroup pools_group() {
  return {.title = "Separate decode pool",
          .fields = {{.path = "disaggregation.decode.replicas",
                      .title = "Replicas",
                      .kind = Kind::integer,
                      .tip = "Replicas that only decode; those of the fleet then only prefill",
                      .slider = SliderRange{.least = 1, .most = 32, .step = 1}},
                     {.path = "disaggregation.kv_transfer.bandwidth",
                      .title = "KV link",
                      .kind = Kind::bandwidth,
                      .tip = "One direction, of one device; absent: from the interconnects of the devices"}},
          .block = "disaggregation",
          .start_values = {{"disaggregation.decode.replicas", "2"}}};
}

FieldGroup prices_group(const planner::Catalogue& catalogue) {
  return {.title = "Prices",
          .fields = {{.path = "prices.book",
                      .title = "Price book",
                      .kind = Kind::choice,
                      .tip = "A file of hwprofiles/prices, each price with its date and source",
                      .choices = list_of(catalogue.price_books())},
                     {.path = "prices.tier",
                      .title = "Tier",
                      .kind = Kind::choice,
                      .tip = "How the devices are bought",
                      .choices = {"on_demand", "spot", "reserved_1y", "reserved_3y"}},
                     {.path = "prices.provider",
                      .title = "Provider",
                      .kind = Kind::text,
                      .tip = "Of the price book; absent: its first offer"},
                     {.path = "prices.usd_per_device_hour",
                      .title = "Own price",
                      .kind = Kind::usd_per_hour,
                      .tip = "Of one device, in place of the price book",
                      .slider = SliderRange{.least = 0.5, .most = 12, .step = 0.05}}}};
}

FieldGroup slo_group() {
  return {.title = "Promises to users",
          .fields = {{.path = "slo.ttft_p99_ms",
                      .title = "TTFT p99",
                      .kind = Kind::milliseconds,
                      .tip = "Time to the first token that 99 % of the requests must keep",
                      .slider = SliderRange{.least = 100, .most = 20000, .logarithmic = true}},
                     {.path = "slo.tpot_p99_ms",
                      .title = "TPOT p99",
                      .kind = Kind::milliseconds,
                      .tip = "Time per output token that 99 % of the requests must keep",
                      .slider = SliderRange{.least = 5, .most = 500, .logarithmic = true}},
                     {.path = "slo.e2e_p99_ms",
                      .title = "E2E p99",
                      .kind = Kind::milliseconds,
                      .tip = "Time from arrival to last token that 99 % of the requests must keep"}}};
}

}  // namespace

std::vector<FieldGroup> input_fields(const planner::Catalogue& catalogue) {
  return {workload_group(), model_group(),           quantization_group(), hardware_group(),
          fleet_group(),    engine_group(catalogue), routing_group(),      speculation_group(),
          pools_group(),    prices_group(catalogue), slo_group()};
}

std::string path_in_message(const std::string& message) {
  const std::size_t colon = message.find(": ");
  const std::string path = message.substr(0, colon == std::string::npos ? 0 : colon);
  return path.find(' ') == std::string::npos ? path : std::string();
}

}  // namespace mtok::gui
