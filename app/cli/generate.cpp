// mtok generate: a trace from the description of a workload.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "app/cli/output.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/text.hpp"
#include "sim/workload/trace_writer.hpp"
#include "sim/workload/workload_spec.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok generate workloads/specs/chat.yaml -o chat.csv\n"
    "  mtok generate workloads/specs/chat.yaml --requests 500 --seed 7 -o chat.csv.gz";

struct Options {
  std::string spec{};
  std::string output = "-";
  std::optional<std::uint64_t> seed{};
  std::optional<std::int64_t> requests{};
};

std::string check_name(const std::string& name) {
  return name == "-" || name.ends_with(".csv") || name.ends_with(".csv.gz")
             ? ""
             : "expected a name that ends in .csv or .csv.gz, got '" + name + "'";
}

ExitCode generate(const Options& options) {
  workload::WorkloadSpec spec = workload::load_workload_spec(options.spec);
  spec.synthetic.requests = options.requests.value_or(spec.synthetic.requests);
  const auto source = workload::make_synthetic(spec.synthetic, options.seed.value_or(spec.seed));
  if (options.output == "-") {
    std::ostringstream text;
    workload::write_mtok_csv(*source, text);
    write_to_stdout(text.str());
    return ExitCode::ok;
  }
  std::int64_t count = 0;
  replace_file_by_name(options.output, [&](const std::filesystem::path& name) {
    count = workload::write_mtok_csv(*source, name);
  });
  fmt::print(stderr, "{}: {} requests\n", report::printable(options.output), report::grouped(count));
  return ExitCode::ok;
}

}  // namespace

void add_generate(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("generate", "Make a trace from the description of a workload");
  verb->add_option("spec", options->spec, "the description of the workload")->required()->type_name("SPEC");
  verb->add_option("-o,--output", options->output,
                   "the trace to write, .csv or .csv.gz; '-' is standard output")
      ->type_name("FILE")
      ->check(check_name);
  verb->add_option("--seed", options->seed, "in place of the seed of the description")->type_name("N");
  verb->add_option("--requests", options->requests, "in place of the number of the description")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40U));
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return generate(*options); }; });
}

}  // namespace mtok::cli
