// Writes, keeps and lists files.
#include "app/gui/models/project_files.hpp"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QSettings>
#include <QStandardPaths>
#include <QTextStream>
#include <algorithm>
#include <atomic>
#include <cerrno>

#include "sim/config/diagnostic.hpp"

namespace mtok::gui {
namespace {

constexpr const char* kOriginal = "# recovered from: ";

/// The process that wrote a copy is alive: "1234-1.mtok" is of process 1234.
bool owner_lives(const QString& name) {
  const qint64 pid = name.section(u'-', 0, 0).toLongLong();
  return pid > 0 && (kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

/// The comment lines that a file begins with, as one text.
QString head_comment(const QString& file) {
  QFile in(file);
  QStringList lines;
  if (in.open(QIODevice::ReadOnly)) {
    QTextStream stream(&in);
    for (QString line = stream.readLine(); line.startsWith(u'#'); line = stream.readLine()) {
      lines << line.mid(1).trimmed();
    }
  }
  return lines.join(u' ');
}

}  // namespace

QString save_text(const QString& file, const QString& text) {
  QSaveFile out(file);
  const QByteArray bytes = text.toUtf8();
  if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit()) {
    return out.errorString();
  }
  return {};
}

RecoveryFile::RecoveryFile(const QString& folder) : folder_(folder) {
  static std::atomic<int> windows = 0;
  file_ = QDir(folder).filePath(
      QStringLiteral("%1-%2.mtok").arg(QCoreApplication::applicationPid()).arg(++windows));
}

RecoveryFile::~RecoveryFile() {
  drop();
}

void RecoveryFile::keep(const Project& project, const std::filesystem::path& file) {
  QDir().mkpath(folder_);
  const QString original = QString::fromStdString(std::filesystem::absolute(file).string());
  // A copy that cannot be written is no reason to disturb anybody.
  static_cast<void>(save_text(
      file_, QLatin1String(kOriginal) + original + u'\n' + QString::fromStdString(to_yaml(project))));
}

void RecoveryFile::drop() {
  QFile::remove(file_);
}

std::vector<RecoveryFile::Found> RecoveryFile::left_behind(const QString& folder) {
  std::vector<Found> found;
  const QDir dir(folder);
  for (const QString& name : dir.entryList({QStringLiteral("*.mtok")}, QDir::Files, QDir::Time)) {
    if (owner_lives(name)) {
      continue;
    }
    QFile in(dir.filePath(name));
    if (in.open(QIODevice::ReadOnly)) {
      const QString first = QString::fromUtf8(in.readLine()).trimmed();
      found.push_back(
          {.copy = dir.filePath(name), .original = first.mid(static_cast<int>(qstrlen(kOriginal)))});
    }
  }
  return found;
}

QString recovery_folder() {
  return QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) + QStringLiteral("/recovery");
}

QStringList recent_files() {
  QStringList files = QSettings().value(QStringLiteral("recentFiles")).toStringList();
  files.removeIf([](const QString& file) { return !QFileInfo::exists(file); });
  return files;
}

void add_recent_file(const QString& file) {
  constexpr int kMost = 8;
  QStringList files = recent_files();
  const QString path = QFileInfo(file).absoluteFilePath();
  files.removeAll(path);
  files.prepend(path);
  QSettings().setValue(QStringLiteral("recentFiles"), files.mid(0, kMost));
}

std::vector<Example> examples_of(const planner::Catalogue& catalogue) {
  std::vector<Example> examples;
  const QDir dir(QString::fromStdString((catalogue.root() / "workloads").string()));
  for (const char* const ending : {"*.mtok", "*.yaml"}) {
    for (const QString& name : dir.entryList({QLatin1String(ending)}, QDir::Files, QDir::Name)) {
      const QString file = dir.filePath(name);
      try {
        const Project project = load_project(file.toStdString());
        const ScenarioTree& first = project.scenarios.front();
        if (!first.get("model") || !first.get("hardware.device")) {
          continue;  // not a scenario: a plan, say
        }
        const QString facts =
            project.scenarios.size() > 1
                ? QCoreApplication::translate("Examples", "project with %1 scenarios")
                      .arg(project.scenarios.size())
                : QString::fromStdString(*first.get("model") + " on " + *first.get("hardware.device"));
        const bool of_project = name.endsWith(QStringLiteral(".mtok"));
        examples.push_back({.file = file,
                            .name = of_project ? QFileInfo(name).completeBaseName().replace(u'-', u' ')
                                               : QString::fromStdString(first.name()),
                            .summary = head_comment(file),
                            .facts = facts});
      } catch (const config::Error&) {
        continue;  // not a scenario: specifications, say
      }
    }
  }
  return examples;
}

QString first_example(const planner::Catalogue& catalogue) {
  const std::filesystem::path file = catalogue.root() / "workloads/support-chat.mtok";
  return std::filesystem::exists(file) ? QString::fromStdString(file.string()) : QString();
}

}  // namespace mtok::gui
