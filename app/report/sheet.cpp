// Chooses the writer of a sheet.
#include "app/report/sheet.hpp"

namespace mtok::report {

std::string text_of(const Sheet& sheet, Form form) {
  switch (form.format) {
    case Format::json:
      return written(sheet.document);
    case Format::csv:
      return sheet.rows.empty() ? flat_csv(sheet.document) : rows_csv(sheet.document.at(sheet.rows));
    case Format::markdown:
      return to_markdown(sheet.page);
    case Format::table:
      break;
  }
  return to_terminal(sheet.page, form.colour);
}

}  // namespace mtok::report
