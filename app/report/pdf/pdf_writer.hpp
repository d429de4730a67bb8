// A page and its sections as a PDF for print: the board's sheet first, then what stands behind it.
#pragma once

#include <string>
#include <vector>

#include "app/report/page.hpp"

namespace mtok::report {

enum class Paper { a4, letter };

struct PdfMemo {
  Page board{};  ///< on one sheet; set smaller where it would not fit
  std::vector<Section> details{};
  std::string foot{};  ///< left in the foot of every page; the page number stands right
  Paper paper = Paper::a4;
};

/// Writes the file: vector charts, embedded fonts, no display needed. A QGuiApplication is made where none
/// exists. Empty, or why the file could not be written.
[[nodiscard]] std::string write_pdf(const PdfMemo& memo, const std::string& file);

}  // namespace mtok::report

/// The same for programs that load this library while they run: Qt stays out of what they link.
extern "C" void mtok_write_pdf(const mtok::report::PdfMemo& memo, const std::string& file,
                               std::string& problem);
