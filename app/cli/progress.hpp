// A line on stderr that shows how far a run is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace mtok::cli {

/// `[#########...........]  412 / 2,000 requests`, redrawn at most ten times a second and wiped out at the
/// end. Draws nothing when stderr is no terminal or `quiet` is set. Not for use by two threads at once.
class ProgressBar {
 public:
  ProgressBar(std::string what, bool quiet);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Shows how far it is; `expected` 0: unknown. False once the user has asked to stop.
  [[nodiscard]] bool advance(std::int64_t ended, std::int64_t expected);

 private:
  std::string what_;
  bool shown_ = false;  ///< a terminal reads stderr and may be drawn on
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace mtok::cli
