// Files of projects: saving without ever leaving half a file, copies for recovery, recent files, examples.
#pragma once

#include <QString>
#include <QStringList>
#include <filesystem>
#include <vector>

#include "app/gui/models/project.hpp"
#include "sim/planner/catalogue.hpp"

namespace mtok::gui {

/// Replaces the file in one step: whoever reads it, or comes after a crash, sees the old text or the new one.
/// The empty text on success, else why not.
[[nodiscard]] QString save_text(const QString& file, const QString& text);

/// The copy of an unsaved project that survives a crash. One for each window.
class RecoveryFile {
 public:
  /// `folder`: where copies lie; made when needed.
  explicit RecoveryFile(const QString& folder);
  ~RecoveryFile();
  RecoveryFile(const RecoveryFile&) = delete;
  RecoveryFile& operator=(const RecoveryFile&) = delete;

  /// Keeps the project; `file` is where it was last saved, or where its relative paths start.
  void keep(const Project& project, const std::filesystem::path& file);
  /// Everything is saved, or the user gave it up.
  void drop();

  /// Copies that no living window holds.
  struct Found {
    QString copy{};
    QString original{};
  };
  [[nodiscard]] static std::vector<Found> left_behind(const QString& folder);

 private:
  QString folder_;
  QString file_;
};

/// Where copies for recovery lie for this user.
[[nodiscard]] QString recovery_folder();

[[nodiscard]] QStringList recent_files();
void add_recent_file(const QString& file);

/// A scenario or project that comes with the program.
struct Example {
  QString file{};
  QString name{};
  QString summary{};  ///< the comment at its head
  QString facts{};    ///< model and devices
};
/// Projects first.
[[nodiscard]] std::vector<Example> examples_of(const planner::Catalogue& catalogue);
/// What the program opens when it is given nothing; empty when it did not come with examples.
[[nodiscard]] QString first_example(const planner::Catalogue& catalogue);

}  // namespace mtok::gui
