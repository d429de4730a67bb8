// The result of one run as text: for programs, for terminals, for spreadsheets, for documents.
#pragma once

#include <string>

#include "app/report/form.hpp"
#include "sim/planner/run.hpp"

namespace mtok::report {

/// What the command line added to the scenario and the figures depend on.
struct RunFlags {
  std::string trace{};       ///< name of the trace that took the place of the workload's; empty: none
  bool match_pools = false;  ///< replicas were sized
};

/// Pure functions of the result: no time of day, no name of the machine. A run that cannot be feasible gives
/// the reason, what it needs and has, and the remedies, in place of figures.

/// Schema `mtok.run/1`.
[[nodiscard]] std::string run_json(const planner::RunResult& result, const RunFlags& flags = {});
/// The same document as lines of key and value.
[[nodiscard]] std::string run_csv(const planner::RunResult& result, const RunFlags& flags = {});
[[nodiscard]] std::string run_table(const planner::RunResult& result, bool colour);
[[nodiscard]] std::string run_markdown(const planner::RunResult& result);
[[nodiscard]] std::string run_text(const planner::RunResult& result, Form form, const RunFlags& flags = {});

}  // namespace mtok::report
