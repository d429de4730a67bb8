// mtok validate kernels: device models against measured kernels.
#include <memory>

#include "app/cli/data_root.hpp"
#include "app/cli/validate_verb.hpp"
#include "sim/validation/kernel_rows.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok validate kernels kernels_gemm.csv kernels_attention.csv\n"
    "  mtok validate kernels kernels_moe.csv --out predicted.csv --svg scatter.svg\n"
    "  mtok validate kernels own.csv --format json | jq .by_device\n"
    "The header tells what a file holds: GEMMs, attention, fused experts or collectives.";

ExitCode validate_kernels(const ValidateOptions& options) {
  const planner::Catalogue catalogue = find_catalogue();
  validation::KernelPredictor predictor(catalogue);
  std::vector<validation::Outcome> outcomes;
  for (const std::string& file : options.files) {
    validation::KernelFile rows(file, catalogue);
    while (std::optional<validation::KernelRow> row = rows.next()) {
      outcomes.push_back(predictor.predicted(std::move(*row)));
    }
  }
  return deliver(outcomes, "kernels", options);
}

}  // namespace

void add_validate_kernels(CLI::App& validate, Command& command) {
  const auto options = std::make_shared<ValidateOptions>();
  CLI::App* const verb =
      validate.add_subcommand("kernels", "Set the device models against measured kernel times");
  options->add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return validate_kernels(*options); }; });
}

}  // namespace mtok::cli
