// The way of a sequence's KV cache from the replica that computed its prompt to the one that decodes.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/units/quantity.hpp"
#include "sim/units/sim_time.hpp"

namespace mtok::engine {

/// What one sequence's KV needs of the link. A replica has as many lanes as it has data ranks: each rank
/// sends or receives one sequence after the other.
struct KvLink {
  Seconds per_page{};              ///< of the decode pool's geometry, at the slower of the two ends
  Seconds latency{};               ///< from the last byte sent until the sequence can be scheduled
  std::int64_t send_lanes = 1;     ///< of a prefill replica
  std::int64_t receive_lanes = 1;  ///< of a decode replica
  /// Above 0: each of so many layers is sent while prefill computes the next ones, so that beside the last
  /// layer only what the link could not keep up with remains when prefill ends. 0: sent when prefill has
  /// ended.
  std::int64_t overlapped_layers = 0;
};

/// Whole blocks move, cut-through: a transfer holds a lane of the sender and one of the receiver. First come,
/// first served. Leaves out: the lanes' use by the hidden part of layer-wise transfers, and that a sender
/// keeps the blocks until they were read (they are free when prefill ends).
class KvTransfers {
 public:
  KvTransfers(const KvLink& link, std::int64_t senders, std::int64_t receivers);

  /// Sends `pages` now, after a prefill that began at `prefill_start`. Returns when they can be used.
  [[nodiscard]] SimTime send(std::size_t sender, std::size_t receiver, std::int64_t pages,
                             SimTime prefill_start, SimTime now);

 private:
  /// When each lane of a replica is free, lanes of one replica side by side.
  struct Lanes {
    std::int64_t each = 1;
    std::vector<SimTime> free{};
    [[nodiscard]] SimTime& earliest(std::size_t replica);
  };
  [[nodiscard]] Seconds shown(std::int64_t pages, Seconds since_start) const;

  KvLink link_;
  Lanes senders_;
  Lanes receivers_;
};

}  // namespace mtok::engine
