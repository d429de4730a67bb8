// Reads a scenario file: one function per block, cross-field checks last.
#include "sim/planner/scenario.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "sim/config/reader.hpp"
#include "sim/hardware/device.hpp"
#include "sim/hardware/framework_profile.hpp"
#include "sim/planner/elastic_reader.hpp"
#include "sim/planner/lora.hpp"
#include "sim/planner/scenario_blocks.hpp"
#include "sim/planner/scenario_text.hpp"
#include "sim/planner/shared_blocks.hpp"
#include "sim/planner/speculation_reader.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;
using config::Choice;
using config::Reader;

constexpr std::array<Choice<engine::Router>, 3> kRouters{{{"round_robin", engine::Router::round_robin},
                                                          {"least_loaded", engine::Router::least_loaded},
                                                          {"prefix_affine", engine::Router::prefix_affine}}};
constexpr std::array<Choice<SchedulingPolicy>, 2> kPolicies{
    {{"fcfs", SchedulingPolicy::fcfs}, {"fair", SchedulingPolicy::fair}}};

/// Reads one scenario; keeps what several blocks need.
class ScenarioReader {
 public:
  ScenarioReader(config::Document document, const fs::path& file, const Catalogue& catalogue,
                 const std::optional<fs::path>& trace)
      : catalogue_(catalogue), trace_(trace), document_(std::move(document)), folder_(file.parent_path()) {
    scenario_.file = file;
  }

  Scenario read() {
    Reader root = document_.root();
    if (root.integer("mtok", {.least = 1, .most = 1}) == 1) {
      scenario_.name = root.text_or("name", scenario_.file.stem().string());
    }
    scenario_.workload =
        read_workload(root, {.folder = folder_, .trace = trace_, .defaults = &scenario_.defaults});
    read_batch(root);
    find_files(root);
    load_profiles(root);
    read_formats(root);
    read_parallel(root);
    read_engine(root);
    read_fleet(root);
    check_lora(root);
    read_prices(root);
    scenario_.slo = read_slo(root);
    read_ladder(root);
    read_disaggregation(root);
    check_policy();
    if (std::optional<Reader> reader = root.find_mapping("capacity")) {
      scenario_.capacity = read_capacity(*reader);
    }
    if (std::optional<Reader> reader = root.find_mapping("distillation")) {
      scenario_.distillation = read_distillation(*reader, scenario_.defaults);
    }
    read_speculation(root);
    scenario_.seed = static_cast<std::uint64_t>(root.integer_or("seed", 1));
    root.done();
    check_parallel(root, scenario_.sharding, scenario_.device_count);
    check_price(root, scenario_.prices, device_.name, catalogue_, folder_);
    read_models();
    document_.finish();
    scenario_.stated = document_.leaves();
    return std::move(scenario_);
  }

 private:
  void note_default(std::string key, std::string value, std::string source = std::string(kDefaultSource)) {
    scenario_.defaults.push_back(
        {.key = std::move(key), .value = std::move(value), .source = std::move(source)});
  }

  /// A second workload. It is merged with the first by arrival, so both need arrivals.
  void read_batch(Reader& root) {
    if (!root.has("batch")) {
      return;
    }
    const BlockSite site{.folder = folder_, .defaults = &scenario_.defaults, .key = "batch"};
    scenario_.batch = planner::read_workload(root, site);
    using Kind = engine::Load::Kind;
    if (scenario_.workload.load.kind != Kind::open || scenario_.batch->load.kind == Kind::closed) {
      root.fail("batch", "a batch tier needs an open load beside it, and is open or offline itself");
    }
  }

  static void take(Reader& reader, std::string_view key, const Catalogue::Lookup& lookup, fs::path& file) {
    if (lookup.file) {
      file = *lookup.file;
    } else {
      reader.fail(key, lookup.problem, lookup.hint);
    }
  }

  void find_files(Reader& root) {
    const std::string model = root.text("model");
    if (!model.empty()) {
      take(root, "model", catalogue_.find_model(model, folder_), scenario_.model_file);
    }
    Reader hardware = root.mapping("hardware");
    read_hardware(hardware, scenario_.device_file, scenario_.device_count);
  }

  void read_hardware(Reader& hardware, fs::path& file, std::int64_t& count) {
    const std::string device = hardware.text("device");
    if (!device.empty()) {
      take(hardware, "device", catalogue_.find_device(device, folder_), file);
    }
    count = hardware.integer_or("count", 1, {.least = 1, .most = 4096});
    hardware.done();
  }

  void load_profiles(Reader& root) {
    if (root.ok()) {
      architecture_ = catalogue_.model(scenario_.model_file);
      device_ = catalogue_.device(scenario_.device_file);
    }
  }

  void read_formats(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("formats");
    const FormatChoice choice = reader ? planner::read_formats(*reader) : FormatChoice{};
    scenario_.formats = choice.on(architecture_.checkpoint_format, device_, &scenario_.defaults);
  }

  void read_parallel(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("parallel");
    scenario_.sharding = read_sharding(reader, scenario_.device_count);
    if (!reader || !reader->has("tensor_parallel_size")) {
      note_default("parallel.tensor_parallel_size", std::to_string(scenario_.sharding.tensor),
                   "hardware.count");
    }
    if (reader) {
      reader->done();
    }
  }

  /// The block `parallel`; where it leaves out the tensor ranks, they are what fills the devices.
  static model::Sharding read_sharding(std::optional<Reader>& reader, std::int64_t devices) {
    constexpr config::IntRange kWays{.least = 1, .most = 4096};
    model::Sharding sharding;
    if (reader) {
      sharding.pipeline = reader->integer_or("pipeline_parallel_size", 1, kWays);
      sharding.data = reader->integer_or("data_parallel_size", 1, kWays);
      sharding.expert = reader->integer_or("expert_parallel_size", 1, kWays);
      read_expert_placement(*reader, sharding);
    }
    const std::int64_t others = std::max<std::int64_t>(1, sharding.pipeline * sharding.data);
    sharding.tensor = std::max<std::int64_t>(1, devices / others);
    if (reader && reader->has("tensor_parallel_size")) {
      sharding.tensor = reader->integer("tensor_parallel_size", kWays);
    }
    return sharding;
  }

  void check_parallel(Reader& root, const model::Sharding& sharding, std::int64_t devices) {
    if (!root.ok()) {
      return;
    }
    const std::string block = root.has("parallel") ? "parallel" : "hardware";
    if (sharding.devices() != devices) {
      root.fail(block, "tensor x pipeline x data is " + std::to_string(sharding.devices()) +
                           " devices, but hardware.count is " + std::to_string(devices));
    }
    const std::string obstacle = model::sharding_obstacle(architecture_, sharding);
    if (!obstacle.empty()) {
      root.fail(block, obstacle);
    }
  }

  void read_engine(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("engine");
    if (!reader) {
      note_default("engine.framework", scenario_.engine.framework);
      return;
    }
    scenario_.policy = reader->choice_or("scheduling_policy", scenario_.policy,
                                         std::span<const Choice<SchedulingPolicy>>(kPolicies));
    scenario_.lora = read_lora(*reader, root, scenario_.defaults);
    read_engine_block(*reader, catalogue_, folder_, scenario_.engine);
    engine_ = reader;
  }

  void check_policy() {
    if (scenario_.policy != SchedulingPolicy::fair) {
      return;
    }
    if (scenario_.tenants.empty()) {
      engine_->fail("scheduling_policy", "fair is among tenants",
                    "name them: fleet: {tenants: [{name: ..., weight: 1}]}");
    } else if (scenario_.engine.batch_wait_timeout_iters > 0 ||
               (scenario_.disaggregation && scenario_.disaggregation->engine.batch_wait_timeout_iters > 0)) {
      engine_->fail("scheduling_policy", "fair cannot wait for fuller batches",
                    "leave out batch_wait_timeout_iters");
    }
  }

  /// What adapters are not modelled together with.
  void check_lora(const Reader& root) {
    if (!scenario_.lora) {
      return;
    }
    const bool others = root.has("batch") || root.has("disaggregation") || root.has("speculative_config");
    if (others || scenario_.policy == SchedulingPolicy::fair ||
        scenario_.engine.batch_wait_timeout_iters > 0) {
      engine_->fail("enable_lora",
                    "is modelled for replicas that both prefill and decode, first come first served",
                    "leave out batch, disaggregation, speculative_config, scheduling_policy and "
                    "batch_wait_timeout_iters");
    }
  }

  void read_fleet(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("fleet");
    if (!reader) {
      note_default("fleet.replicas", "1");
      return;
    }
    read_elastic(*reader, scenario_);
    scenario_.tenants = read_tenants(*reader);
    scenario_.router =
        reader->choice_or("router", scenario_.router, std::span<const Choice<engine::Router>>(kRouters));
    if (reader->has("models")) {
      models_ = reader->mappings("models");
      check_load_of_models(*reader);
    }
    if (scenario_.batch && reader->has("models")) {
      reader->fail("models", "a batch tier is modelled for fleets of one model");
    }
    if ((scenario_.autoscaler || scenario_.failures) && root.has("disaggregation")) {
      reader->fail(scenario_.autoscaler ? "autoscaler" : "failures",
                   "is modelled for replicas that both prefill and decode");
    }
    reader->done();
  }

  void check_load_of_models(Reader& fleet) const {
    if (scenario_.workload.load.kind == engine::Load::Kind::closed) {
      fleet.fail("models", "several models need an open or an offline load",
                 "clients of a closed loop would have to be shared by the models");
    }
  }

  /// Further models have the keys of the scenario that speak of model and devices, and of how many replicas
  /// there are; all else is the scenario's, but for what speaks of its own model: pools of prefill and
  /// decode, drafts, its making.
  void read_models() {
    double shares = 0;
    const Scenario own = scenario_;
    for (Reader& entry : models_) {
      scenario_ = own;
      scenario_.defaults.clear();
      scenario_.disaggregation.reset();
      scenario_.speculation.reset();
      scenario_.distillation.reset();
      find_files(entry);
      load_profiles(entry);
      read_formats(entry);
      read_parallel(entry);
      scenario_.autoscaler.reset();
      scenario_.failures.reset();
      read_elastic(entry, scenario_);
      if (entry.has("share") == entry.has("escalate")) {
        entry.ignore("share");
        entry.ignore("escalate");
        entry.fail("model", "give either 'share' or 'escalate'",
                   "share: of the requests; escalate: of the answers that the fleet's own model must redo");
      } else if (entry.has("share")) {
        scenario_.share = entry.number("share", config::kFraction);
        shares += *scenario_.share;
      } else {
        scenario_.escalate = entry.number("escalate", config::kFraction);
      }
      entry.done();
      if (scenario_.device_file != own.device_file) {
        scenario_.prices.per_device.reset();  // a price of the scenario is that of its own device
        scenario_.prices.purchase.reset();
      }
      check_parallel(entry, scenario_.sharding, scenario_.device_count);
      check_price(entry, scenario_.prices, device_.name, catalogue_, folder_);
      own_models_.push_back(scenario_);
    }
    scenario_ = own;
    scenario_.models = std::move(own_models_);
    const auto& models = scenario_.models;
    const bool cascade =
        std::any_of(models.begin(), models.end(), [](const Scenario& m) { return m.escalate; });
    if (cascade && models.size() > 1) {
      models_[1].fail("model", "a model that escalates stands alone beside the fleet's own");
    } else if (shares > 1) {
      models_.back().fail("share", "the shares of all further models pass 1");
    }
  }

  void read_prices(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("prices");
    if (!reader) {
      note_default("prices", "book default, tier on_demand");
      return;
    }
    read_allocation(*reader, scenario_.prices, scenario_.defaults);
    read_prices_block(*reader, scenario_.prices);
  }

  /// What the block of the decode pool leaves out is as in the prefill pool.
  void read_disaggregation(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("disaggregation");
    if (!reader) {
      return;
    }
    Disaggregation pools{.device_file = scenario_.device_file,
                         .device_count = scenario_.device_count,
                         .sharding = scenario_.sharding,
                         .engine = scenario_.engine,
                         .prices = scenario_.prices};
    Reader decode = reader->mapping("decode");
    pools.replicas = decode.integer_or("replicas", 1, {.least = 1, .most = 100'000});
    std::optional<Reader> hardware = decode.find_mapping("hardware");
    if (hardware) {
      read_hardware(*hardware, pools.device_file, pools.device_count);
    }
    std::optional<Reader> parallel = decode.find_mapping("parallel");
    if (hardware || parallel) {
      pools.sharding = read_sharding(parallel, pools.device_count);
    }
    if (parallel) {
      parallel->done();
    }
    if (std::optional<Reader> engine = decode.find_mapping("engine")) {
      if (engine->has("kv_tiers")) {
        engine->fail("kv_tiers", "a decode pool keeps no prefixes",
                     "tiers belong to the prefill pool: engine.kv_tiers");
      }
      read_engine_block(*engine, catalogue_, folder_, pools.engine);
    }
    if (std::optional<Reader> prices = decode.find_mapping("prices")) {
      pools.prices = {};
      read_prices_block(*prices, pools.prices);
    } else if (hardware && (pools.prices.per_device || pools.prices.purchase) && root.ok()) {
      decode.fail("hardware", "devices of their own need a price of their own",
                  "give disaggregation.decode.prices: {usd_per_device_hour: ...}");
    }
    decode.done();
    if (std::optional<Reader> transfer = reader->find_mapping("kv_transfer")) {
      read_kv_transfer(*transfer, pools.kv_transfer);
    }
    reader->done();
    if (root.ok()) {
      check_parallel(decode, pools.sharding, pools.device_count);
      check_price(decode, pools.prices, catalogue_.device(pools.device_file).name, catalogue_, folder_);
    }
    scenario_.disaggregation = std::move(pools);
  }

  void read_speculation(Reader& root) {
    if (std::optional<Reader> reader = root.find_mapping("speculative_config")) {
      scenario_.speculation = planner::read_speculation(*reader, catalogue_, folder_, scenario_.sharding);
    }
  }

  void read_ladder(Reader& root) {
    std::optional<Reader> reader = root.find_mapping("ladder");
    if (!reader) {
      return;
    }
    LadderChoice& ladder = scenario_.ladder;
    const auto name = [&](std::string_view key, std::optional<std::string>& value, const auto& find) {
      if (!reader->has(key)) {
        return;
      }
      value = reader->text(key);
      const Catalogue::Lookup lookup = find(*value);
      if (!lookup.file) {
        reader->fail(key, lookup.problem, lookup.hint);
      }
    };
    const auto model = [&](const std::string& text) { return catalogue_.find_model(text, folder_); };
    const auto device = [&](const std::string& text) { return catalogue_.find_device(text, folder_); };
    name("moe_model", ladder.moe_model, model);
    name("small_model", ladder.small_model, model);
    name("student_model", ladder.student_model, model);
    name("newer_device", ladder.newer_device, device);
    if (reader->has("small_share")) {
      ladder.small_share = reader->number("small_share", config::kFraction);
    }
    if (std::optional<Reader> making = reader->find_mapping("distillation")) {
      ladder.distillation = read_distillation(*making, scenario_.defaults);
    }
    reader->done();
  }

  const Catalogue& catalogue_;
  const std::optional<fs::path>& trace_;
  config::Document document_;
  fs::path folder_;
  Scenario scenario_{};
  model::Architecture architecture_{};
  hardware::DeviceProfile device_{};
  std::optional<Reader> engine_{};
  std::vector<Reader> models_;  ///< entries of fleet.models
  std::vector<Scenario> own_models_;
};

}  // namespace

std::optional<cost::Price> find_price(const cost::PriceBook& book, const std::string& device,
                                      const PriceChoice& choice) {
  return choice.provider ? book.find(device, choice.tier, *choice.provider) : book.find(device, choice.tier);
}

std::int64_t devices_of(const Scenario& scenario) {
  const std::optional<Disaggregation>& pools = scenario.disaggregation;
  return scenario.replicas * scenario.device_count + (pools ? pools->replicas * pools->device_count : 0);
}

Scenario decode_side(const Scenario& scenario) {
  const Disaggregation& pools = *scenario.disaggregation;
  Scenario side = scenario;
  side.device_file = pools.device_file;
  side.device_count = pools.device_count;
  side.sharding = pools.sharding;
  side.engine = pools.engine;
  side.engine.enable_chunked_prefill = true;  // prompts that are computed anew after a preemption
  side.engine.enable_prefix_caching = false;
  side.engine.kv_tiers.clear();
  side.replicas = pools.replicas;
  side.prices = pools.prices;
  side.defaults.clear();
  side.disaggregation.reset();
  return side;
}

Scenario load_scenario(const fs::path& file, const Catalogue& catalogue,
                       const std::optional<fs::path>& trace) {
  catalogue.read_ahead();
  return ScenarioReader(config::Document::load(file), file, catalogue, trace).read();
}

Scenario scenario_from_text(std::string text, const fs::path& file, const Catalogue& catalogue) {
  return ScenarioReader(config::Document::from_yaml(std::move(text), file.string()), file, catalogue, {})
      .read();
}

}  // namespace mtok::planner
