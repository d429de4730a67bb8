// The verbs of the command line, one file each.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <functional>

#include "app/cli/exit_code.hpp"

namespace mtok::cli {

/// What the command line asked for, ready to be done.
using Command = std::function<ExitCode()>;

/// Each adds its verb, with flags and help; when the verb is named, parsing sets `command`.
void add_run(CLI::App& app, Command& command);
void add_capacity(CLI::App& app, Command& command);
void add_compare(CLI::App& app, Command& command);
void add_diff(CLI::App& app, Command& command);
void add_explain(CLI::App& app, Command& command);
void add_export(CLI::App& app, Command& command);
void add_ladder(CLI::App& app, Command& command);
void add_plan(CLI::App& app, Command& command);
void add_sensitivity(CLI::App& app, Command& command);
void add_show(CLI::App& app, Command& command);
void add_sweep(CLI::App& app, Command& command);
void add_import(CLI::App& app, Command& command);
void add_validate(CLI::App& app, Command& command);
void add_generate(CLI::App& app, Command& command);
void add_calibrate(CLI::App& app, Command& command);
void add_report(CLI::App& app, Command& command);
void add_verify(CLI::App& app, Command& command);

using AddVerb = void (*)(CLI::App&, Command&);
inline constexpr auto kVerbs =
    std::to_array<AddVerb>({add_run, add_capacity, add_compare, add_diff, add_explain, add_export, add_ladder,
                            add_plan, add_sensitivity, add_sweep, add_show, add_import, add_validate,
                            add_generate, add_calibrate, add_report, add_verify});

}  // namespace mtok::cli
