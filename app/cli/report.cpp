// mtok report: a result as files for boards, auditors and spreadsheets.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/report_files.hpp"
#include "app/cli/rerun.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/comparison_report.hpp"
#include "app/report/dossier_reader.hpp"
#include "app/report/focus_check.hpp"
#include "sim/planner/ladder.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExamples =
    "The first run among the files is what the report is about; ladders, comparisons, plans, further runs, "
    "what\n"
    "it depends on (mtok sensitivity) and the fleet by month (mtok capacity) stand beside it. --all climbs "
    "the ladder itself where none is given and the scenario is found "
    "unchanged.\n"
    "\n"
    "Examples:\n"
    "  mtok run chat.yaml --format json -o chat.json\n"
    "  mtok ladder chat.yaml --format json -o ladder.json\n"
    "  mtok report chat.json ladder.json -o chat.xlsx     a workbook with live formulas\n"
    "  mtok report --all reports chat.json                every kind of file into one folder\n"
    "  mtok report chat.json -o chat.focus.csv --start 2026-07 --months 6\n"
    "  mtok report --check chat.focus.csv                 is it FOCUS 1.2?";

struct Options {
  std::vector<std::string> results{};
  std::string file{};
  std::string to{};
  std::optional<std::string> all{};
  std::optional<std::string> check{};
  std::string start = "2026-01";
  int months = 12;
  std::string paper = "a4";
  bool quiet = false;
};

report::ReportSource source_of(const Options& options, const std::vector<report::ResultText>& results) {
  const std::optional<report::FocusPeriod> period = report::focus_period(options.start, options.months);
  if (!period) {
    throw Refusal("--start is a month such as 2026-07, not " + options.start);
  }
  report::ReportSource source{.dossier = report::read_dossier(results),
                              .period = *period,
                              .paper = options.paper == "letter" ? report::Paper::letter : report::Paper::a4};
  source.dossier.precision = report::precision_of(find_catalogue(), source.dossier.run.device);
  source.sums = report::control_sums(source.dossier);
  if (!report::all_agree(source.sums)) {
    throw Refusal(
        "the control sums of " + results.front().name + " do not agree: it was changed after it was written",
        "run the scenario again");
  }
  return source;
}

std::vector<report::ResultText> texts_of(const Options& options) {
  if (options.results.empty()) {
    throw Refusal("mtok report needs the JSON of a run",
                  "write one with: mtok run SCENARIO.yaml --format json -o RESULT.json");
  }
  std::vector<report::ResultText> texts;
  for (const std::string& file : options.results) {
    texts.push_back(report::read_result(file));
  }
  return texts;
}

void tell_why_none(const Options& options, const char* why) {
  if (!options.quiet) {
    fmt::print(stderr, "note: no ladder in the reports: {}\n", why);
  }
}

/// The ladder of the scenario that the first result names, when its files are found unchanged; a word on
/// stderr when they are not.
void add_ladder_of(const Options& options, std::vector<report::ResultText>& results) {
  const Origin origin = origin_of(options.results.front(), results.front().text);
  const planner::Catalogue catalogue = find_catalogue();
  try {
    const planner::Scenario scenario = scenario_of(origin, options.results.front(), catalogue, std::nullopt);
    ProgressBar bar("fleets", options.quiet);
    planner::Comparison ladder = planner::ladder(
        scenario, catalogue,
        [&](std::int64_t ended, std::int64_t expected) { return bar.advance(ended, expected); });
    name_as_stated(ladder.inputs, origin);
    results.push_back({.name = "ladder", .text = report::ladder_json(ladder)});
  } catch (const Refusal& refusal) {
    tell_why_none(options, refusal.what());
  } catch (const config::Error& error) {
    tell_why_none(options, error.what());
  }
}

ExitCode write_set(const Options& options) {
  std::vector<report::ResultText> results = texts_of(options);
  report::ReportSource source = source_of(options, results);
  if (!source.dossier.ladder) {
    add_ladder_of(options, results);
    source = source_of(options, results);
  }
  std::string names;
  for (const fs::path& file : write_all_reports(source, *options.all)) {
    names += file.string() + "\n";
  }
  write_to_stdout(names);
  return ExitCode::ok;
}

ExitCode check(const Options& options) {
  const report::FocusVerdict verdict =
      report::check_focus(report::read_result(*options.check).text, *options.check);
  if (!verdict.errors.empty()) {
    throw config::Error(verdict.errors);
  }
  write_to_stdout(fmt::format("{} conforms to FOCUS 1.2: {} rows, {} columns\n", *options.check, verdict.rows,
                              verdict.columns));
  return ExitCode::ok;
}

ExitCode report_of(const Options& options) {
  if (options.check) {
    return check(options);
  }
  if (options.all) {
    return write_set(options);
  }
  if (options.file.empty()) {
    throw Refusal("mtok report needs a file to write: -o FILE, or a folder: --all DIR");
  }
  const report::ReportKind kind = report_kind(options.to, options.file);
  const fs::path folder = fs::path(options.file).parent_path();
  if (!folder.empty() && !fs::is_directory(folder)) {
    throw Refusal(options.file + " cannot be written: there is no folder " + folder.string());
  }
  write_report(source_of(options, texts_of(options)), kind, options.file);
  return ExitCode::ok;
}

}  // namespace

void add_report(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("report", "Write a result for boards, auditors and spreadsheets");
  verb->add_option("results", options->results,
                   "JSON of mtok run, and of ladder, compare, plan, sensitivity or capacity beside it")
      ->type_name("RESULT.json");
  verb->add_option("-o,--output", options->file, "the file to write; '-' is standard output")
      ->type_name("FILE");
  verb->add_option("--to", options->to, "what to write; without it by the ending of -o")
      ->type_name("KIND")
      ->check(CLI::IsMember(report_kind_names()));
  verb->add_option("--all", options->all, "write every kind into this folder")->type_name("DIR");
  verb->add_option("--check", options->check, "check a file against FOCUS 1.2")->type_name("FILE");
  verb->add_option("--start", options->start, "FOCUS: the first planned month, 2026-01 without it")
      ->type_name("YYYY-MM");
  verb->add_option("--months", options->months, "FOCUS: how many months, 12 without it")
      ->type_name("N")
      ->check(CLI::Range(1, 120));
  verb->add_option("--paper", options->paper, "PDF: a4 or letter")
      ->type_name("SIZE")
      ->check(CLI::IsMember({"a4", "letter"}));
  verb->add_flag("-q,--quiet", options->quiet, "no progress and no notes on standard error");
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return report_of(*options); }; });
}

}  // namespace mtok::cli
