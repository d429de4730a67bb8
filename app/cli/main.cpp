// The command line: wires the verbs together and turns what went wrong into an exit code.
#include <fmt/format.h>

#include <exception>

#include "app/cli/interrupt.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/usage.hpp"
#include "app/cli/verbs.hpp"
#include "sim/config/diagnostic.hpp"

namespace {

using namespace mtok;  // NOLINT(google-build-using-namespace): the program is of mtok
using cli::ExitCode;

/// Does what was asked for; errors of the user's files end here, and so do ours.
ExitCode outcome_of(const cli::Command& command) {
  try {
    return command();
  } catch (const config::Error& error) {
    fmt::print(stderr, "{}\n", config::to_text(error.diagnostics()));
    return ExitCode::invalid_input;
  } catch (const cli::Refusal& error) {
    fmt::print(stderr, "mtok: error: {}\n", error.what());
    if (!error.hint().empty()) {
      fmt::print(stderr, "      hint: {}\n", error.hint());
    }
    return ExitCode::invalid_input;
  } catch (const std::exception& error) {
    fmt::print(stderr,
               "mtok: internal error: {}\nThis is a bug in mtok: please report it with the input files.\n",
               error.what());
    return ExitCode::bug;
  }
}

}  // namespace

int main(int count, char** words) {
  cli::prepare_signals();
  CLI::App app;
  cli::Command command;
  cli::describe(app);
  for (const cli::AddVerb add : cli::kVerbs) {
    add(app, command);
  }
  const std::optional<ExitCode> done = cli::parse(app, count, words);
  return static_cast<int>(done ? *done : outcome_of(command));
}
