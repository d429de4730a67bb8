// Connects the project with its runs.
#include "app/gui/models/workbench.hpp"

#include <algorithm>

namespace mtok::gui {

Workbench::Workbench(const planner::Catalogue& catalogue, QObject* parent)
    : QObject(parent), runs_(catalogue) {
  connect(&document_, &ProjectDocument::listChanged, this, [this] {
    if (document_.find(current_) == nullptr && !document_.scenarios().empty()) {
      current_ = document_.scenarios().front().id;
      emit currentChanged();
    }
  });
  connect(&document_, &ProjectDocument::scenarioChanged, this, &Workbench::runAgain);
  connect(&runs_, &ScenarioRuns::outcomeChanged, this, &Workbench::outcomeChanged);
  connect(&runs_, &ScenarioRuns::runningChanged, this, [this] {
    if (!waiting_.empty()) {
      pump();
    }
  });
}

void Workbench::setCurrent(int id) {
  if (id != current_ && document_.find(id) != nullptr) {
    current_ = id;
    emit currentChanged();
  }
}

const ScenarioTree& Workbench::currentTree() const {
  const OpenScenario* const scenario = document_.find(current_);
  return scenario == nullptr ? empty_ : scenario->tree;
}

QString Workbench::nameOf(int id) const {
  const OpenScenario* const scenario = document_.find(id);
  return scenario == nullptr ? QString() : QString::fromStdString(scenario->tree.name());
}

std::shared_ptr<const planner::RunResult> Workbench::result(int id) const {
  const std::shared_ptr<const Outcome> outcome = runs_.outcome(id);
  return outcome ? outcome->result : nullptr;
}

std::vector<NamedResult> Workbench::namedResults() const {
  std::vector<NamedResult> list;
  for (const OpenScenario& scenario : document_.scenarios()) {
    list.push_back({.name = QString::fromStdString(scenario.tree.name()),
                    .tree = scenario.tree,
                    .result = result(scenario.id),
                    .id = scenario.id});
  }
  return list;
}

std::size_t Workbench::baseIndex() const {
  const auto& list = document_.scenarios();
  const auto found = std::find_if(list.begin(), list.end(), [this](const OpenScenario& scenario) {
    return scenario.id == document_.base();
  });
  return static_cast<std::size_t>(found - list.begin());
}

RunRequest Workbench::requestOf(int id) const {
  const OpenScenario* const scenario = document_.find(id);
  return {.yaml = scenario == nullptr ? std::string() : scenario->tree.to_yaml(),
          .file = document_.openedFile(),
          .as_in_file = document_.isAsOpened(id)};
}

bool Workbench::settled() const {
  return waiting_.empty() && !runs_.anyRunning() &&
         std::all_of(document_.scenarios().begin(), document_.scenarios().end(),
                     [this](const OpenScenario& scenario) { return runs_.outcome(scenario.id) != nullptr; });
}

void Workbench::runAgain(int id) {
  std::erase(waiting_, id);
  waiting_.push_back(id);
  if (!pump_due_) {  // once for all that changes now, when it is known what is looked at
    pump_due_ = true;
    QMetaObject::invokeMethod(
        this,
        [this] {
          pump_due_ = false;
          pump();
        },
        Qt::QueuedConnection);
  }
}

void Workbench::pump() {
  std::erase_if(waiting_, [this](int id) { return document_.find(id) == nullptr; });
  if (std::erase(waiting_, current_) > 0) {
    runs_.run(current_, requestOf(current_));
  }
  if (!waiting_.empty() && !runs_.anyRunning()) {
    const int next = waiting_.front();
    waiting_.erase(waiting_.begin());
    runs_.run(next, requestOf(next));
  }
}

}  // namespace mtok::gui
