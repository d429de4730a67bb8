// Finds the files that a result was computed from, and computes it anew.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "sim/planner/catalogue.hpp"
#include "sim/planner/compare.hpp"
#include "sim/planner/run.hpp"
#include "sim/planner/sensitivity.hpp"

namespace mtok::cli {

/// What a result says about its origin.
struct Origin {
  std::string schema{};
  std::vector<planner::InputFile> inputs{};  ///< the scenario first
  std::string trace{};                       ///< name of the trace that was given on the command line
  bool match_pools = false;
  planner::SensitivityOptions sensitivity{};
};
/// From the text of a result. Throws config::Error.
[[nodiscard]] Origin origin_of(const std::string& file, const std::string& text);

/// The scenario file of a result, or its plan file: looked for as by scenario_of.
[[nodiscard]] std::filesystem::path scenario_file_of(const Origin& origin,
                                                     const std::filesystem::path& result,
                                                     const planner::Catalogue& catalogue);

/// The scenario of a result. Its file, and the trace where one was given, are looked for beside the result,
/// in the current folder, and in the shipped data, and must have the stated SHA-256; `given` names it
/// instead. Throws Refusal that says where was looked.
[[nodiscard]] planner::Scenario scenario_of(const Origin& origin, const std::filesystem::path& result,
                                            const planner::Catalogue& catalogue,
                                            const std::optional<std::filesystem::path>& given);

/// Gives inputs with a stated SHA-256 their stated names: where a file lies changes no figure.
void name_as_stated(std::vector<planner::InputFile>& inputs, const Origin& origin);

/// Runs the scenario of a run's result with the options that the result states; inputs have their stated
/// names.
[[nodiscard]] planner::RunResult run_again(const Origin& origin, planner::Scenario scenario,
                                           const planner::Catalogue& catalogue, bool keep_requests,
                                           bool quiet);
/// What `mtok run --format json` writes of it, with the same options.
[[nodiscard]] std::string written_again(const planner::RunResult& result, const Origin& origin);

/// Sizes the pools of a disaggregated scenario as `mtok run --match-pools` does; leaves them when no numbers
/// keep the SLO.
void size_pools(planner::Scenario& scenario, const planner::Catalogue& catalogue);

}  // namespace mtok::cli
