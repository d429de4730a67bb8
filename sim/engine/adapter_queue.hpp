// Requests that wait for room in the batch and for their low-rank adapters, and the adapters of one replica.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/engine/lru_set.hpp"
#include "sim/engine/sequence.hpp"

namespace mtok::engine {

/// Low-rank adapters of one replica; names as vLLM's flags.
struct AdapterLimits {
  std::int64_t max_loras = 0;      ///< distinct ones in a batch, as many slots on the devices; 0: no adapters
  std::int64_t max_cpu_loras = 0;  ///< in the memory of the host; 0: room for all
  Seconds load{};                  ///< of one from the host to the devices
  Seconds fetch{};                 ///< of one from storage to the host
};

/// As vLLM V1: a request whose adapter is not in the batch while the batch has max_loras others lets those
/// behind it pass. Adapters stay in their slots until the slot is needed, the least recently used without
/// requests in the batch going first; the same in the memory of the host. Within what may pass, first come
/// first served.
class AdapterQueue {
 public:
  explicit AdapterQueue(const AdapterLimits& limits);

  void push(Sequence& sequence) {
    lane_of(sequence).push_back({last_ticket_++, &sequence});
    ++size_;
  }
  /// In front of all, since it has been admitted before.
  void push_front(Sequence& sequence) {
    lane_of(sequence).push_front({--first_ticket_, &sequence});
    ++size_;
  }
  /// The first who may pass; null when nobody may.
  [[nodiscard]] Sequence* head() const;
  /// Takes out head().
  void pop();
  [[nodiscard]] std::int64_t size() const { return size_; }
  /// Takes out all.
  void abandon(std::vector<Sequence*>& all);

  /// An admitted request has its adapter in the batch from now on. Returns how long that has to be waited
  /// for.
  [[nodiscard]] Seconds enter(const Sequence& sequence);
  void leave(const Sequence& sequence);
  /// Distinct adapters in the batch.
  [[nodiscard]] std::int64_t in_batch() const { return in_batch_; }
  [[nodiscard]] std::int64_t loads() const { return loads_; }      ///< from the host so far
  [[nodiscard]] std::int64_t fetches() const { return fetches_; }  ///< from storage so far

 private:
  struct Ticket {
    std::int64_t number = 0;
    Sequence* sequence = nullptr;
  };
  using Lane = std::deque<Ticket>;

  /// Lane 0 is of requests without adapter.
  [[nodiscard]] static std::size_t place_of(const Sequence& sequence) {
    return static_cast<std::size_t>(std::int64_t{sequence.adapter} + 1);
  }
  [[nodiscard]] Lane& lane_of(const Sequence& sequence);
  [[nodiscard]] bool may_pass(std::size_t lane) const {
    return lane == 0 || requests_[lane] > 0 || in_batch_ < limits_.max_loras;
  }
  /// The lane of head(); lanes_.size(): nobody may pass.
  [[nodiscard]] std::size_t next_lane() const;

  AdapterLimits limits_;
  std::vector<Lane> lanes_;
  std::vector<std::int64_t> requests_;  ///< in the batch, by lane
  std::vector<std::size_t> slots_;      ///< lanes whose adapters the devices hold, least recently used first
  LruSet host_;
  std::int64_t size_ = 0;
  std::int64_t in_batch_ = 0;
  std::int64_t first_ticket_ = 0;
  std::int64_t last_ticket_ = 0;
  std::int64_t loads_ = 0;
  std::int64_t fetches_ = 0;
};

}  // namespace mtok::engine
