// Finds the kind and calls its writer.
#include "app/cli/report_files.hpp"

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <system_error>

#include "app/cli/output.hpp"
#include "app/cli/pdf_module.hpp"
#include "app/cli/refusal.hpp"
#include "app/report/xlsx.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;

using report::NamedReportKind;
using report::ReportKind;
using report::ReportSource;

/// `name` is where it is written, `file` what it will be called.
void write_workbook(const ReportSource& source, const fs::path& name, const fs::path& file) {
  try {
    report::write_xlsx(source.dossier, source.sums, name);
  } catch (const std::runtime_error& error) {
    throw Refusal(file.string() + " cannot be written: " + error.what());
  }
}

void write_binary(const ReportSource& source, ReportKind kind, const fs::path& file) {
  if (file == "-") {
    throw Refusal("this kind of file cannot be written to standard output", "name a file with -o");
  }
  replace_file_by_name(file, [&](const fs::path& name) {
    if (kind == ReportKind::pdf) {
      write_pdf_file(report::memo_of(source), name);
    } else {
      write_workbook(source, name, file);
    }
  });
}

}  // namespace

std::vector<std::string> report_kind_names() {
  std::vector<std::string> names;
  for (const NamedReportKind& entry : report::kReportKinds) {
    names.emplace_back(entry.name);
  }
  return names;
}

ReportKind report_kind(const std::string& name, const fs::path& file) {
  const std::string ending = file.extension().string();
  if (name.empty() && ending == ".csv" && file.filename().string().find("focus") != std::string::npos) {
    return ReportKind::focus;
  }
  const auto* const found = std::find_if(report::kReportKinds.begin(), report::kReportKinds.end(),
                                         [&](const NamedReportKind& entry) {
                                           return name.empty() ? entry.ending == ending : entry.name == name;
                                         });
  if (found == report::kReportKinds.end()) {
    throw Refusal("what to write is not clear from the name " + file.string(),
                  "name it with --to, or end the file in .xlsx, .pdf, .html, .md, .csv, .focus.csv or .json");
  }
  return found->kind;
}

void write_report(const ReportSource& source, ReportKind kind, const fs::path& file) {
  if (!report::is_text(kind)) {
    write_binary(source, kind, file);
    return;
  }
  const std::string text = report::report_text(source, kind);
  if (file == "-") {
    write_to_stdout(text);
  } else {
    replace_file(file, [&](std::ostream& out) { out << text; });
  }
}

std::vector<fs::path> write_all_reports(const ReportSource& source, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Refusal(folder.string() + " cannot be made: " + error.message());
  }
  std::vector<fs::path> files;
  for (const NamedReportKind& entry : report::kReportKinds) {
    files.push_back(folder / (report::report_file_name(source.dossier.scenario) + std::string(entry.ending)));
    write_report(source, entry.kind, files.back());
  }
  return files;
}

}  // namespace mtok::cli
