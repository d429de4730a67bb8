// The verbs under `mtok calibrate`.
#pragma once

#include <CLI/CLI.hpp>

#include "app/cli/verbs.hpp"

namespace mtok::cli {

/// `mtok calibrate BENCH.json…`, the verb without a verb below it.
void add_calibrate_bench(CLI::App& calibrate, Command& command);
/// `mtok calibrate host`.
void add_calibrate_host(CLI::App& calibrate, Command& command);

}  // namespace mtok::cli
