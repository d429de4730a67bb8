// Opens the PDF, finds the size at which the board's sheet fits, and sets all sections.
#include "app/report/pdf/pdf_writer.hpp"

#include <QBuffer>
#include <QFile>
#include <QGuiApplication>
#include <QPageSize>
#include <array>
#include <memory>

#include "app/report/pdf/pdf_layout.hpp"

namespace mtok::report {
namespace {

constexpr int kUnitsPerInch = 720;  // tenths of a point
constexpr double kMargin = 15;      // mm

/// Fonts need an application. Offscreen, unless the caller chose a platform or has a window already.
std::unique_ptr<QGuiApplication> application() {
  if (QCoreApplication::instance() != nullptr) {
    return nullptr;
  }
  // What Qt would say, of a missing XDG_RUNTIME_DIR say, is of no use to somebody who wants a file.
  qInstallMessageHandler(
      [](QtMsgType /*type*/, const QMessageLogContext& /*where*/, const QString& /*words*/) {});
  static int count = 3;
  static std::array<char, 5> name{"mtok"};
  static std::array<char, 10> flag{"-platform"};
  static std::array<char, 10> platform{"offscreen"};
  static std::array<char*, 4> words{name.data(), flag.data(), platform.data(), nullptr};
  return std::make_unique<QGuiApplication>(count, words.data());
}

void prepare(QPdfWriter& writer, const PdfMemo& memo) {
  writer.setResolution(kUnitsPerInch);
  writer.setPageSize(QPageSize(memo.paper == Paper::a4 ? QPageSize::A4 : QPageSize::Letter));
  writer.setPageMargins(QMarginsF(kMargin, kMargin, kMargin, kMargin), QPageLayout::Millimeter);
  writer.setTitle(QString::fromStdString(memo.board.title));
  writer.setCreator(QStringLiteral("mtok"));
}

void set_board(PdfLayout& layout, const Page& board) {
  layout.title(board.title);
  bool first = true;
  for (const std::string& line : board.headline) {
    layout.answer(line, first);
    first = false;
  }
  for (const Section& section : board.sections) {
    layout.section(section);
  }
}

/// Sets everything; gives the number of pages.
int set_all(QIODevice& device, const PdfMemo& memo, double board_scale, int pages) {
  QPdfWriter writer(&device);
  prepare(writer, memo);
  PdfLayout layout(writer, QString::fromStdString(memo.foot), pages);
  layout.set_scale(board_scale);
  set_board(layout, memo.board);
  layout.set_scale(1);
  if (!memo.details.empty()) {
    layout.new_page();
  }
  for (const Section& section : memo.details) {
    layout.section(section);
  }
  return layout.page();
}

int board_pages(const PdfMemo& memo, double scale) {
  QBuffer nowhere;
  nowhere.open(QIODevice::WriteOnly);
  return set_all(nowhere, {.board = memo.board, .paper = memo.paper}, scale, 0);
}

}  // namespace

std::string write_pdf(const PdfMemo& memo, const std::string& file) {
  const std::unique_ptr<QGuiApplication> own = application();
  constexpr double kSmallest = 0.66;
  constexpr double kStep = 0.04;
  double scale = 1;
  while (scale > kSmallest && board_pages(memo, scale) > 1) {
    scale -= kStep;
  }
  QBuffer counted;
  counted.open(QIODevice::WriteOnly);
  const int pages = set_all(counted, memo, scale, 0);
  QFile out(QString::fromStdString(file));
  if (!out.open(QIODevice::WriteOnly)) {
    return out.errorString().toStdString();
  }
  set_all(out, memo, scale, pages);
  out.close();
  return out.error() == QFileDevice::NoError ? "" : out.errorString().toStdString();
}

}  // namespace mtok::report

extern "C" void mtok_write_pdf(const mtok::report::PdfMemo& memo, const std::string& file,
                               std::string& problem) {
  problem = mtok::report::write_pdf(memo, file);
}
