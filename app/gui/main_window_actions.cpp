// What the window can be told to do: menus, keys, files, the command palette.
#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QListWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>

#include "app/gui/command_palette.hpp"
#include "app/gui/input_panel.hpp"
#include "app/gui/main_window.hpp"
#include "app/gui/theme.hpp"
#include "app/gui/view.hpp"
#include "app/gui/views/calibrate_view.hpp"
#include "sim/config/diagnostic.hpp"

namespace mtok::gui {

void MainWindow::buildActions() {
  buildFileMenu();
  QMenu* const edit = menuBar()->addMenu(tr("&Edit"));
  QAction* const undo = document().undo()->createUndoAction(this, tr("Undo"));
  undo->setShortcut(QKeySequence::Undo);
  QAction* const redo = document().undo()->createRedoAction(this, tr("Redo"));
  redo->setShortcuts({QKeySequence(Qt::CTRL | Qt::Key_Y), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z)});
  edit->addAction(undo);
  edit->addAction(redo);
  edit->addSeparator();
  edit->addAction(tr("Find a command or field…"), QKeySequence(Qt::CTRL | Qt::Key_K), this,
                  &MainWindow::openPalette);
  buildScenarioMenu();
  buildViewMenu();
  buildExportMenu();
  buildHelpMenu();
  palette_ = new CommandPalette(this);
  connect(notes_, &QToolButton::clicked, this, &MainWindow::showAssumptions);
}

void MainWindow::buildFileMenu() {
  QMenu* const file = menuBar()->addMenu(tr("&File"));
  file->addAction(tr("New window"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_N), this, [this] {
    auto* const window = new MainWindow(workbench_.catalogue());
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->showView(QStringLiteral("welcome"));
    window->show();
  });
  file->addAction(tr("Open…"), QKeySequence::Open, this, &MainWindow::openDialog);
  file->addAction(tr("Examples and recent files"), this, [this] { showView(QStringLiteral("welcome")); });
  file->addSeparator();
  file->addAction(tr("Save"), QKeySequence::Save, this, [this] { save(); });
  file->addAction(tr("Save as…"), QKeySequence::SaveAs, this, [this] { saveAs(); });
  file->addSeparator();
  file->addAction(tr("Close window"), QKeySequence::Close, this, &QWidget::close);
  file->addAction(tr("Quit"), QKeySequence::Quit, qApp, &QApplication::closeAllWindows);
}

void MainWindow::buildScenarioMenu() {
  QMenu* const menu = menuBar()->addMenu(tr("&Scenario"));
  menu->addAction(tr("Duplicate"), QKeySequence(Qt::CTRL | Qt::Key_D), this,
                  [this] { workbench_.setCurrent(document().duplicateScenario(workbench_.current())); });
  menu->addAction(tr("Add from a file…"), this, [this] {
    const QString file = QFileDialog::getOpenFileName(this, tr("Add scenarios"), {},
                                                      tr("Scenarios and projects (*.yaml *.yml *.mtok)"));
    if (file.isEmpty()) {
      return;
    }
    try {
      Project added = load_project(file.toStdString());
      move_paths(added, std::filesystem::absolute(file.toStdString()).parent_path(), document().folder());
      for (ScenarioTree& tree : added.scenarios) {
        workbench_.setCurrent(document().addScenario(std::move(tree), tr("add a scenario")));
      }
    } catch (const config::Error& error) {
      showMessage(QString::fromUtf8(error.what()));
    }
  });
  menu->addAction(tr("Rename…"), QKeySequence(Qt::Key_F2), this, &MainWindow::renameCurrent);
  menu->addAction(tr("Close scenario"), QKeySequence(Qt::CTRL | Qt::Key_F4), this,
                  [this] { document().closeScenario(workbench_.current()); });
  menu->addSeparator();
  menu->addAction(tr("Use as base"), QKeySequence(Qt::CTRL | Qt::Key_B), this,
                  [this] { document().setBase(workbench_.current()); });
  menu->addAction(tr("Run again"), QKeySequence(Qt::CTRL | Qt::Key_R), this,
                  [this] { workbench_.runAgain(workbench_.current()); });
  menu->addAction(tr("Stop all runs"), QKeySequence(Qt::SHIFT | Qt::Key_Escape), this,
                  [this] { workbench_.runs().cancelAll(); });
}

void MainWindow::buildViewMenu() {
  QMenu* const menu = menuBar()->addMenu(tr("&View"));
  int number = 1;
  for (const QString& name : viewNames()) {
    QString title = name;
    title[0] = title[0].toUpper();
    QAction* const action = menu->addAction(title, this, [this, name] { showView(name); });
    if (number <= 9) {
      action->setShortcut(QKeySequence(QStringLiteral("Alt+%1").arg(number++)));
    }
  }
  menu->addSeparator();
  QAction* const dark = menu->addAction(tr("Dark colours"));
  dark->setObjectName(QStringLiteral("dark"));
  dark->setCheckable(true);
  dark->setChecked(theme_of(QApplication::palette()).dark);
  connect(dark, &QAction::toggled, this, &MainWindow::setDark);
}

void MainWindow::setDark(bool dark) {
  QSettings().setValue(QStringLiteral("dark"), dark);
  apply_theme(*qApp, dark);
}

void MainWindow::renameCurrent() {
  bool ok = false;
  const QString name = QInputDialog::getText(this, tr("Rename"), tr("Name of the scenario"),
                                             QLineEdit::Normal, workbench_.nameOf(workbench_.current()), &ok);
  if (ok) {
    document().renameScenario(workbench_.current(), name);
  }
}

bool MainWindow::openFile(const QString& file) {
  try {
    const Project project = load_project(file.toStdString());
    const bool is_project = file.endsWith(QStringLiteral(".mtok"));
    const bool shipped = QFileInfo(file).absoluteFilePath().startsWith(
        QFileInfo(QString::fromStdString(workbench_.catalogue().root().string())).absoluteFilePath());
    pages_->setCurrentIndex(0);
    document().load(project, file.toStdString(), is_project && !shipped);
    recovery_.drop();
    workbench_.setCurrent(document().scenarios()[document().scenarios().size() > 1 ? 1 : 0].id);
    if (!shipped) {
      add_recent_file(file);
    }
    refreshTabs();
    inputs_->refresh();
    refreshResult();
    refreshView();
    return true;
  } catch (const config::Error& error) {
    showMessage(QString::fromUtf8(error.what()));
    return false;
  }
}

void MainWindow::openDialog() {
  const QString file =
      QFileDialog::getOpenFileName(this, tr("Open"), {}, tr("Projects and scenarios (*.mtok *.yaml *.yml)"));
  if (!file.isEmpty() && mayClose()) {
    openFile(file);
  }
}

bool MainWindow::save() {
  const QString file = QString::fromStdString(document().file().string());
  return file.isEmpty() ? saveAs() : saveTo(file);
}

bool MainWindow::saveAs() {
  QString file = QFileDialog::getSaveFileName(this, tr("Save the project"), QStringLiteral("project.mtok"),
                                              tr("mtok projects (*.mtok)"));
  if (file.isEmpty()) {
    return false;
  }
  return saveTo(file.endsWith(QStringLiteral(".mtok")) ? file : file + QStringLiteral(".mtok"));
}

bool MainWindow::saveTo(const QString& file) {
  Project project = document().project();
  move_paths(project, document().folder(), QFileInfo(file).absoluteDir().absolutePath().toStdString());
  const QString problem = save_text(file, QString::fromStdString(to_yaml(project)));
  if (!problem.isEmpty()) {
    showMessage(tr("%1 cannot be written: %2").arg(file, problem));
    return false;
  }
  document().setSaved(file.toStdString());
  add_recent_file(file);
  recovery_.drop();
  return true;
}

bool MainWindow::mayClose() {
  if (document().undo()->isClean() || document().scenarios().empty()) {
    return true;
  }
  QMessageBox box(QMessageBox::Question, tr("Unsaved changes"), tr("Save the changes of this project?"),
                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
  switch (box.exec()) {
    case QMessageBox::Save:
      return save();
    case QMessageBox::Discard:
      return true;
    default:
      return false;
  }
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!mayClose()) {
    event->ignore();
    return;
  }
  recovery_.drop();
  workbench_.runs().cancelAll();
  event->accept();
}

void MainWindow::recover(const QString& copy, const QString& original) {
  try {
    const Project project = load_project(copy.toStdString());
    pages_->setCurrentIndex(0);
    document().load(project, original.toStdString(), original.endsWith(QStringLiteral(".mtok")));
    workbench_.setCurrent(document().scenarios().front().id);
    recovery_.keep(project, original.toStdString());
    QFile::remove(copy);
    document().undo()->resetClean();
    showMessage(tr("Recovered. Save it to keep it."));
  } catch (const config::Error& error) {
    showMessage(QString::fromUtf8(error.what()));
  }
}

void MainWindow::refreshTitle() {
  const QString file = QString::fromStdString(document().file().filename().string());
  const QString opened = QString::fromStdString(document().openedFile().stem().string());
  const QString name = !file.isEmpty()    ? file
                       : opened.isEmpty() ? tr("untitled")
                                          : tr("%1 (not saved)").arg(opened);
  setWindowTitle(QStringLiteral("%1[*] — mtok").arg(name));
  setWindowModified(!document().undo()->isClean());
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) {
    event->acceptProposedAction();
  }
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  QStringList benchmarks;
  for (const QUrl& url : urls) {
    if (url.isLocalFile() && CalibrateView::isBenchmark(url.toLocalFile())) {
      benchmarks << url.toLocalFile();
    }
  }
  if (!benchmarks.isEmpty()) {
    openBenchmarks(benchmarks);
  } else if (!urls.isEmpty() && urls.first().isLocalFile() && mayClose()) {
    openFile(urls.first().toLocalFile());
  }
}

void MainWindow::openBenchmarks(const QStringList& files) {
  if (document().scenarios().empty()) {
    showMessage(tr("Open the scenario of what was benchmarked first, then drop the benchmarks on it."));
    return;
  }
  calibrate_->open(files);
  showView(QStringLiteral("calibrate"));
}

}  // namespace mtok::gui
