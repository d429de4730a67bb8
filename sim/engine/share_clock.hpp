// The decode time that falls on one sequence of a batch, as a clock that sequences read when they join and
// leave.
#pragma once

#include <cassert>
#include <cstdint>

#include "sim/engine/ticks.hpp"

namespace mtok::engine {

/// Runs at 1/n of the decode time while n sequences decode. Time is divided once for each stretch in which
/// the sequences stay the same, so a stretch counts the same whether its steps come one by one or at once.
class ShareClock {
 public:
  /// Decode time of steps of the same `sequences`. Requires close() before their number changes.
  void add(Ticks decode, std::int64_t sequences) {
    assert(pending_ == Ticks{} || sequences == sequences_);
    pending_ += decode;
    sequences_ = sequences;
  }
  /// Ends the stretch, since a sequence joins or leaves; returns the clock's reading.
  Ticks close() {
    if (pending_ != Ticks{}) {
      reading_ += pending_ / sequences_;
      pending_ = {};
    }
    return reading_;
  }

 private:
  Ticks reading_{};
  Ticks pending_{};
  std::int64_t sequences_ = 1;
};

}  // namespace mtok::engine
