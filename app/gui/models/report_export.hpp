// Results of the window as the files of the report layer: for boards, auditors and spreadsheets.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "app/gui/models/scenario_runs.hpp"
#include "app/report/report_kinds.hpp"

namespace mtok::gui {

/// What a report is made of.
struct ReportRequest {
  /// The first is what the report is about, the others stand beside it. At least one, none null.
  std::vector<std::shared_ptr<const planner::RunResult>> results{};
  RunRequest scenario{};  ///< of the first: its ladder is climbed
};

/// Writes the kinds as `mtok report` does, each all or nothing; `base` with the ending of a kind is its file.
/// Gives the files. `progress` counts fleets of the ladder. Throws config::Error and std::runtime_error.
[[nodiscard]] std::vector<std::filesystem::path> write_reports(const ReportRequest& request,
                                                               const std::vector<report::ReportKind>& kinds,
                                                               const std::filesystem::path& base,
                                                               const planner::Catalogue& catalogue,
                                                               const planner::Progress& progress);
}  // namespace mtok::gui
