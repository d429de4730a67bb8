// Reads recorded requests of real engines.
#include "sim/validation/recorded_run.hpp"

#include <algorithm>

#include "sim/validation/table.hpp"

namespace mtok::validation {
namespace {

namespace fs = std::filesystem;

SimTime at(double seconds) {
  return SimTime{static_cast<std::int64_t>(seconds * 1e9)};
}

}  // namespace

std::vector<RecordedRun> read_recorded_runs(const fs::path& file) {
  Table table(file, {"bench", "model", "gpu", "tp", "input_tokens", "output_tokens", "queued_s",
                     "first_token_s", "last_token_s"});
  std::vector<RecordedRun> runs;
  while (table.next()) {
    const std::string& name = table.cell("bench");
    if (runs.empty() || runs.back().name != name) {
      runs.push_back({.name = name,
                      .model = table.cell("model"),
                      .gpu = table.cell("gpu"),
                      .tp = table.integer("tp", 1),
                      .max_num_seqs = table.integer("max_num_seqs", 256),
                      .max_num_batched_tokens = table.integer("max_num_batched_tokens", 8192)});
    }
    RecordedRun& run = runs.back();
    // The client's clock starts the request; the engine sees it when it is queued.
    const double queued = table.number("queued_s", table.number("arrival_s", 0));
    run.requests.push_back({.arrival_ns = nanoseconds(at(queued)),
                            .input_tokens = table.integer("input_tokens", 1),
                            .output_tokens = table.integer("output_tokens", 1)});
    run.measured.requests.push_back({.outcome = engine::Outcome::completed,
                                     .arrival = at(queued),
                                     .scheduled = at(table.number("scheduled_s", queued)),
                                     .first_token = at(table.number("first_token_s", 0)),
                                     .last_token = at(table.number("last_token_s", 0)),
                                     .input_tokens = run.requests.back().input_tokens,
                                     .output_tokens = run.requests.back().output_tokens});
  }
  for (RecordedRun& run : runs) {
    std::stable_sort(run.requests.begin(), run.requests.end(),
                     [](const auto& a, const auto& b) { return a.arrival_ns < b.arrival_ns; });
  }
  return runs;
}

std::vector<RecordedRun> recorded_runs_beside(const fs::path& file) {
  std::error_code none;
  std::vector<fs::path> files;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("request_traces") && name.ends_with(".csv")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<RecordedRun> runs;
  for (const fs::path& one : files) {
    const std::vector<RecordedRun> more = read_recorded_runs(one);
    runs.insert(runs.end(), more.begin(), more.end());
  }
  return runs;
}

}  // namespace mtok::validation
