// mtok validate: checks scenario files; the verb under which predictions are set against measurements.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/validate_verb.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/text.hpp"
#include "sim/config/diagnostic.hpp"
#include "sim/planner/scenario.hpp"
#include "sim/planner/workload_facts.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok validate scenario chat.yaml                  exit code 0: fine, 3: not\n"
    "  mtok validate scenario workloads/*.yaml";

struct Options {
  std::vector<std::string> files{};
};

/// Checks every file, so that one bad file does not hide the errors of the next.
ExitCode validate_scenarios(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  ExitCode code = ExitCode::ok;
  for (const std::string& file : options.files) {
    try {
      const planner::WorkloadFacts facts = planner::look_through(planner::load_scenario(file, catalogue));
      write_to_stdout(fmt::format("{}: ok, {} requests\n", report::printable(file), facts.requests));
    } catch (const config::Error& error) {
      fmt::print(stderr, "{}\n", config::to_text(error.diagnostics()));
      code = ExitCode::invalid_input;
    }
  }
  return code;
}

}  // namespace

void add_validate(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb =
      app.add_subcommand("validate", "Check files without running them, or the models against measurements");
  verb->require_subcommand(1);
  verb->footer(kExamples);
  CLI::App* const scenario = verb->add_subcommand("scenario", "Check scenario files and what they name");
  scenario->add_option("files", options->files, "the scenario files")->required()->type_name("FILE");
  scenario->footer(kExamples);
  scenario->callback([options, &command] { command = [options] { return validate_scenarios(*options); }; });
  add_validate_kernels(*verb, command);
  add_validate_serving(*verb, command);
  add_validate_host(*verb, command);
}

}  // namespace mtok::cli
