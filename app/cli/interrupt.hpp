// Ctrl-C as a wish to stop, not as a blow.
#pragma once

namespace mtok::cli {

/// From here on the first SIGINT only sets a flag, the second one ends the program; a closed pipe is an error
/// of the write, not a signal.
void prepare_signals();
/// From here on the first SIGTERM, as schedulers of jobs send it, stops as SIGINT does.
void stop_when_terminated();
/// SIGINT has come, or SIGTERM where it stops.
[[nodiscard]] bool interrupted();
/// It was SIGTERM.
[[nodiscard]] bool terminated();

}  // namespace mtok::cli
