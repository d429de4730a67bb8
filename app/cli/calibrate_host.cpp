// mtok calibrate host: measures this machine and writes it as a device profile.
#include <fmt/format.h>

#include <memory>

#include "app/cli/calibrate_verb.hpp"
#include "app/cli/data_root.hpp"
#include "app/cli/host_verb.hpp"
#include "app/cli/output.hpp"
#include "app/cli/refusal.hpp"
#include "app/report/host_report.hpp"
#include "sim/validation/host_profile.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok calibrate host                               writes host.yaml, in under three minutes\n"
    "  mtok calibrate host --threads 1 --profile one.yaml\n"
    "Then in a scenario: hardware: {device: ./host.yaml}, engine: {framework: bare}, prices: "
    "{usd_per_device_hour: 0.10}";

struct Options {
  std::int64_t threads = 0;  ///< 0: all cores
  std::string isa{};
  std::string profile = "host.yaml";
  Output output{};
};

ExitCode calibrate_host(const Options& options) {
  check_threads(options.threads);
  check_writable({options.profile, options.output.file});
  cap_isa_or_refuse(options.isa);
  const planner::Catalogue catalogue = find_catalogue();
  const validation::HostPlan plan{
      .threads = {options.threads > 0 ? options.threads : host::available_cores()}, .calibration_only = true};
  const validation::HostMeasurement measured = measure_here(plan, catalogue, options.output.quiet);
  if (measured.stopped) {
    return ExitCode::interrupted;
  }
  const auto devices = validation::judge_host(measured.samples, catalogue);
  if (devices.empty()) {
    throw Refusal("the kernel library ran no product on this machine");
  }
  replace_file(options.profile, [&](std::ostream& out) {
    out << validation::host_profile_text(devices.front().profile, measured.machine, measured.samples);
  });
  if (measured.disturbed_blocks > validation::kTolerable) {
    options.output.say("warning", {fmt::format("the machine was disturbed during {:.0f} % of the blocks: "
                                               "calibrate again when nothing else runs",
                                               100 * measured.disturbed_blocks)});
  }
  options.output.write(
      report::host_calibration_text(devices.front(), options.profile, options.output.form()));
  return ExitCode::ok;
}

}  // namespace

void add_calibrate_host(CLI::App& calibrate, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb =
      calibrate.add_subcommand("host", "Measure this machine with oneDNN and write its profile");
  verb->add_option("--threads", options->threads, "threads; default: one for each core")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20));
  verb->add_option("--isa", options->isa, "hold the kernel library to this instruction set")
      ->type_name("NAME");
  verb->add_option("--profile", options->profile, "the profile to write; default: host.yaml")
      ->type_name("FILE");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return calibrate_host(*options); }; });
}

}  // namespace mtok::cli
