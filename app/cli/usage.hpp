// The general help, and what is said when a command line cannot be understood.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>

#include "app/cli/exit_code.hpp"

namespace mtok::cli {

/// Description, examples and flags of the program itself.
void describe(CLI::App& app);

/// Parses the command line. An exit code: there is nothing left to do, since help or the version was shown,
/// or the mistake was explained on stderr with the nearest known word.
[[nodiscard]] std::optional<ExitCode> parse(CLI::App& app, int count, const char* const* words);

}  // namespace mtok::cli
