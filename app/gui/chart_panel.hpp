// A card with a chart and its data as a table: what both are called, and how they are exported.
#pragma once

#include <QFrame>
#include <QString>
#include <functional>

#include "app/gui/models/sheet.hpp"

class QCustomPlot;
class QLabel;
class QPainter;
class QSplitter;

namespace mtok::gui {

class SheetTable;

/// Chart above, table below; either can be had alone. Every chart has its table, so that nothing is told by a
/// picture only.
class ChartPanel final : public QFrame {
  Q_OBJECT
 public:
  enum class Show { both, chart, table };

  /// `name`: of the object and of exported files, "ladder". The panel owns `chart`.
  ChartPanel(const QString& name, const QString& title, QWidget* chart, QWidget* parent = nullptr);

  void setTitle(const QString& title);
  [[nodiscard]] QString title() const;
  void setSubtitle(const QString& subtitle);
  void setSheet(Sheet sheet);
  /// Said to those who do not see the chart.
  void setDescription(const QString& description);
  void setShow(Show show);
  /// Share of the height that the chart has beside the table.
  void setChartShare(double share);
  [[nodiscard]] SheetTable& table() { return *table_; }
  [[nodiscard]] const Sheet& sheet() const { return model_->sheet(); }
  [[nodiscard]] QWidget* chart() const { return chart_; }

  /// Writes the chart (PNG, SVG, PDF by the ending) or its data (CSV). False when it cannot be written.
  [[nodiscard]] bool exportTo(const QString& file);
  /// Asks for a file and writes it.
  void askAndExport(const QString& ending);

 signals:
  void exported(const QString& file, bool ok);

 private:
  void paint(QPainter& painter, QSize size);

  QLabel* title_;
  QLabel* subtitle_;
  QSplitter* splitter_;
  QWidget* chart_;
  SheetModel* model_;
  SheetTable* table_;
};

}  // namespace mtok::gui
