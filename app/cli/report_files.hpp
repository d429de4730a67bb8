// Writes report files of the kind that is asked for.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/report/report_kinds.hpp"

namespace mtok::cli {

/// As --to names them.
[[nodiscard]] std::vector<std::string> report_kind_names();
/// By name, else by the ending of the file; a .csv whose name holds "focus" is one of FOCUS. Throws Refusal.
[[nodiscard]] report::ReportKind report_kind(const std::string& name, const std::filesystem::path& file);
/// Writes one file, all of it or nothing; "-" is standard output for kinds that are text. Throws Refusal.
void write_report(const report::ReportSource& source, report::ReportKind kind,
                  const std::filesystem::path& file);
/// Writes every kind into a folder, which is made where it is missing; gives the names.
[[nodiscard]] std::vector<std::filesystem::path> write_all_reports(const report::ReportSource& source,
                                                                   const std::filesystem::path& folder);

}  // namespace mtok::cli
