// What the verbs that set predictions against measurements share: their flags, and where the outcomes go.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

#include "app/cli/exit_code.hpp"
#include "app/cli/output.hpp"
#include "app/cli/verbs.hpp"
#include "sim/validation/outcome.hpp"

namespace mtok::cli {

struct ValidateOptions {
  std::vector<std::string> files{};
  std::string rows{};     ///< file for one line an outcome; empty: none
  std::string picture{};  ///< SVG file; empty: none
  Output output{};

  /// Adds FILE..., --out, --svg and the flags of the result.
  void add_to(CLI::App& verb);
};

/// Writes the errors, and the files that the options name.
ExitCode deliver(std::span<const validation::Outcome> outcomes, std::string_view subject,
                 const ValidateOptions& options);

/// `mtok validate kernels`.
void add_validate_kernels(CLI::App& validate, Command& command);

/// `mtok validate host`.
void add_validate_host(CLI::App& validate, Command& command);

/// `mtok validate serving` and `mtok validate trace`.
void add_validate_serving(CLI::App& validate, Command& command);

}  // namespace mtok::cli
