// Recorded requests of real engines: what came when, and how it fared.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/engine/run_record.hpp"
#include "sim/workload/request.hpp"

namespace mtok::validation {

/// One recorded run: its deployment, its requests in order of arrival and how they fared.
struct RecordedRun {
  std::string name{};
  std::string model{};  ///< as the file names it, and the device
  std::string gpu{};
  std::int64_t tp = 1;
  std::int64_t max_num_seqs = 0;
  std::int64_t max_num_batched_tokens = 0;
  std::vector<workload::Request> requests{};
  engine::RunRecord measured{};
};

/// The runs of a file with the columns of the request traces. Throws config::Error when the file is not of
/// that kind.
[[nodiscard]] std::vector<RecordedRun> read_recorded_runs(const std::filesystem::path& file);

/// Those of all files beside `file` whose names begin with "request_traces" and end in ".csv", in order of
/// name.
[[nodiscard]] std::vector<RecordedRun> recorded_runs_beside(const std::filesystem::path& file);

}  // namespace mtok::validation
