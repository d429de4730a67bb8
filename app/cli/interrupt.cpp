// Handlers of SIGINT, SIGTERM and SIGPIPE.
#include "app/cli/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace mtok::cli {
namespace {

/// Set by the handler, read by every thread that reports progress.
std::atomic<bool> interrupt_seen = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not wait");

std::atomic<bool> terminate_seen = false;

void note_interrupt(int signal) {
  terminate_seen = signal == SIGTERM;
  interrupt_seen = true;
}

void listen_to(int signal) {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  static_cast<void>(sigaction(signal, &action, nullptr));
}

}  // namespace

void prepare_signals() {
  listen_to(SIGINT);
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

void stop_when_terminated() {
  listen_to(SIGTERM);
}

bool terminated() {
  return terminate_seen;
}

bool interrupted() {
  return interrupt_seen;
}

}  // namespace mtok::cli
