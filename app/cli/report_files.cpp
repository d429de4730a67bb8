// Chooses the writer of a report file.
#include "app/cli/report_files.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <stdexcept>
#include <system_error>

#include "app/cli/output.hpp"
#include "app/cli/pdf_module.hpp"
#include "app/cli/refusal.hpp"
#include "app/report/dossier_data.hpp"
#include "app/report/dossier_page.hpp"
#include "app/report/xlsx.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;

struct NamedKind {
  std::string_view name;
  std::string_view ending;
  ReportKind kind;
};
constexpr std::array<NamedKind, 7> kKinds{{{"xlsx", ".xlsx", ReportKind::xlsx},
                                           {"pdf", ".pdf", ReportKind::pdf},
                                           {"focus", ".focus.csv", ReportKind::focus},
                                           {"html", ".html", ReportKind::html},
                                           {"md", ".md", ReportKind::markdown},
                                           {"csv", ".csv", ReportKind::csv},
                                           {"json", ".json", ReportKind::json}}};

std::string text_of(const ReportSource& source, ReportKind kind) {
  switch (kind) {
    case ReportKind::html:
      return report::to_html(report::dossier_page(source.dossier, source.sums));
    case ReportKind::markdown:
      return report::to_markdown(report::dossier_page(source.dossier, source.sums));
    case ReportKind::csv:
      return report::dossier_csv(source.dossier, source.sums);
    case ReportKind::focus:
      return report::focus_csv(source.dossier, source.period);
    case ReportKind::json:
    case ReportKind::xlsx:
    case ReportKind::pdf:
      break;
  }
  return report::dossier_json(source.dossier, source.sums);
}

report::PdfMemo memo_of(const ReportSource& source) {
  const report::Dossier& dossier = source.dossier;
  return {.board = report::board_page(dossier),
          .details = report::detail_sections(dossier, source.sums),
          .foot = "mtok " MTOK_VERSION ", run " + dossier.hash.substr(0, 16) + ", seed " +
                  std::to_string(dossier.seed),
          .paper = source.paper};
}

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
      write_pdf_file(memo_of(source), name);
    } else {
      write_workbook(source, name, file);
    }
  });
}

/// The name of a scenario as the name of a file.
std::string file_name_of(const std::string& scenario) {
  std::string name;
  for (const char c : scenario) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain ? c : '_';
  }
  constexpr std::size_t kLongest = 80;
  return name.empty() ? "report" : name.substr(0, kLongest);
}

}  // namespace

std::vector<std::string> report_kind_names() {
  std::vector<std::string> names;
  for (const NamedKind& entry : kKinds) {
    names.emplace_back(entry.name);
  }
  return names;
}

ReportKind report_kind(const std::string& name, const fs::path& file) {
  const std::string ending = file.extension().string();
  if (name.empty() && ending == ".csv" && file.filename().string().find("focus") != std::string::npos) {
    return ReportKind::focus;
  }
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(), [&](const NamedKind& entry) {
    return name.empty() ? entry.ending == ending : entry.name == name;
  });
  if (found == kKinds.end()) {
    throw Refusal("what to write is not clear from the name " + file.string(),
                  "name it with --to, or end the file in .xlsx, .pdf, .html, .md, .csv, .focus.csv or .json");
  }
  return found->kind;
}

void write_report(const ReportSource& source, ReportKind kind, const fs::path& file) {
  if (kind == ReportKind::xlsx || kind == ReportKind::pdf) {
    write_binary(source, kind, file);
    return;
  }
  const std::string text = text_of(source, kind);
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
  for (const NamedKind& entry : kKinds) {
    files.push_back(folder / (file_name_of(source.dossier.scenario) + std::string(entry.ending)));
    write_report(source, entry.kind, files.back());
  }
  return files;
}

}  // namespace mtok::cli
