// Changes of a project, each as a step that can be undone.
#include "app/gui/models/project_document.hpp"

#include <QHash>
#include <QUndoCommand>
#include <algorithm>

namespace mtok::gui {

/// From one state to another. States are small: a scenario file each.
class ProjectDocument::Step final : public QUndoCommand {
 public:
  Step(ProjectDocument& document, State before, State after, const QString& text, std::string merge_key)
      : QUndoCommand(text),
        document_(document),
        before_(std::move(before)),
        after_(std::move(after)),
        merge_key_(std::move(merge_key)) {}

  void undo() override { document_.apply(before_); }
  void redo() override { document_.apply(after_); }
  [[nodiscard]] int id() const override {
    return merge_key_.empty() ? -1
                              : static_cast<int>(qHash(QString::fromStdString(merge_key_)) & 0x7fffffffU);
  }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* const step = static_cast<const Step*>(other);
    if (step->merge_key_ != merge_key_) {
      return false;
    }
    after_ = step->after_;
    return true;
  }

 private:
  ProjectDocument& document_;
  State before_;
  State after_;
  std::string merge_key_;
};

ProjectDocument::ProjectDocument(QObject* parent) : QObject(parent) {}

void ProjectDocument::load(const Project& project, const std::filesystem::path& file, bool saved) {
  State state;
  for (const ScenarioTree& tree : project.scenarios) {
    state.scenarios.push_back({.id = next_id_++, .tree = tree});
  }
  state.base = state.scenarios[std::min(project.base, state.scenarios.size() - 1)].id;
  opened_ = file;
  folder_ = std::filesystem::absolute(file).parent_path();
  file_ = saved ? file : std::filesystem::path();
  opened_state_ = state;
  undo_.clear();
  state_ = {};
  apply(state);
  emit fileChanged();
}

Project ProjectDocument::project() const {
  Project project;
  for (std::size_t i = 0; i < state_.scenarios.size(); ++i) {
    project.scenarios.push_back(state_.scenarios[i].tree);
    if (state_.scenarios[i].id == state_.base) {
      project.base = i;
    }
  }
  return project;
}

const OpenScenario* ProjectDocument::find(int id) const {
  const auto found = std::find_if(state_.scenarios.begin(), state_.scenarios.end(),
                                  [id](const OpenScenario& scenario) { return scenario.id == id; });
  return found == state_.scenarios.end() ? nullptr : &*found;
}

bool ProjectDocument::isAsOpened(int id) const {
  const auto& list = opened_state_.scenarios;
  const auto found = std::find_if(list.begin(), list.end(),
                                  [id](const OpenScenario& scenario) { return scenario.id == id; });
  const OpenScenario* const now = find(id);
  return found != list.end() && now != nullptr && found->tree == now->tree;
}

void ProjectDocument::setSaved(const std::filesystem::path& file) {
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  file_ = file;
  opened_ = file;
  if (folder != folder_) {
    Project moved = project();
    move_paths(moved, folder_, folder);
    for (std::size_t i = 0; i < state_.scenarios.size(); ++i) {
      state_.scenarios[i].tree = moved.scenarios[i];
    }
    folder_ = folder;
    undo_.clear();  // earlier states speak of the other folder
  }
  opened_state_ = state_;
  undo_.setClean();
  emit fileChanged();
}

void ProjectDocument::setValue(int id, const std::string& path, const std::string& text) {
  State after = state_;
  for (OpenScenario& scenario : after.scenarios) {
    if (scenario.id == id) {
      if (scenario.tree.get(path).value_or("") == text) {
        return;
      }
      if (text.empty()) {
        scenario.tree.erase(path);
      } else {
        scenario.tree.set(path, text);
      }
    }
  }
  change(std::move(after), tr("change %1").arg(QString::fromStdString(path)),
         std::to_string(id) + ":" + path);
}

void ProjectDocument::setBlock(int id, const std::string& block, bool on,
                               const std::vector<std::pair<std::string, std::string>>& start_values) {
  const OpenScenario* const now = find(id);
  if (now == nullptr || now->tree.has(block) == on) {
    return;
  }
  State after = state_;
  for (OpenScenario& scenario : after.scenarios) {
    if (scenario.id != id) {
      continue;
    }
    if (!on) {
      scenario.tree.erase(block);
    }
    for (const auto& [path, text] : start_values) {
      if (on) {
        scenario.tree.set(path, text);
      }
    }
  }
  change(std::move(after), on ? tr("add %1").arg(QString::fromStdString(block))
                              : tr("remove %1").arg(QString::fromStdString(block)));
}

int ProjectDocument::addScenario(ScenarioTree tree, const QString& step) {
  State after = state_;
  const int id = next_id_++;
  after.scenarios.push_back({.id = id, .tree = std::move(tree)});
  change(std::move(after), step);
  return id;
}

int ProjectDocument::duplicateScenario(int id) {
  const OpenScenario* const now = find(id);
  if (now == nullptr) {
    return id;
  }
  OpenScenario copy = *now;
  copy.id = next_id_++;
  copy.tree.set("name", now->tree.name() + ", copy");
  State after = state_;
  const auto place = std::find_if(after.scenarios.begin(), after.scenarios.end(),
                                  [id](const OpenScenario& scenario) { return scenario.id == id; });
  after.scenarios.insert(place + 1, copy);
  change(std::move(after), tr("duplicate %1").arg(QString::fromStdString(now->tree.name())));
  return copy.id;
}

void ProjectDocument::closeScenario(int id) {
  const OpenScenario* const now = find(id);
  if (now == nullptr || state_.scenarios.size() < 2) {
    return;
  }
  const QString name = QString::fromStdString(now->tree.name());
  State after = state_;
  std::erase_if(after.scenarios, [id](const OpenScenario& scenario) { return scenario.id == id; });
  if (after.base == id) {
    after.base = after.scenarios.front().id;
  }
  change(std::move(after), tr("close %1").arg(name));
}

void ProjectDocument::renameScenario(int id, const QString& name) {
  if (!name.trimmed().isEmpty()) {
    setValue(id, "name", name.trimmed().toStdString());
  }
}

void ProjectDocument::setBase(int id) {
  if (id == state_.base || find(id) == nullptr) {
    return;
  }
  State after = state_;
  after.base = id;
  change(std::move(after), tr("choose the base"));
}

void ProjectDocument::change(State after, const QString& text, const std::string& merge_key) {
  undo_.push(new Step(*this, state_, std::move(after), text, merge_key));
}

void ProjectDocument::apply(const State& state) {
  const State before = std::move(state_);
  state_ = state;
  const auto earlier = [&](int id) -> const OpenScenario* {
    for (const OpenScenario& scenario : before.scenarios) {
      if (scenario.id == id) {
        return &scenario;
      }
    }
    return nullptr;
  };
  bool list = before.scenarios.size() != state_.scenarios.size();
  std::vector<int> changed;
  for (std::size_t i = 0; i < state_.scenarios.size(); ++i) {
    const OpenScenario& now = state_.scenarios[i];
    const OpenScenario* const old = earlier(now.id);
    list = list || old == nullptr || old->tree.name() != now.tree.name() || before.scenarios[i].id != now.id;
    if (old == nullptr || !(old->tree == now.tree)) {
      changed.push_back(now.id);
    }
  }
  if (list) {
    emit listChanged();
  }
  for (const int id : changed) {
    emit scenarioChanged(id);
  }
  if (before.base != state_.base) {
    emit baseChanged();
  }
}

}  // namespace mtok::gui
