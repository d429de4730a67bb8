// The kinds of report files: their names, and what each is filled with.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "app/report/control.hpp"
#include "app/report/dossier.hpp"
#include "app/report/focus.hpp"
#include "app/report/pdf/pdf_writer.hpp"

namespace mtok::report {

enum class ReportKind { xlsx, pdf, focus, html, markdown, csv, json };

struct NamedReportKind {
  ReportKind kind{};
  std::string_view name{};    ///< "focus"
  std::string_view ending{};  ///< ".focus.csv"
  const char* title = "";     ///< "Forecast in FOCUS 1.2", in English
};
inline constexpr std::array<NamedReportKind, 7> kReportKinds{{
    {ReportKind::xlsx, "xlsx", ".xlsx", "Workbook"},
    {ReportKind::pdf, "pdf", ".pdf", "Memo for the board"},
    {ReportKind::focus, "focus", ".focus.csv", "Forecast in FOCUS 1.2"},
    {ReportKind::html, "html", ".html", "Web page"},
    {ReportKind::markdown, "md", ".md", "Markdown"},
    {ReportKind::csv, "csv", ".csv", "Every figure"},
    {ReportKind::json, "json", ".json", "Every figure"},
}};

/// What a report is made of, whatever its kind.
struct ReportSource {
  Dossier dossier{};
  std::vector<ControlSum> sums{};
  FocusPeriod period{};
  Paper paper = Paper::a4;
};

/// All kinds but xlsx and pdf, whose writers want a file: write_xlsx of the source, write_pdf of memo_of().
[[nodiscard]] bool is_text(ReportKind kind);
/// Requires is_text(kind).
[[nodiscard]] std::string report_text(const ReportSource& source, ReportKind kind);
[[nodiscard]] PdfMemo memo_of(const ReportSource& source);

/// The name of a scenario as the name of a file without its ending.
[[nodiscard]] std::string report_file_name(std::string_view scenario);

}  // namespace mtok::report
