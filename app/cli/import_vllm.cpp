// mtok import vllm: a command line of vLLM's server as a scenario.
#include <iostream>
#include <memory>
#include <sstream>

#include "app/cli/data_root.hpp"
#include "app/cli/import_verb.hpp"
#include "app/cli/output.hpp"
#include "app/cli/refusal.hpp"
#include "app/report/scenario_yaml.hpp"
#include "app/report/text.hpp"
#include "sim/planner/serve_command.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok import vllm 'vllm serve meta-llama/Llama-3.1-8B-Instruct -tp 2 --max-num-seqs 128' --device "
    "h100-sxm\n"
    "  mtok import vllm - --device h200-sxm --trace monday.csv -o scenario.yaml < start.sh\n"
    "The command says nothing of devices and workload: name the device; without a trace a small workload is "
    "made up, to be replaced.";

struct Options {
  std::string command{};
  std::string device{};
  std::string model{};
  std::string trace{};
  std::string output = "-";
};

std::string read_stdin() {
  std::stringstream text;
  text << std::cin.rdbuf();
  return text.str();
}

std::string model_of(const planner::ServeCommand& command, const Options& options,
                     const planner::Catalogue& catalogue) {
  if (!options.model.empty()) {
    return options.model;
  }
  const std::optional<std::string> model = catalogue.checkpoints().model_of(command.model);
  if (!model) {
    throw Refusal("no shipped network is '" + report::printable(command.model) + "'",
                  "name one with --model, or make one of its config.json with 'mtok import model'");
  }
  return *model;
}

/// The draft model's name in models/. Drafts that no scenario can have are left out of the command.
std::string draft_of(planner::ServeCommand& command, const planner::Catalogue& catalogue) {
  if (!command.drafts) {
    return "";
  }
  const std::string repository = command.drafts->model;
  const std::optional<std::string> model =
      repository.empty() ? std::string() : catalogue.checkpoints().model_of(repository);
  if (command.sharding.pipeline > 1 || !model) {
    command.left_out.push_back("--speculative-config, " +
                               (model ? "drafts over pipeline stages are not modelled"
                                      : "no shipped network is '" + report::printable(repository) + "'"));
    command.drafts.reset();
    return "";
  }
  return *model;
}

ExitCode import_vllm(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  planner::ServeCommand command =
      planner::read_serve_command(options.command == "-" ? read_stdin() : options.command);
  const planner::Catalogue::Lookup device = catalogue.find_device(options.device, {});
  if (!device.file) {
    throw Refusal(device.problem, device.hint);
  }
  const std::string draft = draft_of(command, catalogue);
  const Output output{.file = options.output};
  output.write(report::scenario_yaml(command, {.name = command.model,
                                               .model = model_of(command, options, catalogue),
                                               .device = options.device,
                                               .trace = options.trace,
                                               .draft = draft}));
  std::vector<std::string> notes;
  for (const std::string& flag : command.left_out) {
    notes.push_back("not taken over: " + flag);
  }
  if (command.drafts) {
    notes.emplace_back(
        "the acceptance_rate of speculative_config is made up: replace it by that of your texts");
  }
  output.say("warning", notes);
  return ExitCode::ok;
}

}  // namespace

void add_import_vllm(CLI::App& import, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = import.add_subcommand("vllm", "A 'vllm serve ...' command becomes a scenario");
  verb->add_option("command", options->command,
                   "the command line in quotes; '-' reads it from standard input")
      ->required()
      ->type_name("COMMAND");
  verb->add_option("--device", options->device, "what it runs on; see 'mtok show devices'")
      ->required()
      ->type_name("NAME");
  verb->add_option("--model", options->model,
                   "the network in models/, when the name of the repository does not "
                   "tell")
      ->type_name("NAME");
  verb->add_option("--trace", options->trace, "the workload to replay, as the scenario shall name it")
      ->type_name("FILE");
  verb->add_option("-o,--output", options->output, "the file to write; '-' is standard output")
      ->type_name("FILE");
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return import_vllm(*options); }; });
}

}  // namespace mtok::cli
