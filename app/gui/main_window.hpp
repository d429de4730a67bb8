// The window: scenario tabs, inputs, headline tiles, views, messages.
#pragma once

#include <QMainWindow>
#include <map>
#include <memory>

#include "app/gui/models/background_job.hpp"
#include "app/gui/models/project_files.hpp"
#include "app/gui/models/workbench.hpp"

class QAction;
class QComboBox;
class QLabel;
class QLayout;
class QListWidget;
class QProgressBar;
class QStackedWidget;
class QTabBar;
class QTimer;
class QToolButton;

namespace mtok::report {
enum class ReportKind;
}  // namespace mtok::report

namespace mtok::gui {

class CalibrateView;
class CommandPalette;
class HeadlineRow;
class InputPanel;
class MessageBar;
class View;
class WelcomeView;
class WhyDialog;
struct Command;
struct Field;

class MainWindow final : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(const planner::Catalogue& catalogue, QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Opens a project or a scenario file; what is wrong with it goes to the message bar. True when it is open.
  bool openFile(const QString& file);
  /// Fits the scenario that is looked at to these benchmarks, in the view for that.
  void openBenchmarks(const QStringList& files);
  /// Writes every kind of report of the scenario that is looked at into the folder, off the window's thread.
  void exportReports(const QString& folder);
  /// Names of all views, as `--screenshot` takes them.
  [[nodiscard]] static QStringList viewNames();
  /// False when there is no such view.
  bool showView(const QString& name);
  /// The view that is shown has all it will get.
  [[nodiscard]] bool settled() const;
  [[nodiscard]] Workbench& workbench() { return workbench_; }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void buildCentre();
  QLayout* buildTabs(QWidget* page);
  QWidget* buildResults(QWidget* page);
  void buildStatus();
  void buildViews();
  void addView(const QString& name, const QString& title, View* view);
  void addViewGroup(const QString& title);
  void buildActions();
  void buildFileMenu();
  void buildScenarioMenu();
  void buildViewMenu();
  void buildExportMenu();
  void buildHelpMenu();
  void connectWorkbench();

  void refreshTabs();
  void refreshResult();
  void refreshView();
  void refreshTitle();
  void refreshNotes();
  void showProgress(const QString& what, qint64 done, qint64 expected);
  /// Hides the progress once nothing goes on, neither a run nor work of the view.
  void endProgress();
  void showMessage(const QString& text);
  /// `scenario`: 0 for the one that is looked at.
  /// By the view where the figure is its own, else by the result of the scenario.
  void answerWhy(const View& view, const QString& key, int scenario);
  void showWhy(const QString& key, int scenario);
  /// Runs the scenario for it.
  void showWhyOf(const ScenarioTree& variant, const QString& key);
  void explainFocused();
  void explainField(const Field& field);
  [[nodiscard]] WhyDialog& why();
  void showKeys();
  void showAbout();
  void setDark(bool dark);

  [[nodiscard]] ProjectDocument& document() { return workbench_.document(); }
  void renameCurrent();
  void showAssumptions();
  void openDialog();
  bool save();
  bool saveAs();
  bool saveTo(const QString& file);
  /// False when the user wants to go on with it.
  bool mayClose();
  void recover(const QString& copy, const QString& original);
  void openPalette();
  void addViewCommands(std::vector<Command>& commands) const;
  /// Of the current scenario, without ending.
  [[nodiscard]] QString reportName() const;
  void askAndReport(report::ReportKind kind, const QString& ending);
  /// `base`: the file without the ending of its kind.
  void writeReports(const std::vector<report::ReportKind>& kinds, const QString& base);
  [[nodiscard]] View* currentView() const;

  Workbench workbench_;
  RecoveryFile recovery_;
  QStackedWidget* pages_ = nullptr;
  WelcomeView* welcome_ = nullptr;
  QTabBar* tabs_ = nullptr;
  QComboBox* base_ = nullptr;
  MessageBar* messages_ = nullptr;
  QListWidget* view_list_ = nullptr;
  QStackedWidget* view_stack_ = nullptr;
  InputPanel* inputs_ = nullptr;
  HeadlineRow* tiles_ = nullptr;
  QToolButton* notes_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QTimer* progress_end_ = nullptr;
  QLabel* timing_ = nullptr;
  QTimer* autosave_ = nullptr;
  CommandPalette* palette_ = nullptr;
  WhyDialog* why_ = nullptr;
  CalibrateView* calibrate_ = nullptr;
  QAction* with_all_ = nullptr;
  std::map<QString, QWidget*> views_;
  BackgroundJob report_job_;
};

}  // namespace mtok::gui
