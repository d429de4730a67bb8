// mtok validate host: predicts what the kernel library does on this machine, runs it, and tells the error.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>

#include "app/cli/data_root.hpp"
#include "app/cli/host_verb.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/validate_verb.hpp"
#include "app/report/host_report.hpp"
#include "app/report/validation_report.hpp"
#include "sim/validation/host_judgement.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok validate host                                1 thread and all cores, in under four minutes\n"
    "  mtok validate host --quick                        a look, in under 40 s\n"
    "  mtok validate host --threads 2 --device host.yaml predicts from a profile before anything runs\n"
    "  mtok validate host --isa avx2 --isa avx512_core   as two devices, each in a process of its own\n"
    "  mtok validate host --record rows.csv; mtok validate host --recorded rows.csv";

struct Options {
  std::int64_t threads = 0;  ///< 0: 1 and all cores
  bool quick = false;
  std::vector<std::string> isas{};
  std::string device{};                 ///< a profile; empty: fitted to the calibration shapes
  std::string record{};                 ///< file for the samples
  std::vector<std::string> recorded{};  ///< judged in place of running
  std::optional<double> gate{};         ///< largest mean error of a family that is let through
  std::string picture{};
  std::string rows{};
  Output output{};
};

struct Run {
  std::vector<validation::HostSample> samples{};
  std::string machine{};
  double disturbed = 0;
  bool stopped = false;
};

Run read_run(const std::vector<std::string>& files) {
  Run run{.machine = "recorded samples"};
  double disturbed = 0;
  for (const std::string& file : files) {
    const auto samples = validation::read_samples(file);
    run.samples.insert(run.samples.end(), samples.begin(), samples.end());
  }
  for (const validation::HostSample& sample : run.samples) {
    disturbed += validation::is_disturbed(sample) ? 1 : 0;
  }
  run.disturbed = run.samples.empty() ? 0 : disturbed / static_cast<double>(run.samples.size());
  return run;
}

Run run_here(const Options& options, const planner::Catalogue& catalogue) {
  validation::HostPlan plan = validation::full_plan(options.quick);
  if (options.threads > 0) {
    plan.threads = {options.threads};
  } else if (!options.device.empty()) {  // a profile is one device: that of all cores
    plan.threads = {host::available_cores()};
  }
  validation::HostMeasurement measured = measure_here(plan, catalogue, options.output.quiet);
  return {.samples = std::move(measured.samples),
          .machine = text_of(measured.machine),
          .disturbed = measured.disturbed_blocks,
          .stopped = measured.stopped};
}

/// Waits for a child to end, whatever signals come meanwhile: Ctrl-C reaches the child as well.
pid_t waited(pid_t child, int& status) {
  pid_t ended = -1;
  do {
    ended = waitpid(child, &status, 0);
  } while (ended == -1 && errno == EINTR);
  return ended;
}

/// This program again, for one instruction set, which a process can choose only once. False: interrupted.
[[nodiscard]] bool run_child(const std::string& isa, const std::filesystem::path& record,
                             const Options& options) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::vector<std::string> words{program,    "validate",      "host", "--isa",    isa,
                                 "--record", record.string(), "-o",   "/dev/null"};
  if (options.quick) {
    words.emplace_back("--quick");
  }
  if (options.output.quiet) {
    words.emplace_back("--quiet");
  }
  const std::int64_t all = options.device.empty() ? 0 : host::available_cores();
  if (const std::int64_t threads = options.threads > 0 ? options.threads : all; threads > 0) {
    words.insert(words.end(), {"--threads", fmt::format("{}", threads)});
  }
  std::vector<char*> arguments;
  std::transform(words.begin(), words.end(), std::back_inserter(arguments),
                 [](std::string& word) { return word.data(); });
  arguments.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0 ||
      waited(child, status) != child || status != 0) {
    if (interrupted()) {
      return false;
    }
    throw Refusal(fmt::format("the measurement for {} did not end well", isa));
  }
  return true;
}

Run run_children(const Options& options) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("mtok-host-{}", getpid());
  std::filesystem::create_directories(folder);
  const auto remove = [](const std::filesystem::path* path) {
    std::error_code ignored;
    std::filesystem::remove_all(*path, ignored);
  };
  const std::unique_ptr<const std::filesystem::path, decltype(remove)> cleanup(&folder, remove);
  std::vector<std::string> files;
  for (const std::string& isa : options.isas) {
    files.push_back((folder / (isa + ".csv")).string());
    if (!run_child(isa, files.back(), options)) {
      return {.stopped = true};
    }
  }
  Run run = read_run(files);
  run.machine = fmt::format("this machine under {} instruction sets", options.isas.size());
  return run;
}

Run run_of(const Options& options, const planner::Catalogue& catalogue) {
  if (!options.recorded.empty()) {
    return read_run(options.recorded);
  }
  if (options.isas.size() > 1) {
    return run_children(options);
  }
  if (!options.isas.empty()) {
    cap_isa_or_refuse(options.isas.front());
  }
  return run_here(options, catalogue);
}

/// Fails when a family is further off than the gate lets through, unless the machine was disturbed: then the
/// measurement says little about the models, which is reported.
ExitCode judged_by_gate(const Options& options, const std::vector<validation::Outcome>& outcomes,
                        double disturbed) {
  std::vector<std::string> beyond;
  for (const validation::ErrorSummary& s : validation::summarize(
           outcomes, std::array{validation::GroupBy::device, validation::GroupBy::family})) {
    if (options.gate && s.mean_ape > *options.gate) {
      beyond.push_back(fmt::format("{}, {}: mean error {:.1f} %", s.device, s.family, 100 * s.mean_ape));
    }
  }
  if (beyond.empty()) {
    return ExitCode::ok;
  }
  const bool excused = disturbed > validation::kTolerable;
  for (const std::string& one : beyond) {
    fmt::print(stderr, "{}: {}\n", excused ? "disturbed machine, not judged" : "beyond the gate", one);
  }
  return excused ? ExitCode::ok : ExitCode::gate_failed;
}

ExitCode validate_host(const Options& options) {
  check_threads(options.threads);
  check_writable({options.record, options.rows, options.picture, options.output.file});
  std::for_each(options.isas.begin(), options.isas.end(), check_isa);
  const planner::Catalogue catalogue = find_catalogue();
  std::optional<hardware::DeviceProfile> profile;
  if (!options.device.empty()) {
    const planner::Catalogue::Lookup found =
        catalogue.find_device(options.device, std::filesystem::current_path());
    if (!found.file) {
      throw Refusal(found.problem, found.hint);
    }
    profile = catalogue.device(*found.file);
  }
  const Run run = run_of(options, catalogue);
  if (run.stopped) {
    return ExitCode::interrupted;
  }
  const auto devices = validation::judge_host(run.samples, catalogue, profile ? &*profile : nullptr);
  const auto outcomes = validation::outcomes_of(devices);
  if (!options.record.empty()) {
    replace_file(options.record, [&](std::ostream& out) { out << validation::samples_csv(run.samples); });
  }
  if (!options.rows.empty()) {
    replace_file(options.rows, [&](std::ostream& out) { out << report::outcomes_csv(outcomes); });
  }
  if (!options.picture.empty()) {
    replace_file(options.picture, [&](std::ostream& out) { out << report::scatter_svg(outcomes, "host"); });
  }
  options.output.write(report::host_text(devices, run.machine, run.disturbed, options.output.form()));
  return judged_by_gate(options, outcomes, run.disturbed);
}

}  // namespace

void add_validate_host(CLI::App& validate, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb =
      validate.add_subcommand("host", "Set the CPU model against oneDNN, run on this machine");
  verb->add_option("--threads", options->threads,
                   "only this many threads; default: 1, then one for each core; with --device "
                   "one for each core")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20));
  verb->add_flag("--quick", options->quick, "fewer shapes, once");
  verb->add_option("--isa", options->isas, "hold the kernel library to this instruction set; may be repeated")
      ->type_name("NAME");
  verb->add_option("--device", options->device, "predict from this profile, in place of calibration shapes")
      ->type_name("NAME|FILE");
  verb->add_option("--record", options->record, "write every sample to this CSV file")->type_name("FILE");
  CLI::Option* const recorded =
      verb->add_option("--recorded", options->recorded, "judge recorded samples, run nothing")
          ->type_name("FILE");
  for (const char* const of_a_run : {"--threads", "--quick", "--isa", "--record"}) {
    recorded->excludes(verb->get_option(of_a_run));
  }
  verb->add_option("--gate", options->gate, "exit code 5 when a family's mean error is larger")
      ->type_name("SHARE");
  verb->add_option("--out", options->rows,
                   "write measured, predicted and error of every row to this CSV file")
      ->type_name("FILE");
  verb->add_option("--svg", options->picture, "write a scatter of predicted over measured to this SVG file")
      ->type_name("FILE");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return validate_host(*options); }; });
}

}  // namespace mtok::cli
