// Puts results into a dossier and calls the writers of the report layer.
#include "app/gui/models/report_export.hpp"

#include <algorithm>
#include <stdexcept>

#include "app/gui/models/project_files.hpp"
#include "app/report/comparison_report.hpp"
#include "app/report/control.hpp"
#include "app/report/dossier_data.hpp"
#include "app/report/dossier_page.hpp"
#include "app/report/dossier_reader.hpp"
#include "app/report/focus.hpp"
#include "app/report/pdf/pdf_writer.hpp"
#include "app/report/run_report.hpp"
#include "app/report/xlsx.hpp"
#include "sim/config/diagnostic.hpp"
#include "sim/planner/ladder.hpp"
#include "sim/planner/scenario_text.hpp"

namespace mtok::gui {
namespace {

namespace fs = std::filesystem;

struct Source {
  report::Dossier dossier{};
  std::vector<report::ControlSum> sums{};
};

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

Source source_of(const ReportRequest& request, const planner::Catalogue& catalogue,
                 const planner::Progress& progress) {
  std::vector<report::ResultText> texts;
  for (const auto& result : request.results) {
    texts.push_back({.name = result->scenario.name, .text = report::run_json(*result)});
  }
  add_ladder(request.scenario, catalogue, progress, texts);
  Source source{.dossier = report::read_dossier(texts)};
  source.sums = report::control_sums(source.dossier);
  return source;
}

report::PdfMemo memo_of(const Source& source) {
  constexpr std::size_t kHashDigits = 16;
  return {.board = report::board_page(source.dossier),
          .details = report::detail_sections(source.dossier, source.sums),
          .foot = "mtok " + source.dossier.version + ", run " + source.dossier.hash.substr(0, kHashDigits) +
                  ", seed " + std::to_string(source.dossier.seed)};
}

std::string text_of(const Source& source, ReportKind kind) {
  switch (kind) {
    case ReportKind::html:
      return report::to_html(report::dossier_page(source.dossier, source.sums));
    case ReportKind::markdown:
      return report::to_markdown(report::dossier_page(source.dossier, source.sums));
    case ReportKind::csv:
      return report::dossier_csv(source.dossier, source.sums);
    case ReportKind::focus:
      return report::focus_csv(source.dossier, {});
    case ReportKind::json:
    case ReportKind::xlsx:
    case ReportKind::pdf:
      break;
  }
  return report::dossier_json(source.dossier, source.sums);
}

/// Written beside the file first: a file that was there stays until the new one is whole.
void write_binary(const Source& source, ReportKind kind, const fs::path& file) {
  fs::path part = file;
  part += ".part";
  if (kind == ReportKind::pdf) {
    if (const std::string problem = report::write_pdf(memo_of(source), part.string()); !problem.empty()) {
      throw std::runtime_error(file.string() + " cannot be written: " + problem);
    }
  } else {
    try {
      report::write_xlsx(source.dossier, source.sums, part);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(file.string() + " cannot be written: " + error.what());
    }
  }
  fs::rename(part, file);
}

void write_one(const Source& source, ReportKind kind, const fs::path& file) {
  if (kind == ReportKind::xlsx || kind == ReportKind::pdf) {
    write_binary(source, kind, file);
    return;
  }
  const QString problem =
      save_text(QString::fromStdString(file.string()), QString::fromStdString(text_of(source, kind)));
  if (!problem.isEmpty()) {
    throw std::runtime_error(file.string() + " cannot be written: " + problem.toStdString());
  }
}

}  // namespace

std::vector<fs::path> write_reports(const ReportRequest& request, const std::vector<ReportKind>& kinds,
                                    const fs::path& base, const planner::Catalogue& catalogue,
                                    const planner::Progress& progress) {
  const Source source = source_of(request, catalogue, progress);
  std::vector<fs::path> files;
  for (const NamedReportKind& named : kReportKinds) {
    if (std::find(kinds.begin(), kinds.end(), named.kind) != kinds.end()) {
      fs::path file = base;
      file += named.ending;
      write_one(source, named.kind, file);
      files.push_back(std::move(file));
    }
  }
  return files;
}

QString report_file_name(const QString& scenario) {
  constexpr int kLongest = 80;
  QString name;
  for (const QChar letter : scenario.left(kLongest)) {
    const bool plain = letter.unicode() < 128 && letter.isLetterOrNumber();
    name += plain ? letter : QChar(u'_');
  }
  return name.isEmpty() ? QStringLiteral("report") : name;
}

}  // namespace mtok::gui
