// Sets text, tables and charts one below the other on the pages of a PDF.
#pragma once

#include <QFont>
#include <QPainter>
#include <QPdfWriter>
#include <QString>
#include <vector>

#include "app/report/page.hpp"

namespace mtok::report {

/// Units of a tenth of a point. Nothing is cut in two: a row, a line or a chart that does not fit goes to
/// the next page; the head of a table is repeated there.
class PdfLayout {
 public:
  /// `pages`: how many there will be, for the foot; 0 while that is counted.
  PdfLayout(QPdfWriter& writer, QString foot, int pages);
  ~PdfLayout();
  PdfLayout(const PdfLayout&) = delete;
  PdfLayout& operator=(const PdfLayout&) = delete;

  /// Everything after this is set in this size; 1 is 9 points for text.
  void set_scale(double scale) { scale_ = scale; }
  void title(const std::string& text);
  void answer(const std::string& text, bool strong);
  void section(const Section& section);
  void new_page();
  [[nodiscard]] int page() const { return page_; }

 private:
  struct Cells {
    std::vector<QString> texts{};
    std::vector<double> heights{};
    double height = 0;
  };

  void block(const Facts& facts);
  void block(const Table& content);
  void block(const Notes& notes);
  void block(const Figure& figure);
  void heading(const std::string& text);
  void paragraph(const QString& text, const QFont& font, double indent, const QColor& colour);
  void table(const Table& table, bool with_head);
  void row(const std::vector<QString>& texts, const Table& table, const std::vector<double>& widths,
           const QFont& face, bool head);
  [[nodiscard]] std::vector<double> widths_of(const Table& table, const QFont& face, bool with_head) const;
  [[nodiscard]] double height_of(const QString& text, const QFont& font, double width) const;
  void draw(const QString& text, const QFont& font, double x, double y, double width, bool right);
  /// Makes sure that `height` fits below, on a new page if need be.
  void need(double height);
  void foot();
  [[nodiscard]] QFont font(double points, bool bold = false) const;
  [[nodiscard]] double unit() const { return scale_ * 10; }  ///< a point

  QPdfWriter& writer_;
  QPainter painter_;
  QString foot_;
  int pages_;
  int page_ = 1;
  double y_ = 0;
  double width_;
  double height_;
  double scale_ = 1;
};

}  // namespace mtok::report
