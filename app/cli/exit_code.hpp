// What the program's exit code tells a script.
#pragma once

namespace mtok::cli {

enum class ExitCode {
  ok = 0,
  bug = 1,
  usage = 2,
  invalid_input = 3,
  nothing_feasible = 4,
  gate_failed = 5,
  partial = 6,
  interrupted = 130,
};

}  // namespace mtok::cli
