// Results of the window as the files of the report layer: for boards, auditors and spreadsheets.
#pragma once

#include <QString>
#include <array>
#include <filesystem>
#include <memory>
#include <vector>

#include "app/gui/models/scenario_runs.hpp"

namespace mtok::gui {

enum class ReportKind { xlsx, pdf, focus, html, markdown, csv, json };

struct NamedReportKind {
  ReportKind kind{};
  const char* title = nullptr;   ///< "Workbook"
  const char* ending = nullptr;  ///< ".xlsx"
};
inline constexpr std::array<NamedReportKind, 7> kReportKinds{{
    {ReportKind::xlsx, "Workbook", ".xlsx"},
    {ReportKind::pdf, "Memo for the board", ".pdf"},
    {ReportKind::focus, "Forecast in FOCUS 1.2", ".focus.csv"},
    {ReportKind::html, "Web page", ".html"},
    {ReportKind::markdown, "Markdown", ".md"},
    {ReportKind::csv, "Every figure", ".csv"},
    {ReportKind::json, "Every figure", ".json"},
}};

/// What a report is made of.
struct ReportRequest {
  /// The first is what the report is about, the others stand beside it. At least one, none null.
  std::vector<std::shared_ptr<const planner::RunResult>> results{};
  RunRequest scenario{};  ///< of the first: its ladder is climbed
};

/// Writes the kinds as `mtok report` does, each all or nothing; `base` with the ending of a kind is its file.
/// Gives the files. `progress` counts fleets of the ladder. Throws config::Error and std::runtime_error.
[[nodiscard]] std::vector<std::filesystem::path> write_reports(const ReportRequest& request,
                                                               const std::vector<ReportKind>& kinds,
                                                               const std::filesystem::path& base,
                                                               const planner::Catalogue& catalogue,
                                                               const planner::Progress& progress);
/// The name of a scenario as the name of a file without its ending.
[[nodiscard]] QString report_file_name(const QString& scenario);

}  // namespace mtok::gui
