// Runs scenarios off the window's thread; a newer run of a scenario stops the older one.
#pragma once

#include <QObject>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "app/gui/models/background_job.hpp"
#include "app/gui/models/outcome.hpp"
#include "sim/planner/catalogue.hpp"

namespace mtok::gui {

/// What is to be run: the text of a scenario and the file that it would stand in.
struct RunRequest {
  std::string yaml{};
  std::filesystem::path file{};
  bool as_in_file = false;  ///< the text is what the file says: it is named among the inputs
};

/// Reads the text and runs it as `mtok run` would, keeping a row for each request and a timeline.
[[nodiscard]] Outcome run_request(const RunRequest& request, const planner::Catalogue& catalogue,
                                  const planner::Progress& progress);

/// Keeps the newest outcome of each scenario, by its id.
class ScenarioRuns final : public QObject {
  Q_OBJECT
 public:
  explicit ScenarioRuns(planner::Catalogue catalogue, QObject* parent = nullptr);

  void run(int id, RunRequest request);
  void forget(int id);
  void cancelAll();
  /// Null before the first run has ended; the outcome before while a new run goes on.
  [[nodiscard]] std::shared_ptr<const Outcome> outcome(int id) const;
  [[nodiscard]] bool running(int id) const;
  [[nodiscard]] bool anyRunning() const;
  [[nodiscard]] const planner::Catalogue& catalogue() const { return catalogue_; }

 signals:
  void outcomeChanged(int id);
  void progressed(int id, qint64 done, qint64 expected);
  void runningChanged();

 private:
  struct Entry {
    std::unique_ptr<BackgroundJob> job{};
    std::shared_ptr<const Outcome> outcome{};
  };
  planner::Catalogue catalogue_;
  std::map<int, Entry> entries_;
};

}  // namespace mtok::gui
