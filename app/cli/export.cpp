// mtok export: a plan or a scenario as commands of serving frameworks and objects of Kubernetes.
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/deploy.hpp"
#include "app/report/text.hpp"
#include "sim/kernel/number_format.hpp"
#include "sim/planner/run.hpp"

namespace mtok::cli {
namespace {

using nlohmann::json;

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok plan workloads/plan_chat.yaml --format json -o plan.json\n"
    "  mtok export plan.json --to kubernetes -o fleet.yaml       the cheapest that keeps its promises\n"
    "  mtok export plan.json --row 'NAME OF A ROW' --to vllm\n"
    "  mtok export workloads/chat.yaml --to sglang               what a run of this scenario costs, in "
    "comments";

struct Options {
  std::string file{};
  std::string target = "vllm";
  std::string row{};
  std::int64_t devices_per_node = 8;
  std::string output = "-";
};

report::DeployTarget target_named(const std::string& name) {
  for (const auto& [word, target] : report::kDeployTargets) {
    if (word == name) {
      return target;
    }
  }
  return report::DeployTarget::vllm;  // CLI11 lets no other word through
}

std::filesystem::path file_of(const planner::Catalogue::Lookup& lookup) {
  if (!lookup.file) {
    throw Refusal(lookup.problem, lookup.hint);
  }
  return *lookup.file;
}

/// The repository of a network, or its own name where none is listed.
std::string repository_of(const std::string& model, const planner::Catalogue& catalogue) {
  return catalogue.checkpoints().repository_of(model).value_or(model);
}

std::optional<report::DeployedDrafts> drafts_of(const planner::Scenario& scenario,
                                                const planner::Catalogue& catalogue) {
  if (!scenario.speculation) {
    return std::nullopt;
  }
  const planner::SpeculationChoice& choice = *scenario.speculation;
  report::DeployedDrafts drafts{.tokens = choice.speculation.draft_tokens()};
  if (!choice.draft_file.empty()) {
    drafts.repository = repository_of(catalogue.model(choice.draft_file).name, catalogue);
  }
  return drafts;
}

/// Fills in what the framework's profile and the published names say. `scenario` has files, formats,
/// sharding, engine and replicas.
report::Deployed complete(const planner::Scenario& scenario, const planner::Catalogue& catalogue) {
  const model::Architecture architecture = catalogue.model(scenario.model_file);
  const hardware::DeviceProfile device = catalogue.device(scenario.device_file);
  const hardware::FrameworkProfile framework = catalogue.framework(
      file_of(catalogue.find_framework(scenario.engine.framework, scenario.file.parent_path())));
  planner::EngineChoice engine = scenario.engine;
  engine.max_num_seqs = engine.max_num_seqs.value_or(framework.max_num_seqs);
  engine.max_num_batched_tokens = engine.max_num_batched_tokens.value_or(framework.max_num_batched_tokens);
  engine.block_size = engine.block_size.value_or(framework.block_size);
  engine.gpu_memory_utilization = engine.gpu_memory_utilization.value_or(framework.memory_fraction);
  return {.name = scenario.name,
          .model = architecture.name,
          .repository = repository_of(architecture.name, catalogue),
          .checkpoint = architecture.checkpoint_format,
          .device = device.name,
          .vendor = device.vendor,
          .kind = device.kind,
          .formats = scenario.formats,
          .sharding = scenario.sharding,
          .framework = framework.name,
          .engine = std::move(engine),
          .drafts = drafts_of(scenario, catalogue),
          .replicas = scenario.replicas};
}

kernel::NumberFormat format_of(const json& name) {
  const std::optional<kernel::NumberFormat> format = kernel::format_named(name.get<std::string>());
  if (!format) {
    throw std::invalid_argument("no number format");
  }
  return *format;
}

template <class T>
std::optional<T> optional_of(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<T>());
}

/// The drafts of a plan's deployment; nullopt without.
std::optional<planner::SpeculationChoice> speculation_of(const json& deployment,
                                                         const planner::Catalogue& catalogue) {
  if (!deployment.contains("speculative_config")) {
    return std::nullopt;
  }
  const json& drafts = deployment.at("speculative_config");
  planner::SpeculationChoice choice;
  if (drafts.contains("model")) {
    choice.draft_file = file_of(catalogue.find_model(drafts.at("model"), {}));
  }
  choice.speculation.acceptance = drafts.at("acceptance_rate").get<std::vector<double>>();
  return choice;
}

planner::Scenario scenario_of(const json& row, const planner::Catalogue& catalogue) {
  const json& given = row.at("deployment");
  const json& ranks = given.at("parallel");
  const json& engine = given.at("engine");
  planner::Scenario scenario{.name = row.at("name")};
  scenario.model_file = file_of(catalogue.find_model(given.at("model"), {}));
  scenario.device_file = file_of(catalogue.find_device(given.at("hardware").at("device"), {}));
  scenario.device_count = given.at("hardware").at("count");
  scenario.formats = {.weights = format_of(given.at("formats").at("weights")),
                      .activations = format_of(given.at("formats").at("activations")),
                      .kv_cache = format_of(given.at("formats").at("kv_cache"))};
  scenario.sharding = {.tensor = ranks.at("tensor_parallel_size"),
                       .pipeline = ranks.at("pipeline_parallel_size"),
                       .expert = ranks.at("expert_parallel_size"),
                       .data = ranks.at("data_parallel_size")};
  scenario.engine = {.framework = engine.at("framework"),
                     .max_num_seqs = optional_of<std::int64_t>(engine.at("max_num_seqs")),
                     .max_num_batched_tokens = optional_of<std::int64_t>(engine.at("max_num_batched_tokens")),
                     .max_model_len = optional_of<std::int64_t>(engine.at("max_model_len")),
                     .block_size = optional_of<std::int64_t>(engine.at("block_size")),
                     .gpu_memory_utilization = optional_of<double>(engine.at("gpu_memory_utilization")),
                     .enable_chunked_prefill = engine.at("enable_chunked_prefill"),
                     .enable_prefix_caching = engine.at("enable_prefix_caching")};
  scenario.speculation = speculation_of(given, catalogue);
  scenario.replicas = given.at("fleet").at("replicas");
  const bool whole = scenario.sharding.devices() > 0 && scenario.replicas > 0 &&
                     scenario.sharding.tensor > 0 && scenario.sharding.pipeline > 0 &&
                     scenario.sharding.data > 0;
  if (!whole) {
    throw std::invalid_argument("a deployment without devices");
  }
  return scenario;
}

/// The named row, or the first, which is the cheapest that keeps its promises.
const json& row_of(const json& plan, const std::string& name) {
  const json& rows = plan.at("rows");
  for (const json& row : rows) {
    if (name.empty() ? row.at("feasible").get<bool>() : row.at("name") == name) {
      return row;
    }
  }
  throw Refusal(name.empty() ? "no row of the plan keeps its promises" : "no row is named '" + name + "'",
                name.empty() ? "--row NAME exports one that does not" : "names stand in rows[].name");
}

std::string shown(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What the expected figures take for granted of the drafts.
void note_drafts(report::Deployed& deployed, const planner::Scenario& scenario) {
  if (scenario.speculation) {
    deployed.expected.emplace_back("tokens-per-step",
                                   units::fixed(scenario.speculation->speculation.tokens_per_step(), 2));
  }
}

report::Deployed from_plan(const json& plan, const Options& options, const planner::Catalogue& catalogue) {
  const json& row = row_of(plan, options.row);
  const planner::Scenario scenario = scenario_of(row, catalogue);
  report::Deployed deployed = complete(scenario, catalogue);
  const json& demand = plan.at("demand");
  deployed.expected = {
      {"usd-per-million-tokens", shown(row.at("usd_per_mtok").at("blended"))},
      {"usd-per-month", shown(row.at("usd_per_month"))},
      {"ttft-p99-ms", shown(row.at("ttft_p99_ms"))},
      {"tpot-p99-ms", shown(row.at("tpot_p99_ms"))},
      {"demand", shown(demand.at("requests")) + " requests in " + shown(demand.at("last_arrival_s")) + " s"}};
  note_drafts(deployed, scenario);
  if (!row.at("feasible").get<bool>()) {
    deployed.expected.emplace_back("miss", shown(row.at("nearest_miss")));
  }
  return deployed;
}

report::Deployed from_scenario(const Options& options, const planner::Catalogue& catalogue) {
  const planner::Scenario scenario = planner::load_scenario(options.file, catalogue);
  if (!scenario.models.empty() || scenario.disaggregation) {
    throw Refusal("only a fleet of one model and one pool can be exported",
                  "leave out fleet.models and disaggregation");
  }
  const planner::RunResult result = planner::run(scenario, catalogue);
  if (result.infeasible) {
    throw Refusal(result.infeasible->reason);
  }
  report::Deployed deployed = complete(scenario, catalogue);
  if (result.bill.per_token.blended) {
    deployed.expected.emplace_back("usd-per-million-tokens",
                                   report::decimal_usd_per_mtok(*result.bill.per_token.blended));
  }
  deployed.expected.emplace_back("usd-per-month", report::decimal_usd(result.bill.per_month));
  deployed.expected.emplace_back("ttft-p99-ms", report::milliseconds(result.metrics.ttft.p99));
  deployed.expected.emplace_back("tpot-p99-ms", report::milliseconds(result.metrics.tpot.p99));
  note_drafts(deployed, scenario);
  return deployed;
}

json plan_in(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  json plan = json::parse(text.view(), nullptr, false);
  if (!plan.is_object() || plan.value("schema", "") != "mtok.plan/1") {
    throw Refusal("'" + file + "' is no plan",
                  "give what 'mtok plan --format json -o FILE' wrote, or a scenario");
  }
  return plan;
}

report::Deployed deployed_of(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  if (std::filesystem::path(options.file).extension() != ".json") {
    return from_scenario(options, catalogue);
  }
  try {
    return from_plan(plan_in(options.file), options, catalogue);
  } catch (const json::exception&) {
    throw Refusal("'" + options.file + "' is a plan of another version, or was changed");
  } catch (const std::invalid_argument&) {
    throw Refusal("'" + options.file + "' holds no deployment in that row");
  }
}

ExitCode export_deployment(const Options& options) {
  const report::Deployed deployed = deployed_of(options);
  try {
    Output{.file = options.output}.write(
        report::deploy_text(deployed, target_named(options.target), options.devices_per_node));
  } catch (const std::invalid_argument& obstacle) {
    throw Refusal(obstacle.what());
  }
  return ExitCode::ok;
}

}  // namespace

void add_export(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb =
      app.add_subcommand("export", "Write a plan or a scenario as serving commands or Kubernetes objects");
  verb->add_option("file", options->file, "a plan (.json) or a scenario")->required()->type_name("FILE");
  std::vector<std::string> targets;
  for (const auto& [name, target] : report::kDeployTargets) {
    targets.emplace_back(name);
  }
  verb->add_option("--to", options->target, "vllm, sglang, tensorrt-llm or kubernetes")
      ->type_name("TARGET")
      ->check(CLI::IsMember(targets))
      ->capture_default_str();
  verb->add_option("--row", options->row,
                   "the row of the plan; without it the cheapest that keeps its promises")
      ->type_name("NAME");
  verb->add_option("--devices-per-node", options->devices_per_node, "for kubernetes")
      ->type_name("N")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  verb->add_option("-o,--output", options->output, "the file to write; '-' is standard output")
      ->type_name("FILE");
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return export_deployment(*options); }; });
}

}  // namespace mtok::cli
