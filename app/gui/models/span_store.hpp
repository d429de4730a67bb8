// The spans of a run by replica, ready to be asked for any stretch of time at any zoom.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "app/report/timeline.hpp"

namespace mtok::gui {

enum class SpanKind { prefill, mixed, decode };

/// What a replica did over a stretch of time, as shares of it; what is left is idle.
struct SpanShares {
  std::array<double, 3> of{};  ///< by SpanKind
};

/// What stood in a replica at a moment.
struct SpanState {
  std::int64_t running = 0;
  std::int64_t waiting = 0;
  std::int64_t kv_used_pages = 0;
  std::int64_t kv_cached_pages = 0;
  std::int64_t preemptions = 0;  ///< since the start of the run
};

/// Answers in logarithmic time, however many spans there are: the sums up to each span are kept.
class SpanStore {
 public:
  SpanStore() = default;
  /// `replicas`: lanes, also of replicas that never worked. `kv_pages`: of one replica.
  SpanStore(const report::Timeline& timeline, std::size_t replicas, std::int64_t kv_pages);

  [[nodiscard]] std::size_t lanes() const { return lanes_.size(); }
  [[nodiscard]] std::size_t spans() const;
  [[nodiscard]] std::int64_t end_ns() const { return end_ns_; }
  [[nodiscard]] std::int64_t kv_pages() const { return kv_pages_; }

  /// Exact over whole spans; within a span its busy time counts as evenly spread. Requires from < to.
  [[nodiscard]] SpanShares shares(std::size_t lane, std::int64_t from_ns, std::int64_t to_ns) const;
  /// The same for `count` stretches of equal length, one after the other, from `from_ns` on; faster than to
  /// ask for each. `out` is given that size.
  void columns(std::size_t lane, double from_ns, double step_ns, std::size_t count,
               std::vector<SpanShares>& out) const;
  /// state() at the ends of such stretches.
  void states(std::size_t lane, double from_ns, double step_ns, std::size_t count,
              std::vector<SpanState>& out) const;
  /// Over the whole run.
  [[nodiscard]] std::int64_t preemptions(std::size_t lane) const;
  /// As the last span that ended at or before `at` left it.
  [[nodiscard]] SpanState state(std::size_t lane, std::int64_t at_ns) const;

 private:
  struct Lane {
    std::vector<std::int64_t> starts{};
    std::vector<std::int64_t> ends{};
    std::vector<std::array<std::int64_t, 3>> busy_before{};  ///< of all spans before this one; one entry more
    std::vector<SpanState> states{};
  };
  /// Busy time by kind up to a moment; `after`: how many spans start at or before it.
  [[nodiscard]] static std::array<double, 3> busy_until(const Lane& lane, std::size_t after,
                                                        std::int64_t at_ns);

  std::vector<Lane> lanes_;
  std::int64_t end_ns_ = 0;
  std::int64_t kv_pages_ = 0;
};

}  // namespace mtok::gui
