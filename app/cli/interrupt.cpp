// Handlers of SIGINT and SIGPIPE.
#include "app/cli/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace mtok::cli {
namespace {

/// Set by the handler, read by every thread that reports progress.
std::atomic<bool> interrupt_seen = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not wait");

void note_interrupt(int /*signal*/) {
  interrupt_seen = true;
}

}  // namespace

void prepare_signals() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  static_cast<void>(sigaction(SIGINT, &action, nullptr));
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

bool interrupted() {
  return interrupt_seen;
}

}  // namespace mtok::cli
