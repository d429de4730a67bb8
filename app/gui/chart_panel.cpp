// Lays out a chart with its table, and exports both.
#include "app/gui/chart_panel.hpp"

#include <qcustomplot.h>

#include <QActionGroup>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSplitter>
#include <QSvgGenerator>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/gui/sheet_table.hpp"

namespace mtok::gui {

ChartPanel::ChartPanel(const QString& name, const QString& title, QWidget* chart, QWidget* parent)
    : QFrame(parent),
      title_(new QLabel(title, this)),
      subtitle_(new QLabel(this)),
      splitter_(new QSplitter(Qt::Vertical, this)),
      chart_(chart),
      model_(new SheetModel(this)),
      table_(new SheetTable(model_, this)) {
  setObjectName(QStringLiteral("card"));
  title_->setProperty("role", "title");
  title_->setWordWrap(true);
  title_->setObjectName(name + QStringLiteral("Title"));
  subtitle_->setProperty("role", "muted");
  subtitle_->setObjectName(name + QStringLiteral("Subtitle"));
  chart_->setObjectName(name + QStringLiteral("Chart"));
  chart_->setAccessibleName(title);
  table_->setObjectName(name + QStringLiteral("Table"));
  table_->setAccessibleName(tr("%1, data").arg(title));

  auto* const shown = new QToolButton(this);
  shown->setText(tr("Show"));
  shown->setObjectName(name + QStringLiteral("Show"));
  shown->setPopupMode(QToolButton::InstantPopup);
  shown->setToolTip(tr("Chart, table, or both"));
  auto* const shown_menu = new QMenu(shown);
  auto* const group = new QActionGroup(shown_menu);
  const auto choice = [&](const QString& text, Show show) {
    QAction* const action = shown_menu->addAction(text, this, [this, show] { setShow(show); });
    action->setCheckable(true);
    action->setChecked(show == Show::both);
    group->addAction(action);
  };
  choice(tr("Chart and table"), Show::both);
  choice(tr("Chart"), Show::chart);
  choice(tr("Table"), Show::table);
  shown->setMenu(shown_menu);

  auto* const save = new QToolButton(this);
  save->setText(tr("Export"));
  save->setObjectName(name + QStringLiteral("Export"));
  save->setPopupMode(QToolButton::InstantPopup);
  save->setToolTip(tr("This chart as a picture, or its data"));
  auto* const menu = new QMenu(save);
  for (const char* const ending : {"png", "svg", "pdf"}) {
    menu->addAction(tr("Chart as %1…").arg(QString::fromLatin1(ending).toUpper()), this,
                    [this, ending] { askAndExport(QLatin1String(ending)); });
  }
  menu->addAction(tr("Data as CSV…"), this, [this] { askAndExport(QStringLiteral("csv")); });
  menu->addAction(tr("Copy table"), table_, &SheetTable::copy);
  save->setMenu(menu);

  auto* const head = new QHBoxLayout;
  head->setSpacing(8);
  subtitle_->setVisible(false);
  subtitle_->setWordWrap(true);
  subtitle_->setSizePolicy(QSizePolicy::Ignored,
                           QSizePolicy::Preferred);  // a long one does not widen the window
  head->addWidget(title_, 1);
  head->addWidget(shown, 0, Qt::AlignTop);
  head->addWidget(save, 0, Qt::AlignTop);
  splitter_->addWidget(chart_);
  splitter_->addWidget(table_);
  splitter_->setChildrenCollapsible(false);
  setChartShare(0.6);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(14, 10, 14, 12);
  layout->setSpacing(4);
  layout->addLayout(head);
  layout->addWidget(subtitle_);
  layout->addWidget(splitter_, 1);
}

void ChartPanel::setTitle(const QString& title) {
  title_->setText(title);
  chart_->setAccessibleName(title);
}

QString ChartPanel::title() const {
  return title_->text();
}

void ChartPanel::setSubtitle(const QString& subtitle) {
  subtitle_->setText(subtitle);
  subtitle_->setVisible(!subtitle.isEmpty());
}

void ChartPanel::setSheet(Sheet sheet) {
  model_->setSheet(std::move(sheet));
}

void ChartPanel::setDescription(const QString& description) {
  chart_->setAccessibleDescription(description);
}

void ChartPanel::setShow(Show show) {
  chart_->setVisible(show != Show::table);
  table_->setVisible(show != Show::chart);
}

void ChartPanel::setChartShare(double share) {
  const int part = static_cast<int>(share * 1000);
  splitter_->setStretchFactor(0, part);
  splitter_->setStretchFactor(1, 1000 - part);
  splitter_->setSizes({part, 1000 - part});
}

void ChartPanel::askAndExport(const QString& ending) {
  QString name = objectName() == QStringLiteral("card") ? chart_->objectName().chopped(5) : objectName();
  const QString file =
      QFileDialog::getSaveFileName(this, tr("Export"), name + u'.' + ending, QStringLiteral("*.") + ending);
  if (!file.isEmpty()) {
    emit exported(file, exportTo(file));
  }
}

bool ChartPanel::exportTo(const QString& file) {
  const QSize size = chart_->size().expandedTo(QSize(600, 360));
  if (file.endsWith(QStringLiteral(".csv"))) {
    QSaveFile out(file);
    return out.open(QIODevice::WriteOnly) && out.write(csv_of(model_->sheet()).toUtf8()) >= 0 && out.commit();
  }
  if (file.endsWith(QStringLiteral(".svg"))) {
    QSvgGenerator device;
    device.setFileName(file);
    device.setSize(size);
    device.setViewBox(QRect(QPoint(), size));
    device.setTitle(title_->text());
    QCPPainter painter;
    if (!painter.begin(&device)) {
      return false;
    }
    paint(painter, size);
    return painter.end();
  }
  if (file.endsWith(QStringLiteral(".pdf"))) {
    QPdfWriter device(file);
    device.setTitle(title_->text());
    device.setResolution(96);
    device.setPageSize(QPageSize(QSizeF(size) * 0.75, QPageSize::Point));
    device.setPageMargins(QMarginsF());
    QCPPainter painter;
    if (!painter.begin(&device)) {
      return false;
    }
    paint(painter, size);
    return painter.end();
  }
  return chart_->grab().save(file, "PNG");
}

void ChartPanel::paint(QPainter& painter, QSize size) {
  auto* const plot = qobject_cast<QCustomPlot*>(chart_);
  if (plot == nullptr) {
    chart_->render(&painter);
    return;
  }
  auto& vector_painter = static_cast<QCPPainter&>(painter);
  vector_painter.setMode(QCPPainter::pmVectorized);
  vector_painter.setMode(QCPPainter::pmNoCaching);
  painter.fillRect(QRect(QPoint(), size), plot->palette().color(QPalette::Base));
  plot->toPainter(&vector_painter, size.width(), size.height());
}

}  // namespace mtok::gui
