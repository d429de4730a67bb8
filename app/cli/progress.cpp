// Draws the progress line.
#include "app/cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/cli/interrupt.hpp"
#include "app/report/text.hpp"

namespace mtok::cli {
namespace {

constexpr auto kBetweenFrames = std::chrono::milliseconds(100);
constexpr const char* kWipe = "\r\x1b[K";  // to the start of the line, then clear it

std::string frame(const std::string& what, std::int64_t ended, std::int64_t expected) {
  constexpr std::int64_t kWidth = 24;
  if (expected <= 0) {
    return fmt::format("{} {}", report::grouped(ended), what);
  }
  const std::int64_t share = std::clamp<std::int64_t>(kWidth * ended / expected, 0, kWidth);
  return fmt::format("[{}{}]  {} / {} {}", std::string(static_cast<std::size_t>(share), '#'),
                     std::string(static_cast<std::size_t>(kWidth - share), '.'), report::grouped(ended),
                     report::grouped(expected), what);
}

}  // namespace

ProgressBar::ProgressBar(std::string what, bool quiet)
    : what_(std::move(what)), shown_(!quiet && isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (drawn_) {
    static_cast<void>(std::fputs(kWipe, stderr));
  }
}

bool ProgressBar::advance(std::int64_t ended, std::int64_t expected) {
  if (shown_) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_) {
      static_cast<void>(std::fputs((kWipe + frame(what_, ended, expected)).c_str(), stderr));
      next_ = now + kBetweenFrames;
      drawn_ = true;
    }
  }
  return !interrupted();
}

}  // namespace mtok::cli
