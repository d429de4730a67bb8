// From the words of a measured row to a scenario: names, formats, layout, load.
#include "sim/validation/serving_point.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numeric>

#include "sim/hardware/framework_profile.hpp"
#include "sim/model/footprint.hpp"
#include "sim/planner/default_formats.hpp"
#include "sim/validation/pool_layout.hpp"

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

/// Formats of a row. KV cache where it is not stated: FP8 with FP8 and NVFP4 weights and with MXFP4 products
/// (AMD's Quark checkpoints), else 16 bits. The public closed-loop runs with FP8 weights hold more sequences
/// than 16-bit caches leave room for. Activations beside FP8 and FP4 weights are those of the planner's
/// defaults.
Precision formats_of(const ServingPoint& point, const Benchmark* benchmark, NumberFormat checkpoint,
                     const hardware::DeviceProfile& device) {
  std::string weights = lower(point.weight_precision);
  if ((weights == "unset" || weights.empty()) && benchmark != nullptr) {
    weights = benchmark->unstated_weights;
  }
  kernel::Formats formats;
  const auto as_by_default = [&](NumberFormat format) {
    formats.weights = format;
    formats.activations = planner::default_activations(format, checkpoint, device).format;
  };
  if (weights.starts_with("fp8") || contains(weights, "nvidia configs use fp8")) {
    as_by_default(checkpoint == NumberFormat::fp8_block ? checkpoint : NumberFormat::fp8);
  } else if (weights == "nvfp4" || weights == "fp4") {
    as_by_default(NumberFormat::nvfp4);
  } else if (weights.starts_with("mxfp4")) {
    as_by_default(NumberFormat::mxfp4);
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
  if (kv.starts_with("fp8") || (unstated && (fp8_weights || formats.weights == NumberFormat::nvfp4 ||
                                             formats.activations == NumberFormat::mxfp4))) {
    formats.kv_cache = NumberFormat::fp8;
  }
  return {.formats = formats};
}

/// The name of the framework profile for a row. A version may stand behind the name, "vLLM 0.9.0, PyTorch
/// 2.7.0"; MLPerf's "TensorRT 10.8" is TensorRT-LLM with the C++ executor, before 1.0; its entries that name
/// only PyTorch (Intel's CPUs, AMD's clusters) run vLLM on it.
std::optional<std::string> framework_of(const ServingPoint& point, const planner::Catalogue& catalogue) {
  const std::string text = lower(point.framework);
  const auto behind = [&](std::string_view name) {
    const std::size_t at = text.find(name) + name.size();
    const std::string rest = at < text.size() ? text.substr(at + 1) : "";
    return point.framework_version.empty() ? rest : point.framework_version;
  };
  if (contains(text, "vllm")) {
    return catalogue.framework_called("vllm", behind("vllm"));
  }
  if (contains(text, "sglang")) {
    return catalogue.framework_called("sglang", behind("sglang"));
  }
  if (contains(text, "trt") || contains(text, "tensorrt-llm")) {
    return catalogue.framework_called("tensorrt-llm", point.framework_version);
  }
  if (contains(text, "tensorrt")) {
    return catalogue.framework_called("tensorrt-llm", "0.14");
  }
  if (text.starts_with("pytorch")) {
    return catalogue.framework_called("vllm", "");
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

/// Requests that a simulated replica of a benchmark gets offline: as many as emit this many tokens, enough
/// for several full batches in the part that is measured.
std::int64_t benchmark_samples(const Benchmark& benchmark, double output_mean) {
  constexpr double kTokens = 2e6;
  constexpr std::int64_t kFewest = 1500;
  return std::min(benchmark.samples, std::max(kFewest, static_cast<std::int64_t>(kTokens / output_mean)));
}

/// Load of a benchmark whose lengths come from its data set.
std::string set_benchmark_load(const ServingPoint& point, const Benchmark& benchmark, PointScenario& result) {
  const bool server = point.load_mode.starts_with("server_poisson");
  if (!server && point.load_mode != "offline_max") {
    return "load mode '" + point.load_mode + "' on lengths of a data set";
  }
  const double stated = point.osl_tokens > 0 ? point.osl_tokens : benchmark.output.mean;
  // Means of accuracy runs differ by little between entries: in steps of four percent from the data set's
  // mean, entries of the same system are one simulation.
  constexpr double kStep = 1.04;
  result.output_mean =
      benchmark.output.mean *
      std::pow(kStep, std::round(std::log(stated / benchmark.output.mean) / std::log(kStep)));
  result.beams = benchmark.beams;
  result.benchmark = benchmark;
  planner::Scenario& scenario = *result.scenario;
  scenario.workload.load.kind = engine::Load::Kind::offline;
  constexpr std::uint64_t kSeed = 1;
  scenario.workload.requests = std::make_shared<const std::vector<workload::Request>>(
      draw_requests(benchmark, result.output_mean, benchmark_samples(benchmark, result.output_mean), kSeed));
  // Entries are tuned by hand: memory, not a default, ends their batches.
  constexpr std::int64_t kTunedSequences = 2048;
  scenario.engine.max_num_seqs = kTunedSequences;
  if (server) {
    const bool tight = contains(point.load_mode, "tight");
    const engine::Slo& limits = tight ? benchmark.interactive_limits : benchmark.limits;
    if (!limits.ttft_p99 && !limits.tpot_p99 && !limits.e2e_p99) {
      return "the latency limits of load mode '" + point.load_mode + "' are not known for " + point.workload;
    }
    result.limits = limits;
    constexpr std::int64_t kMostTensor = 8;
    result.tensor_may_grow_to = point.tp == 0 ? std::gcd(kMostTensor, point.n_gpus) : 0;
  }
  return "";
}

/// Engine options of a closed loop: those of its recipe, or, where there is none, these: who benchmarks so
/// many clients lets the engine run them all, and a step holds one prompt beside the decodes, as the
/// generator of aiconfigurator sets max_num_tokens to isl + concurrency and a margin. SGLang keeps its
/// default chunk.
void set_options(const ServingPoint& point, const std::vector<Recipe>& recipes, const RecipeKey& key,
                 planner::EngineChoice& engine) {
  constexpr std::int64_t kAtLeast = 256;
  engine.max_num_seqs = std::max(kAtLeast, point.concurrency);
  const Recipe* const recipe = point.disaggregated ? nullptr : find_recipe(recipes, key);
  if (recipe != nullptr) {
    apply(*recipe, key, engine);
    return;
  }
  constexpr std::int64_t kMargin = 64;
  if (!engine.framework.starts_with("sglang")) {
    engine.max_num_batched_tokens = static_cast<std::int64_t>(point.isl_tokens) + point.concurrency + kMargin;
  }
}

/// Sets workload and load of a scenario; returns why it cannot. Replicas with work of their own are alike, so
/// that one stands for all; clients of a closed loop are shared by all.
std::string set_load(const ServingPoint& point, const Benchmark* benchmark, PointScenario& result) {
  planner::Scenario& scenario = *result.scenario;
  if ((point.isl_tokens <= 0 || point.osl_tokens <= 0) && benchmark != nullptr) {
    return set_benchmark_load(point, *benchmark, result);
  }
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
    spec.requests = offline_requests(point.isl_tokens, point.osl_tokens);
  } else if (point.load_mode == "static_batch") {
    if (point.concurrency < 1) {
      return "the batch is not in the row";
    }
    scenario.workload.load.kind = engine::Load::Kind::offline;
    spec.requests = point.concurrency;
    scenario.engine.max_num_seqs = point.concurrency;
  } else if (point.load_mode == "closed_loop_concurrency") {
    if (point.concurrency < 1) {
      return "the concurrency is not in the row";
    }
    if (!scenario.disaggregation) {
      scenario.replicas = point.n_gpus / scenario.device_count;
    }
    scenario.workload.load = {.kind = engine::Load::Kind::closed, .concurrency = point.concurrency};
    // InferenceX sends ten prompts for each client; of the other sources the number is not known and taken
    // alike.
    constexpr std::int64_t kPromptsPerClient = 10;
    spec.requests = point.concurrency * kPromptsPerClient;
  } else {
    return "load mode '" + point.load_mode + "'";
  }
  scenario.workload.synthetic = std::move(spec);
  return "";
}

/// The recorded requests of the run with this model, device, layout and, where stated, batch limit.
std::string set_replay(const ServingPoint& point, const std::vector<RecordedRun>& recorded,
                       PointScenario& result) {
  const auto run = std::find_if(recorded.begin(), recorded.end(), [&](const RecordedRun& one) {
    return one.model == point.model && one.gpu == point.gpu &&
           one.tp == std::max<std::int64_t>(1, point.tp) &&
           (point.max_batch == 0 || one.max_num_seqs == point.max_batch);
  });
  if (run == recorded.end()) {
    return "no recorded requests of this run (request_traces*.csv beside the file)";
  }
  result.scenario->workload.requests = std::make_shared<const std::vector<workload::Request>>(run->requests);
  result.scenario->engine.max_num_seqs = run->max_num_seqs;
  result.scenario->engine.max_num_batched_tokens = run->max_num_batched_tokens;
  return "";
}

/// Tokens of the longest request that the load can send.
std::int64_t longest_request(const ServingPoint& point, const PointScenario& result) {
  if (point.load_mode == "trace_replay") {
    return 0;
  }
  if (result.benchmark) {
    return result.benchmark->input.most + result.benchmark->output.most;
  }
  return std::llround(std::ceil(point.isl_tokens) + std::ceil(point.osl_tokens));
}

/// Tensor, expert and attention-data parallelism as the columns state them; where no tensor parallelism is
/// stated, the fewest devices whose memory holds the weights one and a half times, and replicas of them. More
/// tensor ranks than devices are the cores of a chip that counts as one device here. Experts over more
/// devices than attention is: attention is data parallel.
std::string set_layout(const ServingPoint& point, const model::Architecture& architecture,
                       const hardware::DeviceProfile& device, planner::Scenario& scenario) {
  model::Sharding& sharding = scenario.sharding;
  sharding.pipeline = std::max<std::int64_t>(1, point.pp);
  sharding.data = std::max<std::int64_t>(1, point.dp_attention);
  sharding.tensor = std::min(point.tp, point.n_gpus);
  if (point.dp_attention == 0 && point.tp > 0 && point.ep > point.tp && point.ep % point.tp == 0 &&
      point.ep * sharding.pipeline <= point.n_gpus) {
    sharding.data = point.ep / point.tp;
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
  return model::sharding_obstacle(architecture, sharding);
}

/// Both pools of a disaggregated system, on devices of one kind.
std::string set_pools(const ServingPoint& point, const model::Architecture& architecture,
                      planner::Scenario& scenario) {
  if (point.load_mode != "closed_loop_concurrency") {
    return "prefill and decode on separate devices, load mode '" + point.load_mode + "'";
  }
  const std::optional<PoolLayouts> pools = pool_layouts(point.parallel_note);
  if (!pools) {
    return "prefill and decode on separate devices, layout not stated";
  }
  scenario.replicas = pools->prefill.replicas;
  scenario.sharding = pools->prefill.sharding;
  scenario.device_count = scenario.sharding.devices();
  scenario.disaggregation = planner::Disaggregation{.replicas = pools->decode.replicas,
                                                    .device_file = scenario.device_file,
                                                    .device_count = pools->decode.sharding.devices(),
                                                    .sharding = pools->decode.sharding,
                                                    .prices = scenario.prices};
  if (planner::devices_of(scenario) != point.n_gpus) {
    return "the layout does not add up to the devices";
  }
  const std::string obstacle = model::sharding_obstacle(architecture, pools->prefill.sharding);
  return obstacle.empty() ? model::sharding_obstacle(architecture, pools->decode.sharding) : obstacle;
}

/// Formats and layout, as a key.
std::string layout_key(const planner::Scenario& scenario) {
  const model::Sharding& sharding = scenario.sharding;
  return fmt::format("{} {} {} {} {} {} {}", kernel::name_of(scenario.formats.weights),
                     kernel::name_of(scenario.formats.activations),
                     kernel::name_of(scenario.formats.kv_cache), sharding.tensor, sharding.pipeline,
                     sharding.data, sharding.expert);
}

}  // namespace

ServingPoint read_point(const Table& table) {
  const bool disaggregated = table.cell("disaggregated") == "1";
  return {.model = table.cell("model"),
          .weight_precision = table.cell("weight_precision"),
          .kv_precision = table.cell("kv_precision"),
          .gpu = table.cell("gpu"),
          .n_gpus = table.integer("n_gpus", 0),
          .tp = table.integer("tp", 0),
          .pp = table.integer("pp", 0),
          .ep = table.integer("ep", 0),
          .dp_attention = table.integer("dp_attention", 0),
          .disaggregated = disaggregated,
          .parallel_note = disaggregated ? table.cell("parallel_note") : "",
          .framework = table.cell("framework"),
          .framework_version = table.cell("framework_version"),
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

PointScenario scenario_of(const ServingPoint& point, const planner::Catalogue& catalogue,
                          const KnownWorkloads& known) {
  const auto refuse = [](std::string why) { return PointScenario{.unsupported = std::move(why)}; };
  const std::optional<std::string> model = model_called(point.model, catalogue);
  const std::optional<std::string> device = catalogue.device_called(point.gpu);
  const std::optional<std::string> framework = framework_of(point, catalogue);
  if (!model) {
    return refuse("model '" + point.model + "'");
  }
  if (!device) {
    return refuse("device '" + point.gpu + "'");
  }
  if (!framework) {
    return refuse("framework '" + point.framework + "'");
  }
  if (point.n_gpus < 1) {
    return refuse("the number of devices is not in the row");
  }
  PointScenario result{.scenario = planner::Scenario{.name = point.model}};
  planner::Scenario& scenario = *result.scenario;
  scenario.model_file = *catalogue.find_model(*model, {}).file;
  scenario.device_file = *catalogue.find_device(*device, {}).file;
  scenario.engine.framework = *framework;
  scenario.prices.per_device = UsdPerSecond{};
  const Benchmark* const benchmark = find_benchmark(known.benchmarks, point.workload, *model);
  const model::Architecture architecture = model::load_architecture(scenario.model_file);
  const hardware::DeviceProfile profile = catalogue.device(scenario.device_file);
  const Precision precision = formats_of(point, benchmark, architecture.checkpoint_format, profile);
  if (!precision.formats) {
    return refuse(precision.unsupported);
  }
  scenario.formats = *precision.formats;
  std::string obstacle = point.disaggregated ? set_pools(point, architecture, scenario)
                                             : set_layout(point, architecture, profile, scenario);
  if (obstacle.empty()) {
    obstacle = point.load_mode == "trace_replay" ? set_replay(point, known.recorded, result)
                                                 : set_load(point, benchmark, result);
  }
  if (!obstacle.empty()) {
    return refuse(obstacle);
  }
  if (point.load_mode == "closed_loop_concurrency") {
    const RecipeKey key{
        .workload = point.workload,
        .framework = hardware::load_framework(*catalogue.find_framework(*framework, {}).file).name,
        .framework_version = point.framework_version,
        .model = *model,
        .device = *device,
        .weights = lower(point.weight_precision),
        .tensor = point.tp,
        .input_tokens = std::llround(point.isl_tokens),
        .output_tokens = std::llround(point.osl_tokens),
        .clients = point.concurrency};
    set_options(point, known.recipes, key, scenario.engine);
  }
  // A benchmark of long requests was run, so the engine was built for them, whatever the network was trained
  // for.
  if (const std::int64_t longest = longest_request(point, result);
      longest > architecture.max_position_embeddings) {
    scenario.engine.max_model_len = longest;
  }
  if (point.max_batch > 0 && point.load_mode != "static_batch") {
    scenario.engine.max_num_seqs = point.max_batch;
  }
  if (scenario.disaggregation) {
    scenario.disaggregation->engine = scenario.engine;
  }
  if (result.benchmark) {
    result.alike = fmt::format("{} {} {} {} {} {} {} {}", *model, *device, *framework, layout_key(scenario),
                               point.load_mode, result.output_mean, *scenario.engine.max_num_seqs,
                               result.tensor_may_grow_to);
  }
  return result;
}

}  // namespace mtok::validation
