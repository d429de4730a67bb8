// Reads, runs and keeps scenarios.
#include "app/gui/models/scenario_runs.hpp"

#include <QElapsedTimer>
#include <algorithm>

#include "app/gui/models/input_fields.hpp"
#include "sim/config/diagnostic.hpp"
#include "sim/planner/scenario_text.hpp"

namespace mtok::gui {
namespace {

/// Rows of requests are kept for the curves of latencies, unless there are millions.
constexpr std::uintmax_t kMostTraceBytes = std::uintmax_t{64} << 20U;
constexpr std::int64_t kMostRequests = 500'000;

bool keeps_requests(const planner::Scenario& scenario) {
  const planner::WorkloadChoice& workload = scenario.workload;
  if (workload.synthetic) {
    return workload.synthetic->requests <= kMostRequests;
  }
  if (!workload.trace) {
    return true;
  }
  const std::int64_t limit = workload.trace_options.limit;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(*workload.trace, error);
  return (limit > 0 && limit <= kMostRequests) || (!error && size <= kMostTraceBytes);
}

/// What is not in a file is no input file.
void detach(planner::Scenario& scenario) {
  scenario.file.clear();
  for (planner::Scenario& model : scenario.models) {
    model.file.clear();
  }
}

std::vector<FieldProblem> problems_of(const config::Error& error) {
  std::vector<FieldProblem> problems;
  for (const config::Diagnostic& diagnostic : error.diagnostics()) {
    const std::string path = path_in_message(diagnostic.message);
    const std::string message =
        path.empty() ? diagnostic.message : diagnostic.message.substr(path.size() + 2);
    problems.push_back({.path = path,
                        .message = QString::fromStdString(message),
                        .hint = QString::fromStdString(diagnostic.hint)});
  }
  return problems;
}

}  // namespace

Outcome run_request(const RunRequest& request, const planner::Catalogue& catalogue,
                    const planner::Progress& progress) {
  QElapsedTimer timer;
  timer.start();
  Outcome outcome;
  try {
    planner::Scenario scenario = planner::scenario_from_text(request.yaml, request.file, catalogue);
    if (!request.as_in_file) {
      detach(scenario);
    }
    const auto timeline = std::make_shared<report::Timeline>();
    auto result = std::make_shared<planner::RunResult>(
        planner::run(scenario, catalogue, progress,
                     {.keep_requests = keeps_requests(scenario), .observer = timeline.get()}));
    outcome.result = std::move(result);
    outcome.timeline = timeline;
  } catch (const config::Error& error) {
    outcome.problems = problems_of(error);
  }
  outcome.milliseconds = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
  return outcome;
}

ScenarioRuns::ScenarioRuns(planner::Catalogue catalogue, QObject* parent)
    : QObject(parent), catalogue_(std::move(catalogue)) {}

void ScenarioRuns::run(int id, RunRequest request) {
  Entry& entry = entries_[id];
  if (!entry.job) {
    entry.job = std::make_unique<BackgroundJob>();
    connect(entry.job.get(), &BackgroundJob::progressed, this,
            [this, id](qint64 done, qint64 expected) { emit progressed(id, done, expected); });
    connect(entry.job.get(), &BackgroundJob::runningChanged, this, [this] { emit runningChanged(); });
    connect(entry.job.get(), &BackgroundJob::failed, this, [this, id](const QString& message) {
      Outcome failed;
      failed.problems = {{.message = message}};
      entries_[id].outcome = std::make_shared<const Outcome>(std::move(failed));
      emit outcomeChanged(id);
    });
  }
  entry.job->start([this, id, request = std::move(request),
                    catalogue = catalogue_](const BackgroundJob::Progress& progress) {
    auto outcome = std::make_shared<const Outcome>(run_request(request, catalogue, progress));
    return [this, id, outcome] {
      entries_[id].outcome = outcome;
      emit outcomeChanged(id);
    };
  });
}

void ScenarioRuns::forget(int id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) {
    return;
  }
  found->second.outcome.reset();
  if (found->second.job) {
    found->second.job->cancel();
  }
}

void ScenarioRuns::cancelAll() {
  for (auto& [id, entry] : entries_) {
    if (entry.job) {
      entry.job->cancel();
    }
  }
}

std::shared_ptr<const Outcome> ScenarioRuns::outcome(int id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.outcome;
}

bool ScenarioRuns::running(int id) const {
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.job && found->second.job->running();
}

bool ScenarioRuns::anyRunning() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& entry) { return entry.second.job && entry.second.job->running(); });
}

}  // namespace mtok::gui
