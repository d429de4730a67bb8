// Measures and paints the parts of a page.
#include "app/report/pdf/pdf_layout.hpp"

#include <QFontMetricsF>
#include <QSvgRenderer>
#include <QTextLayout>
#include <QTextOption>
#include <algorithm>
#include <utility>

namespace mtok::report {
namespace {

constexpr double kFootHeight = 260;
constexpr double kGap = 60;  ///< between columns
// Of the width of a table: a longer word is broken, a longer text is given no more.
constexpr double kLongestWord = 0.24;
constexpr double kLongestText = 2;

const QColor kInk(0x22, 0x22, 0x22);
const QColor kSoft(0x5a, 0x60, 0x68);
const QColor kRule(0xc8, 0xcd, 0xd4);
const QColor kAccent(0x00, 0x58, 0x8c);

QString words(const std::string& text) {
  QString shown = QString::fromStdString(text);
  for (QChar& c : shown) {
    if (c.category() == QChar::Other_Control || c.category() == QChar::Other_Format) {
      c = QChar(' ');
    }
  }
  return shown;
}

/// Lays the text out in lines of this width; calls `visit(line)` for each.
template <class Visit>
double lines_of(const QString& text, const QFont& font, QPaintDevice* device, double width, bool right,
                const Visit& visit) {
  QTextLayout layout(text, font, device);
  QTextOption option;
  option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
  option.setAlignment(right ? Qt::AlignRight : Qt::AlignLeft);
  layout.setTextOption(option);
  layout.beginLayout();
  double y = 0;
  for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
    line.setLineWidth(width);
    line.setPosition(QPointF(0, y));
    y += line.height();
    visit(layout, line);
  }
  layout.endLayout();
  return y;
}

}  // namespace

PdfLayout::PdfLayout(QPdfWriter& writer, QString foot, int pages)
    : writer_(writer),
      painter_(&writer),
      foot_(std::move(foot)),
      pages_(pages),
      width_(writer.width()),
      height_(writer.height() - kFootHeight) {}

PdfLayout::~PdfLayout() {
  foot();
  painter_.end();
}

QFont PdfLayout::font(double points, bool bold) const {
  QFont font(QStringLiteral("DejaVu Sans"));
  font.setPixelSize(std::max(1, static_cast<int>(points * unit())));
  font.setHintingPreference(QFont::PreferNoHinting);
  font.setBold(bold);
  return font;
}

void PdfLayout::foot() {
  const double scale = std::exchange(scale_, 1);
  const QFont small = font(7);
  painter_.setPen(kSoft);
  painter_.setFont(small);
  const double y = writer_.height() - 40;
  painter_.drawText(QPointF(0, y), foot_);
  const QString number = pages_ > 0 ? QStringLiteral("page %1 of %2").arg(page_).arg(pages_) : QString();
  painter_.drawText(QPointF(width_ - QFontMetricsF(small, &writer_).horizontalAdvance(number), y), number);
  scale_ = scale;
}

void PdfLayout::new_page() {
  foot();
  writer_.newPage();
  ++page_;
  y_ = 0;
}

void PdfLayout::need(double height) {
  if (y_ > 0 && y_ + height > height_) {
    new_page();
  }
}

double PdfLayout::height_of(const QString& text, const QFont& font, double width) const {
  return lines_of(text, font, &writer_, width, false, [](const QTextLayout&, const QTextLine&) {});
}

void PdfLayout::draw(const QString& text, const QFont& font, double x, double y, double width, bool right) {
  lines_of(text, font, &writer_, width, right,
           [&](const QTextLayout&, const QTextLine& line) { line.draw(&painter_, QPointF(x, y)); });
}

void PdfLayout::paragraph(const QString& text, const QFont& font, double indent, const QColor& colour) {
  const double height = height_of(text, font, width_ - indent);
  need(height);
  painter_.setPen(colour);
  draw(text, font, indent, y_, width_ - indent, false);
  y_ += height;
}

void PdfLayout::title(const std::string& text) {
  paragraph(words(text), font(16, true), 0, kInk);
  y_ += 6 * unit();
}

void PdfLayout::answer(const std::string& text, bool strong) {
  const QFont face = font(strong ? 11 : 9.5, strong);
  const double top = y_;
  const double indent = 8 * unit();
  paragraph(words(text), face, indent, kInk);
  painter_.fillRect(QRectF(0, top, 2.5 * unit(), y_ - top), kAccent);
  y_ += 4 * unit();
}

void PdfLayout::heading(const std::string& text) {
  const QFont face = font(11, true);
  need(60 * unit());  // never alone at the end of a page
  y_ += y_ > 0 ? 8 * unit() : 0;
  paragraph(words(text), face, 0, kAccent);
  painter_.setPen(QPen(kRule, 0.6 * unit()));
  y_ += 1.5 * unit();
  painter_.drawLine(QPointF(0, y_), QPointF(width_, y_));
  y_ += 4 * unit();
}

void PdfLayout::section(const Section& section) {
  if (section.blocks.empty()) {
    return;
  }
  if (!section.title.empty()) {
    heading(section.title);
  }
  for (const Block& content : section.blocks) {
    std::visit([&](const auto& part) { block(part); }, content);
    y_ += 4 * unit();
  }
}

void PdfLayout::block(const Notes& notes) {
  for (const std::string& line : notes.lines) {
    const bool bullet = notes.lines.size() > 1;
    const double indent = bullet ? 9 * unit() : 0;
    const double height = height_of(words(line), font(8.5), width_ - indent);
    need(height);
    if (bullet) {
      painter_.setPen(kSoft);
      draw(QStringLiteral("\u2022"), font(8.5), 2 * unit(), y_, indent, false);
    }
    paragraph(words(line), font(8.5), indent, kInk);
    y_ += 1.5 * unit();
  }
}

void PdfLayout::block(const Facts& facts) {
  Table pairs{.columns = {{"", Align::left}, {"", Align::left}}};
  for (const auto& [label, value] : facts.lines) {
    pairs.rows.push_back({label, value});
  }
  table(pairs, false);
}

void PdfLayout::block(const Table& content) {
  table(content, true);
}

void PdfLayout::block(const Figure& figure) {
  QSvgRenderer picture(QByteArray::fromStdString(figure.svg));
  const QSizeF size = picture.defaultSize();
  if (!picture.isValid() || size.isEmpty()) {
    return;
  }
  const double width = std::min(width_, width_ * scale_ * scale_);
  const double height = width * size.height() / size.width();
  need(height);
  picture.render(&painter_, QRectF((width_ - width) / 2, y_, width, height));
  y_ += height;
}

/// Columns of numbers get what they need, columns of text their longest word; these share the rest by their
/// longest texts, up to a point, so that one long column does not starve the others.
std::vector<double> PdfLayout::widths_of(const Table& table, const QFont& face, bool with_head) const {
  const QFontMetricsF metrics(face, &writer_);
  QFont bold = face;
  bold.setBold(true);
  const QFontMetricsF head_metrics(bold, &writer_);
  const std::size_t count = table.columns.size();
  const double room = width_ - kGap * static_cast<double>(count - 1);
  std::vector<double> wanted(count);
  std::vector<double> least(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (with_head) {
      for (const QString& word : words(table.columns[i].title).split(QChar(' '))) {
        least[i] = std::max(least[i], head_metrics.horizontalAdvance(word) + 4);
      }
    }
    wanted[i] = least[i];
    for (const auto& cells : table.rows) {
      const QString text = words(cells[i]);
      wanted[i] = std::max(wanted[i], metrics.horizontalAdvance(text) + 4);
      for (const QString& word : text.split(QChar(' '))) {
        least[i] = std::max(least[i], std::min(kLongestWord * room, metrics.horizontalAdvance(word) + 4));
      }
    }
    const bool label = i == 0 && !with_head;
    if (label || table.columns[i].align == Align::right) {
      least[i] = wanted[i];
    }
  }
  double sum = 0;
  double fixed = 0;
  double flexible = 0;
  for (std::size_t i = 0; i < count; ++i) {
    wanted[i] = std::min(wanted[i], room * kLongestText);
    sum += wanted[i];
    fixed += least[i];
    flexible += wanted[i] - least[i];
  }
  if (sum <= room) {  // spread what is left, so that tables fill the page; labels of facts stay narrow
    const std::size_t first = with_head ? 0 : count - 1;
    for (std::size_t i = first; i < count; ++i) {
      wanted[i] += (room - sum) / static_cast<double>(count - first);
    }
    return wanted;
  }
  const double share = flexible > 0 ? std::max(0.0, room - fixed) / flexible : 0;
  const double squeeze = fixed > room ? room / fixed : 1;
  for (std::size_t i = 0; i < count; ++i) {
    wanted[i] = (least[i] + (wanted[i] - least[i]) * std::min(1.0, share)) * squeeze;
  }
  return wanted;
}

void PdfLayout::row(const std::vector<QString>& texts, const Table& table, const std::vector<double>& widths,
                    const QFont& face, bool head) {
  double height = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    height = std::max(height, height_of(texts[i], face, widths[i]));
  }
  painter_.setPen(head ? kSoft : kInk);
  double x = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    draw(texts[i], face, x, y_ + unit(), widths[i], table.columns[i].align == Align::right);
    x += widths[i] + kGap;
  }
  y_ += height + 2 * unit();
  painter_.setPen(QPen(kRule, (head ? 0.8 : 0.3) * unit()));
  painter_.drawLine(QPointF(0, y_), QPointF(width_, y_));
}

void PdfLayout::table(const Table& table, bool with_head) {
  const bool many = table.columns.size() > 9;
  const QFont face = font(many ? 6.2 : 7.8);
  const std::vector<double> widths = widths_of(table, face, with_head);
  std::vector<QString> titles;
  for (const Column& column : table.columns) {
    titles.push_back(words(column.title));
  }
  const auto head = [&] {
    if (with_head) {
      row(titles, table, widths, font(many ? 6.2 : 7.8, true), true);
    }
  };
  need(40 * unit());
  head();
  for (const auto& cells : table.rows) {
    std::vector<QString> texts;
    double height = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      texts.push_back(words(cells[i]));
      height = std::max(height, height_of(texts.back(), face, widths[i]));
    }
    if (y_ + height + 2 * unit() > height_) {
      new_page();
      head();
    }
    row(texts, table, widths, face, false);
  }
}

}  // namespace mtok::report
