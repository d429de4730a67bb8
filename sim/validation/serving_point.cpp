// From the words of a measured row to a scenario: names, formats, layout, load.
#include "sim/validation/serving_point.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "sim/model/footprint.hpp"

namespace mtok::validation {
namespace {

using kernel::NumberFormat;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Spellings that no rule covers. The generation of the early Llama rows is not stated; 1 and 2 have the same
/// shape at 7B.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kSpellings{
    {{"llama(1/2-unspecified)-7b", "llama-2-7b"},
     {"llama(1/2-unspecified)-70b", "llama-2-70b"},
     {"mistral-7b", "mistral-7b-v0.1"},
     {"llama-4-scout", "llama-4-scout-17b-16e"},
     {"llama-4-maverick", "llama-4-maverick-17b-128e"},
     {"deepseek-v3/r1", "deepseek-r1"},
     {"deepseek-v3.1", "deepseek-v3"},
     {"phi-4", "phi-4-14b"},
     {"qwen3-235b", "qwen3-235b-a22b"}}};

/// Endings that name a training stage, a date or a number format of the same network.
constexpr std::array<std::string_view, 10> kEndings{"-instruct", "-chat", "-fp8",  "-nvfp4", "-fp4",
                                                    "-0528",     "-hf",   "-bf16", "-int4",  "-it"};

struct Precision {
  std::optional<kernel::Formats> formats{};
  std::string unsupported{};
};

/// Formats of a row. KV cache where it is not stated: FP8 with FP8 and NVFP4 weights, else 16 bits. The
/// public closed-loop runs with FP8 weights hold more sequences than 16-bit caches leave room for. MXFP4
/// weights meet FP8 activations on devices that multiply MXFP4 (MXFP8, the default of TensorRT-LLM and vLLM
/// there), else 16-bit ones.
Precision formats_of(const ServingPoint& point, NumberFormat checkpoint,
                     const hardware::DeviceProfile& device) {
  const std::string weights = lower(point.weight_precision);
  kernel::Formats formats;
  if (weights.starts_with("fp8") || contains(weights, "nvidia configs use fp8")) {
    const bool blocks = checkpoint == NumberFormat::fp8_block;
    formats.weights = blocks ? NumberFormat::fp8_block : NumberFormat::fp8;
    formats.activations = formats.weights;
  } else if (weights == "nvfp4" || weights == "fp4") {
    formats.weights = NumberFormat::nvfp4;
    formats.activations = NumberFormat::nvfp4;
  } else if (weights.starts_with("mxfp4")) {
    formats.weights = NumberFormat::mxfp4;
    if (device.peak.contains(NumberFormat::mxfp4)) {
      formats.activations = NumberFormat::fp8;
    }
  } else if (weights == "int4" || weights == "uint4") {
    formats.weights = NumberFormat::int4;
  } else if (weights == "int8") {
    formats.weights = NumberFormat::int8;
    formats.activations = NumberFormat::int8;
  } else if (!weights.starts_with("fp16") && !weights.starts_with("bf16")) {
    return {.unsupported = "weight precision '" + point.weight_precision + "'"};
  }
  const std::string kv = lower(point.kv_precision);
  const bool fp8_weights = formats.weights == NumberFormat::fp8 || formats.weights == NumberFormat::fp8_block;
  const bool unstated = kv.empty() || contains(kv, "default");
  if (kv.starts_with("fp8") || (unstated && (fp8_weights || formats.weights == NumberFormat::nvfp4))) {
    formats.kv_cache = NumberFormat::fp8;
  }
  return {.formats = formats};
}

/// The stem of the framework profile; MLPerf's "TensorRT 10.8" is TensorRT-LLM.
std::optional<std::string> framework_of(const std::string& name) {
  const std::string text = lower(name);
  if (contains(text, "vllm")) {
    return "vllm";
  }
  if (contains(text, "sglang")) {
    return "sglang";
  }
  if (contains(text, "trt") || contains(text, "tensorrt")) {
    return "tensorrt-llm";
  }
  return std::nullopt;
}

/// Requests of an offline run, as the tables of the TensorRT-LLM performance overview state them.
std::int64_t offline_requests(double isl, double osl) {
  if (isl + osl <= 300) {
    return 30'000;
  }
  if (isl + osl <= 2600) {
    return 3'000;
  }
  return isl + osl < 20'000 ? 1'500 : 1'000;
}

workload::Lengths lengths(double nominal, bool drawn) {
  // InferenceX draws lengths uniformly from 80 to 100 % of nominal.
  constexpr double kLeastShare = 0.8;
  const auto most = std::max<std::int64_t>(1, std::llround(nominal));
  if (!drawn) {
    return {.kind = workload::Lengths::Kind::fixed, .mean = static_cast<double>(most)};
  }
  const auto least = std::max<std::int64_t>(1, std::llround(nominal * kLeastShare));
  return {.kind = workload::Lengths::Kind::uniform, .least = least, .most = most};
}

/// Sets workload and load of a scenario; returns why it cannot.
std::string set_load(const ServingPoint& point, std::int64_t replicas, planner::Scenario& scenario) {
  if (point.isl_tokens <= 0 || point.osl_tokens <= 0) {
    return "the lengths of prompts or outputs are not in the row";
  }
  const bool drawn = contains(point.workload, "InferenceX");
  workload::SyntheticSpec spec{.arrivals = {.kind = workload::Arrivals::Kind::constant, .rate_per_s = 1},
                               .input_tokens = lengths(point.isl_tokens, drawn),
                               .output_tokens = lengths(point.osl_tokens, drawn)};
  spec.sessions.turns = {.kind = workload::Lengths::Kind::fixed, .mean = 1};
  if (point.load_mode == "offline_max") {
    scenario.workload.load.kind = engine::Load::Kind::offline;
    spec.requests = offline_requests(point.isl_tokens, point.osl_tokens) * replicas;
  } else if (point.load_mode == "static_batch") {
    if (point.concurrency < 1) {
      return "the batch is not in the row";
    }
    scenario.workload.load.kind = engine::Load::Kind::offline;
    spec.requests = point.concurrency * replicas;
    scenario.engine.max_num_seqs = point.concurrency;
  } else if (point.load_mode == "closed_loop_concurrency") {
    if (point.concurrency < 1) {
      return "the concurrency is not in the row";
    }
    scenario.workload.load = {.kind = engine::Load::Kind::closed, .concurrency = point.concurrency};
    // Who benchmarks this many clients lets the engine run them all; the replicas share them.
    constexpr std::int64_t kAtLeast = 256;
    scenario.engine.max_num_seqs = std::max(kAtLeast, point.concurrency);
    // InferenceX sends ten prompts for each client; of the other sources the number is not known and taken
    // alike.
    constexpr std::int64_t kPromptsPerClient = 10;
    spec.requests = point.concurrency * kPromptsPerClient;
    // The recipes of these runs let a step hold one prompt beside the decodes: InferenceX and the generator
    // of aiconfigurator set max_num_tokens to isl + concurrency and a margin. SGLang keeps its default chunk.
    constexpr std::int64_t kMargin = 64;
    if (scenario.engine.framework != "sglang") {
      scenario.engine.max_num_batched_tokens =
          static_cast<std::int64_t>(point.isl_tokens) + point.concurrency + kMargin;
    }
  } else {
    return "load mode '" + point.load_mode + "'";
  }
  scenario.workload.synthetic = std::move(spec);
  return "";
}

/// Tensor, expert and attention-data parallelism as the columns state them; where no tensor parallelism is
/// stated, the fewest devices whose memory holds the weights one and a half times, and replicas of them.
std::string set_layout(const ServingPoint& point, const model::Architecture& architecture,
                       const hardware::DeviceProfile& device, planner::Scenario& scenario) {
  model::Sharding& sharding = scenario.sharding;
  sharding.pipeline = std::max<std::int64_t>(1, point.pp);
  sharding.data = std::max<std::int64_t>(1, point.dp_attention);
  sharding.tensor = point.tp;
  if (device.kind == hardware::DeviceKind::tpu && point.tp > point.n_gpus) {
    sharding.tensor = point.n_gpus;  // ranks are cores there, of which a chip of TPU7x has two
  }
  if (point.tp == 0) {
    constexpr double kRoom = 1.5;
    sharding.tensor = 1;
    while (sharding.tensor * 2 <= point.n_gpus &&
           kRoom * model::weight_bytes_per_device(architecture, scenario.formats.weights, sharding) >
               device.memory) {
      sharding.tensor *= 2;
    }
  } else if (sharding.data > 1 && sharding.tensor * sharding.pipeline >= point.n_gpus) {
    sharding.tensor =
        std::max<std::int64_t>(1, sharding.tensor / sharding.data);  // TPn that means n data ranks
  }
  sharding.expert = std::clamp<std::int64_t>(point.ep, 1, sharding.tensor * sharding.data);
  scenario.device_count = sharding.devices();
  if (point.n_gpus % scenario.device_count != 0) {
    return "the layout does not divide the devices";
  }
  scenario.replicas = point.n_gpus / scenario.device_count;
  return model::sharding_obstacle(architecture, sharding);
}

}  // namespace

ServingPoint read_point(const Table& table) {
  return {.model = table.cell("model"),
          .weight_precision = table.cell("weight_precision"),
          .kv_precision = table.cell("kv_precision"),
          .gpu = table.cell("gpu"),
          .n_gpus = table.integer("n_gpus", 0),
          .tp = table.integer("tp", 0),
          .pp = table.integer("pp", 0),
          .ep = table.integer("ep", 0),
          .dp_attention = table.integer("dp_attention", 0),
          .disaggregated = table.cell("disaggregated") == "1",
          .framework = table.cell("framework"),
          .isl_tokens = table.number("isl_tokens", 0),
          .osl_tokens = table.number("osl_tokens", 0),
          .workload = table.cell("workload"),
          .load_mode = table.cell("load_mode"),
          .concurrency = table.integer("concurrency", 0),
          .max_batch = table.integer("max_batch", 0)};
}

std::optional<std::string> model_called(const std::string& name, const planner::Catalogue& catalogue) {
  std::string stem = lower(
      name.substr(name.rfind('/') == std::string::npos || contains(name, "1/2") || contains(name, "V3/R1")
                      ? 0
                      : name.rfind('/') + 1));
  std::replace(stem.begin(), stem.end(), ' ', '-');
  stem = stem.starts_with("meta-llama") ? stem.substr(5) : stem;
  for (bool cut = true; cut;) {
    cut = false;
    for (const std::string_view ending : kEndings) {
      if (stem.ends_with(ending)) {
        stem.resize(stem.size() - ending.size());
        cut = true;
      }
    }
  }
  for (const auto& [spelling, model] : kSpellings) {
    stem = stem == spelling ? std::string(model) : stem;
  }
  if (!catalogue.find_model(stem, {}).file) {
    return std::nullopt;
  }
  return stem;
}

PointScenario scenario_of(const ServingPoint& point, const planner::Catalogue& catalogue) {
  const auto refuse = [](std::string why) { return PointScenario{.unsupported = std::move(why)}; };
  const std::optional<std::string> model = model_called(point.model, catalogue);
  const std::optional<std::string> device = catalogue.device_called(point.gpu);
  const std::optional<std::string> framework = framework_of(point.framework);
  if (!model) {
    return refuse("model '" + point.model + "'");
  }
  if (!device) {
    return refuse("device '" + point.gpu + "'");
  }
  if (!framework) {
    return refuse("framework '" + point.framework + "'");
  }
  if (point.disaggregated) {
    return refuse("prefill and decode on separate devices");
  }
  if (point.n_gpus < 1) {
    return refuse("the number of devices is not in the row");
  }
  planner::Scenario scenario{.name = point.model};
  scenario.model_file = *catalogue.find_model(*model, {}).file;
  scenario.device_file = *catalogue.find_device(*device, {}).file;
  scenario.engine.framework = *framework;
  scenario.prices.per_device = UsdPerSecond{};
  const model::Architecture architecture = model::load_architecture(scenario.model_file);
  const hardware::DeviceProfile profile = catalogue.device(scenario.device_file);
  const Precision precision = formats_of(point, architecture.checkpoint_format, profile);
  if (!precision.formats) {
    return refuse(precision.unsupported);
  }
  scenario.formats = *precision.formats;
  std::string obstacle = set_layout(point, architecture, profile, scenario);
  if (obstacle.empty()) {
    obstacle = set_load(point, scenario.replicas, scenario);
  }
  if (!obstacle.empty()) {
    return refuse(obstacle);
  }
  // Benchmarks of random tokens run engines beyond the length that the network was trained for.
  const auto longest = std::llround(point.isl_tokens + point.osl_tokens);
  if (longest > architecture.max_position_embeddings) {
    scenario.engine.max_model_len = longest;
  }
  if (point.max_batch > 0 && point.load_mode != "static_batch") {
    scenario.engine.max_num_seqs = point.max_batch;
  }
  return {.scenario = std::move(scenario)};
}

}  // namespace mtok::validation
