// Puts results into a dossier and calls the writers of the report layer.
#include "app/gui/models/report_export.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "app/gui/models/project_files.hpp"
#include "app/report/comparison_report.hpp"
#include "app/report/dossier_reader.hpp"
#include "app/report/run_report.hpp"
#include "app/report/xlsx.hpp"
#include "sim/config/diagnostic.hpp"
#include "sim/planner/ladder.hpp"
#include "sim/planner/scenario_text.hpp"

namespace mtok::gui {
namespace {

namespace fs = std::filesystem;

using report::ReportKind;
using report::ReportSource;

/// The ladder of the scenario; a scenario that has none makes a report without it.
void add_ladder(const RunRequest& request, const planner::Catalogue& catalogue,
                const planner::Progress& progress, std::vector<report::ResultText>& texts) {
  try {
    planner::Scenario scenario = planner::scenario_from_text(request.yaml, request.file, catalogue);
    if (!request.as_in_file) {
      scenario.file.clear();
    }
    texts.push_back(
        {.name = "ladder", .text = report::ladder_json(planner::ladder(scenario, catalogue, progress))});
  } catch (const config::Error&) {
    return;  // the dossier says that there is none
  }
}

ReportSource source_of(const ReportRequest& request, const planner::Catalogue& catalogue,
                       const planner::Progress& progress) {
  std::vector<report::ResultText> texts;
  for (const auto& result : request.results) {
    texts.push_back({.name = result->scenario.name, .text = report::run_json(*result)});
  }
  add_ladder(request.scenario, catalogue, progress, texts);
  ReportSource source{.dossier = report::read_dossier(texts)};
  source.dossier.precision = report::precision_of(catalogue, source.dossier.run.device);
  source.sums = report::control_sums(source.dossier);
  return source;
}

/// Why it could not be written; empty when it was.
std::string problem_of_binary(const ReportSource& source, ReportKind kind, const fs::path& file) {
  if (kind == ReportKind::pdf) {
    return report::write_pdf(report::memo_of(source), file.string());
  }
  try {
    report::write_xlsx(source.dossier, source.sums, file);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

/// Written beside the file first: a file that was there stays until the new one is whole.
std::string problem_of_replacing(const ReportSource& source, ReportKind kind, const fs::path& file) {
  fs::path part = file;
  part += ".part";
  std::error_code error;
  const std::string problem = problem_of_binary(source, kind, part);
  if (problem.empty()) {
    fs::rename(part, file, error);
  }
  if (!problem.empty() || error) {
    std::error_code ignored;
    fs::remove(part, ignored);
  }
  return error ? error.message() : problem;
}

void write_one(const ReportSource& source, ReportKind kind, const fs::path& file) {
  const std::string problem = report::is_text(kind)
                                  ? save_text(QString::fromStdString(file.string()),
                                              QString::fromStdString(report_text(source, kind)))
                                        .toStdString()
                                  : problem_of_replacing(source, kind, file);
  if (!problem.empty()) {
    throw std::runtime_error(file.string() + " cannot be written: " + problem);
  }
}

}  // namespace

std::vector<fs::path> write_reports(const ReportRequest& request, const std::vector<ReportKind>& kinds,
                                    const fs::path& base, const planner::Catalogue& catalogue,
                                    const planner::Progress& progress) {
  const ReportSource source = source_of(request, catalogue, progress);
  std::vector<fs::path> files;
  for (const report::NamedReportKind& named : report::kReportKinds) {
    if (std::find(kinds.begin(), kinds.end(), named.kind) != kinds.end()) {
      fs::path file = base;
      file += named.ending;
      write_one(source, named.kind, file);
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace mtok::gui
