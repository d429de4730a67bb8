// The decoding sequences of a replica as sums, so that they advance together in constant time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/completion_wheel.hpp"
#include "sim/engine/kv_pool.hpp"
#include "sim/engine/sequence.hpp"

namespace mtok::engine {

/// Every member gets one token in every step, so what a member sees in step s is its offset plus s: sums over
/// the members need no walk. A member takes a new block when its keys pass a multiple of the block size,
/// that is, in steps of one residue; the pages that each residue takes are counted. Edges of windows lie in a
/// heap by the step in which they are passed, completions in a wheel.
class DecodeSet {
 public:
  DecodeSet(const KvGeometry& geometry, std::span<const std::int64_t> windows);

  /// The step to be done next. Moving on passes the edges of windows on the way.
  [[nodiscard]] std::int64_t step() const { return step_; }
  void move_to(std::int64_t step);

  /// The sequence gets its next token in step(). Requires computed and output tokens to be up to date.
  void join(Sequence& sequence);
  /// Takes a member out before step() and brings its computed and output tokens up to date.
  void leave(Sequence& sequence);

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(members_.size()); }
  [[nodiscard]] std::span<Sequence* const> members() const { return members_; }
  /// Keys that the new tokens of step() see together.
  [[nodiscard]] std::int64_t context() const { return offsets_ + size() * step_; }
  /// The same cut to each window, and by how much it grows a step; valid until the next change.
  [[nodiscard]] std::span<const std::int64_t> windowed();
  [[nodiscard]] std::span<const std::int64_t> windowed_growth() const { return inside_; }

  /// The first step, from step() on, at whose start an edge of a window or of its blocks is passed.
  [[nodiscard]] std::int64_t next_edge();
  /// The step that gives some member its last token.
  [[nodiscard]] std::int64_t next_completion() const;
  /// Takes out a member that got its last token before step(); null when there is none.
  [[nodiscard]] Sequence* pop_completed();

  /// Pages that the members need for `steps` steps from step `from` on. Holds up to the next edge.
  [[nodiscard]] std::int64_t pages_for(std::int64_t from, std::int64_t steps) const;
  /// How many steps from step `from` on `pages` last. Holds up to the next edge.
  [[nodiscard]] std::int64_t steps_with(std::int64_t from, std::int64_t pages) const;
  [[nodiscard]] std::int64_t pages_per_block() const { return pages_per_block_; }
  /// Does every member that needs pages for a step need the same number of them?
  [[nodiscard]] bool even_pages() const { return capped_.empty(); }
  /// Pages that one member needs for step().
  [[nodiscard]] std::int64_t pages_of(const Sequence& member) const;

 private:
  struct Edge {
    std::int64_t step = 0;
    std::int64_t serial = 0;  ///< of the admission for which it was noted: stale when the member has left
    Sequence* sequence = nullptr;
    std::size_t what = 0;                                  ///< a window, or after those a group of layers
    friend bool operator<(const Edge& a, const Edge& b) {  // max-heap, so "less" means later
      const bool later = a.step > b.step;
      const bool behind = a.step == b.step && a.serial > b.serial;
      return later || behind;
    }
  };
  /// Layers whose blocks stop growing where the window is full.
  struct CappedGroup {
    std::int64_t keys = 0;  ///< beyond these the next block needs no page of the group
    std::int64_t weight = 0;
  };

  [[nodiscard]] static bool stale(const Edge& edge) { return edge.sequence->serial != edge.serial; }
  [[nodiscard]] std::int64_t edge_step(std::size_t what, std::int64_t offset) const;
  [[nodiscard]] std::size_t bucket_of(std::int64_t step) const {
    return static_cast<std::size_t>(block_.rest(step));
  }
  [[nodiscard]] std::size_t bucket_of(const Sequence& sequence) const;
  void add_pages(const Sequence& sequence, std::int64_t pages);
  void pass(const Edge& edge);

  KvGeometry geometry_;
  BlockSize block_;
  std::int64_t pages_per_block_;
  std::vector<std::int64_t> windows_;
  std::vector<CappedGroup> capped_;

  std::int64_t step_ = 0;
  std::vector<Sequence*> members_;
  std::int64_t offsets_ = 0;                  ///< sum over the members
  std::vector<std::int64_t> inside_;          ///< by window: members that see less than it
  std::vector<std::int64_t> inside_offsets_;  ///< sum over them
  std::vector<std::int64_t> windowed_;
  std::vector<std::int64_t> bucket_pages_;  ///< by step modulo block size
  std::int64_t cycle_pages_ = 0;            ///< sum over the buckets
  std::vector<Edge> edges_;
  CompletionWheel completions_{};
};

}  // namespace mtok::engine
