// Ctrl-C as a wish to stop, not as a blow.
#pragma once

namespace mtok::cli {

/// From here on the first SIGINT only sets a flag, the second one ends the program; a closed pipe is an error
/// of the write, not a signal.
void prepare_signals();
/// SIGINT has come.
[[nodiscard]] bool interrupted();

}  // namespace mtok::cli
