// What the window can write: reports, charts, data.
#include <QAction>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>

#include "app/gui/chart_panel.hpp"
#include "app/gui/main_window.hpp"
#include "app/gui/models/report_export.hpp"
#include "app/gui/view.hpp"

namespace mtok::gui {

void MainWindow::buildExportMenu() {
  QMenu* const menu = menuBar()->addMenu(tr("E&xport"));
  for (const report::NamedReportKind& named : report::kReportKinds) {
    const QString ending = QString::fromUtf8(named.ending.data(), std::ssize(named.ending));
    menu->addAction(tr("%1 (%2)…").arg(tr(named.title), ending), this,
                    [this, kind = named.kind, ending] { askAndReport(kind, ending); });
  }
  menu->addAction(tr("All of these into a folder…"), QKeySequence(Qt::CTRL | Qt::Key_E), this, [this] {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder for the reports"));
    if (!folder.isEmpty()) {
      exportReports(folder);
    }
  });
  with_all_ = menu->addAction(tr("With all scenarios, not only this one"));
  with_all_->setObjectName(QStringLiteral("reportAll"));
  with_all_->setCheckable(true);
  menu->addSeparator();
  for (const char* const ending : {"png", "svg", "pdf", "csv"}) {
    menu->addAction(tr("Chart of this view as %1…").arg(QString::fromLatin1(ending).toUpper()), this,
                    [this, ending] {
                      const std::vector<ChartPanel*> panels = currentView()->panels();
                      if (panels.empty()) {
                        showMessage(tr("This view has no chart to export."));
                        return;
                      }
                      panels.front()->askAndExport(QLatin1String(ending));
                    });
  }
  connect(&report_job_, &BackgroundJob::progressed, this,
          [this](qint64 done, qint64 expected) { showProgress(tr("Report: ladder"), done, expected); });
  connect(&report_job_, &BackgroundJob::runningChanged, this, [this](bool running) {
    if (!running) {
      endProgress();
    }
  });
  connect(&report_job_, &BackgroundJob::failed, this,
          [this](const QString& text) { showMessage(tr("Not exported: %1").arg(text)); });
}

QString MainWindow::reportName() const {
  return QString::fromStdString(
      report::report_file_name(workbench_.nameOf(workbench_.current()).toStdString()));
}

void MainWindow::askAndReport(report::ReportKind kind, const QString& ending) {
  const QString name = reportName() + ending;
  const QString file = QFileDialog::getSaveFileName(this, tr("Export"), name, QStringLiteral("*") + ending);
  if (!file.isEmpty()) {
    writeReports({kind}, file.endsWith(ending) ? file.chopped(ending.size()) : file);
  }
}

void MainWindow::exportReports(const QString& folder) {
  std::vector<report::ReportKind> kinds;
  for (const report::NamedReportKind& named : report::kReportKinds) {
    kinds.push_back(named.kind);
  }
  writeReports(kinds, folder + u'/' + reportName());
}

void MainWindow::writeReports(const std::vector<report::ReportKind>& kinds, const QString& base) {
  const int id = workbench_.current();
  ReportRequest request{.scenario = workbench_.requestOf(id)};
  if (const auto result = workbench_.result(id)) {
    request.results.push_back(result);
  }
  if (request.results.empty()) {
    showMessage(tr("There is no result yet that could be exported."));
    return;
  }
  if (with_all_->isChecked()) {
    for (const OpenScenario& scenario : document().scenarios()) {
      const auto result = workbench_.result(scenario.id);
      if (scenario.id != id && result) {
        request.results.push_back(result);
      }
    }
  }
  report_job_.start([this, request, kinds, base,
                     catalogue = workbench_.catalogue()](const BackgroundJob::Progress& progress) {
    const std::vector<std::filesystem::path> files =
        write_reports(request, kinds, base.toStdString(), catalogue, progress);
    QStringList names;
    for (const std::filesystem::path& file : files) {
      names << QString::fromStdString(file.string());
    }
    return [this, names] { showMessage(tr("Written: %1").arg(names.join(QStringLiteral(", ")))); };
  });
}

}  // namespace mtok::gui
