// Chooses what a kind of report is filled with.
#include "app/report/report_kinds.hpp"

#include <cassert>

#include "app/report/dossier_data.hpp"
#include "app/report/dossier_page.hpp"

namespace mtok::report {

bool is_text(ReportKind kind) {
  return kind != ReportKind::xlsx && kind != ReportKind::pdf;
}

std::string report_text(const ReportSource& source, ReportKind kind) {
  assert(is_text(kind));
  switch (kind) {
    case ReportKind::html:
      return to_html(dossier_page(source.dossier, source.sums));
    case ReportKind::markdown:
      return to_markdown(dossier_page(source.dossier, source.sums));
    case ReportKind::csv:
      return dossier_csv(source.dossier, source.sums);
    case ReportKind::focus:
      return focus_csv(source.dossier, source.period);
    case ReportKind::json:
    case ReportKind::xlsx:
    case ReportKind::pdf:
      break;
  }
  return dossier_json(source.dossier, source.sums);
}

PdfMemo memo_of(const ReportSource& source) {
  constexpr std::size_t kHashDigits = 16;
  const Dossier& dossier = source.dossier;
  return {.board = board_page(dossier),
          .details = detail_sections(dossier, source.sums),
          .foot = "mtok " MTOK_VERSION ", run " + dossier.hash.substr(0, kHashDigits) + ", seed " +
                  std::to_string(dossier.seed),
          .paper = source.paper};
}

std::string report_file_name(std::string_view scenario) {
  constexpr std::size_t kLongest = 80;
  std::string name;
  for (const char c : scenario.substr(0, kLongest)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain ? c : '_';
  }
  return name.empty() ? "report" : name;
}

}  // namespace mtok::report
