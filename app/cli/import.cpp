// mtok import: files of others as files of ours.
#include <filesystem>
#include <memory>

#include "app/cli/import_verb.hpp"
#include "app/cli/output.hpp"
#include "sim/model/architecture.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok import model config.json -o models/my-model.yaml\n"
    "  mtok import model config.json --name my-model --source 'our model hub, 2026-01-31'\n"
    "  mtok import vllm 'vllm serve Qwen/Qwen3-8B -tp 2' --device h100-sxm -o scenario.yaml";

struct Options {
  std::string file{};
  std::string name{};
  std::string source{};
  std::string output = "-";
};

ExitCode import_model(const Options& options) {
  model::Architecture architecture = model::load_architecture(options.file);
  const std::filesystem::path output = options.output;
  if (!options.name.empty()) {
    architecture.name = options.name;
  } else if (options.output != "-") {
    architecture.name = output.stem().string();
  }
  const std::string file_name = std::filesystem::path(options.file).filename().string();
  const std::string text = model::to_yaml(architecture, options.source.empty() ? file_name : options.source);
  Output{.file = options.output}.write(text);
  return ExitCode::ok;
}

}  // namespace

void add_import(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("import", "Turn files of others into files of ours");
  verb->require_subcommand(1);
  verb->footer(kExamples);
  CLI::App* const model = verb->add_subcommand("model", "A Hugging Face config.json becomes a model file");
  model->add_option("config", options->file, "the config.json")->required()->type_name("CONFIG");
  model->add_option("-o,--output", options->output, "the file to write; '-' is standard output")
      ->type_name("FILE");
  model->add_option("--name", options->name, "of the model; without it the name of the file")
      ->type_name("NAME");
  model->add_option("--source", options->source, "where the numbers come from, to stand in the file")
      ->type_name("TEXT");
  model->footer(kExamples);
  model->callback([options, &command] { command = [options] { return import_model(*options); }; });
  add_import_vllm(*verb, command);
}

}  // namespace mtok::cli
