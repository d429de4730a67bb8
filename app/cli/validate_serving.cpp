// mtok validate serving and trace: the engine against measured serving systems and recorded requests.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/data_root.hpp"
#include "app/cli/validate_verb.hpp"
#include "sim/validation/serving.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kServingExamples =
    "Examples:\n"
    "  mtok validate serving serving.csv\n"
    "  mtok validate serving serving.csv --out predicted.csv --svg scatter.svg\n"
    "Columns: row_id, model, weight_precision, gpu, n_gpus, tp, framework, isl_tokens, osl_tokens, "
    "load_mode,\n"
    "concurrency, metric, value, ... One line is one measured metric of one operating point.";
constexpr const char* kTraceExamples =
    "Examples:\n"
    "  mtok validate trace requests.csv\n"
    "Columns: bench, model, gpu, tp, max_num_seqs, max_num_batched_tokens, input_tokens, output_tokens, "
    "queued_s,\n"
    "scheduled_s, first_token_s, last_token_s. One line is one request of a real engine.";

using Validate = std::vector<validation::Outcome> (*)(const std::filesystem::path&,
                                                      const planner::Catalogue&);

ExitCode validate_files(const ValidateOptions& options, std::string_view subject, Validate validate) {
  const planner::Catalogue catalogue = find_catalogue();
  std::vector<validation::Outcome> all;
  for (const std::string& file : options.files) {
    const std::vector<validation::Outcome> outcomes = validate(file, catalogue);
    all.insert(all.end(), outcomes.begin(), outcomes.end());
  }
  return deliver(all, subject, options);
}

void add_verb(CLI::App& verbs, Command& command, const char* name, const char* help, const char* examples,
              Validate validate) {
  const auto options = std::make_shared<ValidateOptions>();
  CLI::App* const verb = verbs.add_subcommand(name, help);
  options->add_to(*verb);
  verb->footer(examples);
  verb->callback([options, &command, validate, name] {
    command = [options, validate, name] { return validate_files(*options, name, validate); };
  });
}

}  // namespace

void add_validate_serving(CLI::App& validate, Command& command) {
  add_verb(validate, command, "serving", "Set the engine against measured serving systems", kServingExamples,
           validation::validate_serving);
  add_verb(validate, command, "trace", "Replay recorded requests of a real engine", kTraceExamples,
           validation::validate_trace);
}

}  // namespace mtok::cli
