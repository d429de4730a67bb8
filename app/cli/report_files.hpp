// The kinds of report files, by name and by ending.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/report/control.hpp"
#include "app/report/dossier.hpp"
#include "app/report/focus.hpp"
#include "app/report/pdf/pdf_writer.hpp"

namespace mtok::cli {

enum class ReportKind { xlsx, pdf, focus, html, markdown, csv, json };

/// What a report is made of, whatever its kind.
struct ReportSource {
  report::Dossier dossier{};
  std::vector<report::ControlSum> sums{};
  report::FocusPeriod period{};
  report::Paper paper = report::Paper::a4;
};

/// As --to names them.
[[nodiscard]] std::vector<std::string> report_kind_names();
/// By name, else by the ending of the file; a .csv whose name holds "focus" is one of FOCUS. Throws Refusal.
[[nodiscard]] ReportKind report_kind(const std::string& name, const std::filesystem::path& file);
/// Writes one file, all of it or nothing; "-" is standard output for kinds that are text. Throws Refusal.
void write_report(const ReportSource& source, ReportKind kind, const std::filesystem::path& file);
/// Writes every kind into a folder, which is made where it is missing; gives the names.
[[nodiscard]] std::vector<std::filesystem::path> write_all_reports(const ReportSource& source,
                                                                   const std::filesystem::path& folder);

}  // namespace mtok::cli
