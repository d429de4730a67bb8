// Reads recorded requests of real engines.
#include "sim/validation/recorded_run.hpp"

#include <algorithm>

#include "sim/validation/table.hpp"

namespace mtok::validation {
namespace {

namespace fs = std::filesystem;

constexpr config::Range kTimes{.least = 0, .most = 4e9};  // seconds
constexpr config::IntRange kRanks{.least = 1, .most = 1024};
constexpr config::IntRange kSizes{.least = 1, .most = 1 << 24};
constexpr config::IntRange kTokens{.least = 1, .most = std::int64_t{1} << 40U};

SimTime at(double seconds) {
  return SimTime{static_cast<std::int64_t>(seconds * 1e9)};
}

/// The time in a column of this row; `earliest` when it has none. Throws config::Error when it is earlier.
SimTime time_in(const Table& table, std::string_view column, SimTime earliest) {
  if (table.cell(column).empty()) {
    return earliest;
  }
  const SimTime time = at(table.number(column, 0, kTimes));
  if (time < earliest) {
    table.refuse(column, "a request is queued, scheduled, answered first and last, in this order");
  }
  return time;
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
                      .tp = table.integer("tp", 1, kRanks),
                      .max_num_seqs = table.integer("max_num_seqs", 256, kSizes),
                      .max_num_batched_tokens = table.integer("max_num_batched_tokens", 8192, kSizes)});
    }
    RecordedRun& run = runs.back();
    // The client's clock starts the request; the engine sees it when it is queued.
    const SimTime queued = at(table.number("queued_s", table.number("arrival_s", 0, kTimes), kTimes));
    const SimTime scheduled = time_in(table, "scheduled_s", queued);
    const SimTime first = time_in(table, "first_token_s", scheduled);
    run.requests.push_back({.arrival_ns = nanoseconds(queued),
                            .input_tokens = table.integer("input_tokens", 1, kTokens),
                            .output_tokens = table.integer("output_tokens", 1, kTokens)});
    run.measured.requests.push_back({.outcome = engine::Outcome::completed,
                                     .arrival = queued,
                                     .scheduled = scheduled,
                                     .first_token = first,
                                     .last_token = time_in(table, "last_token_s", first),
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
