// The program mtok-gui: a window, or a picture of one of its views.
#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QImage>
#include <QPixmap>
#include <QProgressBar>
#include <QScreen>
#include <QSettings>
#include <QTextStream>
#include <QThreadPool>
#include <QTimer>
#include <cstdlib>
#include <optional>

#include "app/data/data_root.hpp"
#include "app/gui/main_window.hpp"
#include "app/gui/models/project_files.hpp"
#include "app/gui/theme.hpp"
#include "app/gui/views/calibrate_view.hpp"

namespace {

using mtok::gui::MainWindow;

constexpr int kUsage = 2;         // as mtok: a wrong command line
constexpr int kInvalidInput = 3;  // as mtok: a file that cannot be used

int complain(const QString& text, int code) {
  QTextStream(stderr) << "mtok-gui: " << text << "\n";
  return code;
}

/// Lets events pass until `done` or the time is over; says which.
template <class Done>
bool wait_until(const Done& done, int milliseconds) {
  QElapsedTimer timer;
  timer.start();
  while (!done() && timer.elapsed() < milliseconds) {
    QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
  }
  return done();
}

int take_picture(MainWindow& window, const QString& view, const QString& file) {
  constexpr int kPatienceMs = 240'000;
  if (!window.showView(view)) {
    return complain(
        QStringLiteral("no view '%1'; there are: %2").arg(view, MainWindow::viewNames().join(u' ')), kUsage);
  }
  QTimer tick;  // wakes the loop
  tick.start(20);
  if (!wait_until([&] { return window.settled(); }, kPatienceMs)) {
    return complain(QStringLiteral("the view '%1' did not become ready").arg(view), 1);
  }
  const auto* const progress = window.findChild<QProgressBar*>(QStringLiteral("progress"));
  wait_until([progress] { return progress->isHidden(); }, kPatienceMs);  // of views that are not shown, too
  wait_until([] { return false; }, 200);                                 // layouts and table widths settle
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);   // no event loop does it here
  const QImage opaque = window.grab().toImage().convertToFormat(QImage::Format_RGB32);
  constexpr int kSmallest = 0;
  if (!opaque.save(file, "PNG", kSmallest)) {
    return complain(QStringLiteral("%1 cannot be written").arg(file), kInvalidInput);
  }
  return 0;
}

/// Options that must be known before the application exists.
void prepare_environment(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    const QByteArray word(words[i]);
    if (word == "--screenshot" && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
      qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    if (word == "--scale" && i + 1 < count) {
      qputenv("QT_SCALE_FACTOR", words[i + 1]);
    } else if (word.startsWith("--scale=")) {
      qputenv("QT_SCALE_FACTOR", word.mid(8));
    }
  }
}

std::optional<std::filesystem::path> data_folder() {
  if (const auto stated = mtok::data::stated_root()) {
    return mtok::data::holds_data(*stated) ? std::optional<std::filesystem::path>(*stated) : std::nullopt;
  }
  return mtok::data::root_above_program();
}

/// What is asked for.
struct CommandLine {
  bool dark = false;
  bool pictured = false;
  QString view{};  ///< to be pictured; empty, like the file, where it was not given
  QString file{};
  QStringList projects{};
  QStringList benchmarks{};
};

/// Ends the program for --help, --version and options that it does not know.
CommandLine read_command_line(const QApplication& application) {
  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("What a million tokens costs, in a window."));
  parser.addHelpOption();
  parser.addVersionOption();
  const QCommandLineOption picture(
      QStringLiteral("screenshot"),
      QStringLiteral("Write a picture of a view and end: --screenshot VIEW FILE.png [PROJECT]"));
  const QCommandLineOption dark(QStringLiteral("dark"), QStringLiteral("Dark colours."));
  const QCommandLineOption scale(QStringLiteral("scale"),
                                 QStringLiteral("Enlarge everything by this factor."),
                                 QStringLiteral("factor"));
  parser.addOptions({picture, dark, scale});
  parser.addPositionalArgument(QStringLiteral("PROJECT"),
                               QStringLiteral("A .mtok project or a scenario file."));
  parser.addPositionalArgument(QStringLiteral("BENCH.json"),
                               QStringLiteral("Benchmarks to fit the first scenario shown to."),
                               QStringLiteral("[BENCH.json...]"));
  parser.process(application);
  CommandLine given{.dark = parser.isSet(dark), .pictured = parser.isSet(picture)};
  QStringList words = parser.positionalArguments();
  if (given.pictured && words.size() >= 2) {
    given.view = words.takeFirst();
    given.file = words.takeFirst();
  }
  for (const QString& word : words) {
    (mtok::gui::CalibrateView::isBenchmark(word) ? given.benchmarks : given.projects) << word;
  }
  return given;
}

}  // namespace

int main(int count, char** words) {
  prepare_environment(count, words);
  QApplication application(count, words);
  QCoreApplication::setOrganizationName(QStringLiteral("mtok"));
  QCoreApplication::setApplicationName(QStringLiteral("mtok-gui"));
  QCoreApplication::setApplicationVersion(QStringLiteral(MTOK_VERSION));
  QGuiApplication::setDesktopFileName(QStringLiteral("mtok-gui"));

  const CommandLine given = read_command_line(application);
  const auto root = data_folder();
  if (!root) {
    return complain(
        QStringLiteral("the folder with models/ and hwprofiles/ was not found; set MTOK_DATA to it"),
        kInvalidInput);
  }
  const mtok::planner::Catalogue catalogue(*root);
  if (given.pictured && given.file.isEmpty()) {
    return complain(QStringLiteral("--screenshot takes a view and a file"), kUsage);
  }
  const bool dark_before = !given.pictured && QSettings().value(QStringLiteral("dark")).toBool();
  mtok::gui::apply_theme(application, given.dark || dark_before);

  MainWindow window(catalogue);
  if (!given.pictured) {  // a picture has its size on any screen
    window.resize(window.size().boundedTo(window.screen()->availableSize()));
  }
  window.show();
  const QString project =
      given.projects.isEmpty() ? mtok::gui::first_example(catalogue) : given.projects.first();
  if (project.isEmpty()) {
    window.showView(QStringLiteral("welcome"));
  } else if (!window.openFile(project) && given.pictured) {
    return complain(QStringLiteral("%1 cannot be opened").arg(project), kInvalidInput);
  }
  if (!given.benchmarks.isEmpty()) {
    window.openBenchmarks(given.benchmarks);
  }
  const int code = given.pictured ? take_picture(window, given.view, given.file) : QApplication::exec();
  if (QThreadPool::globalInstance()->activeThreadCount() > 0) {
    QSettings().sync();
    std::_Exit(code);  // nobody waits for runs that were told to stop: all files are written
  }
  return code;
}
