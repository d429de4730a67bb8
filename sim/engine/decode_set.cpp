// The decoding sequences of a replica as sums: offsets, residues of blocks, edges, completions.
#include "sim/engine/decode_set.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>

namespace mtok::engine {
namespace {

constexpr std::int64_t kNoStep = CompletionWheel::kNoStep;

template <class T>
void push(std::vector<T>& heap, const T& entry) {
  heap.push_back(entry);
  std::push_heap(heap.begin(), heap.end());
}

template <class T>
void pop(std::vector<T>& heap) {
  std::pop_heap(heap.begin(), heap.end());
  heap.pop_back();
}

}  // namespace

DecodeSet::DecodeSet(const KvGeometry& geometry, std::span<const std::int64_t> windows)
    : geometry_(geometry),
      block_(geometry.block_size),
      pages_per_block_(geometry.pages_per_block()),
      windows_(windows.begin(), windows.end()),
      inside_(windows.size()),
      inside_offsets_(windows.size()),
      windowed_(windows.size()),
      bucket_pages_(static_cast<std::size_t>(geometry.block_size)) {
  for (const KvGeometry::Group& group : geometry.groups) {
    if (group.window > 0) {
      // The block that starts at this many keys is the first that takes no page more; see pages_for().
      const std::int64_t blocks = block_.needed(group.window) + 1;
      capped_.push_back({.keys = (blocks - 1) * block_.tokens() + 1, .weight = group.weight});
    }
  }
}

/// The first step at whose start the edge lies behind a member. A window is full when a token sees as many
/// keys as it has; a group is capped once its last block was taken.
std::int64_t DecodeSet::edge_step(std::size_t what, std::int64_t offset) const {
  const std::int64_t keys =
      what < windows_.size() ? windows_[what] : capped_[what - windows_.size()].keys + 1;
  return keys - offset;
}

/// A token that sees x keys needs a new block when x - 1 is a multiple of the block size; x = offset + step.
std::size_t DecodeSet::bucket_of(const Sequence& sequence) const {
  return static_cast<std::size_t>(block_.rest(1 - sequence.offset));
}

void DecodeSet::add_pages(const Sequence& sequence, std::int64_t pages) {
  bucket_pages_[bucket_of(sequence)] += pages;
  cycle_pages_ += pages;
}

void DecodeSet::join(Sequence& sequence) {
  sequence.offset = sequence.computed + 1 - step_;
  sequence.member = members_.size();
  members_.push_back(&sequence);
  offsets_ += sequence.offset;
  std::int64_t pages = pages_per_block_;
  for (std::size_t what = 0; what < windows_.size() + capped_.size(); ++what) {
    const std::int64_t step = edge_step(what, sequence.offset);
    const bool ahead = step > step_;
    if (ahead) {
      push(edges_, {.step = step, .serial = sequence.serial, .sequence = &sequence, .what = what});
    }
    if (what < windows_.size()) {
      inside_[what] += ahead ? 1 : 0;
      inside_offsets_[what] += ahead ? sequence.offset : 0;
    } else if (!ahead) {
      pages -= capped_[what - windows_.size()].weight;
    }
  }
  add_pages(sequence, pages);
  const std::int64_t left = sequence.target_output - sequence.record.output_tokens;
  sequence.due = step_ + left;
  completions_.add(sequence);
}

void DecodeSet::leave(Sequence& sequence) {
  assert(members_[sequence.member] == &sequence);
  members_[sequence.member] = members_.back();
  members_[sequence.member]->member = sequence.member;
  members_.pop_back();
  completions_.remove(sequence);
  offsets_ -= sequence.offset;
  std::int64_t pages = pages_per_block_;
  for (std::size_t what = 0; what < windows_.size() + capped_.size(); ++what) {
    const bool ahead = edge_step(what, sequence.offset) > step_;
    if (what < windows_.size()) {
      inside_[what] -= ahead ? 1 : 0;
      inside_offsets_[what] -= ahead ? sequence.offset : 0;
    } else if (!ahead) {
      pages -= capped_[what - windows_.size()].weight;
    }
  }
  add_pages(sequence, -pages);
  sequence.computed = sequence.offset + step_ - 1;
  sequence.record.output_tokens = sequence.computed + 1 - sequence.record.input_tokens;
}

void DecodeSet::pass(const Edge& edge) {
  if (edge.what < windows_.size()) {
    inside_[edge.what] -= 1;
    inside_offsets_[edge.what] -= edge.sequence->offset;
  } else {
    add_pages(*edge.sequence, -capped_[edge.what - windows_.size()].weight);
  }
}

void DecodeSet::move_to(std::int64_t step) {
  assert(step >= step_);
  step_ = step;
  completions_.move_to(step);
  while (!edges_.empty() && edges_.front().step <= step) {
    if (!stale(edges_.front())) {
      pass(edges_.front());
    }
    pop(edges_);
  }
}

std::span<const std::int64_t> DecodeSet::windowed() {
  for (std::size_t w = 0; w < windows_.size(); ++w) {
    windowed_[w] = inside_offsets_[w] + inside_[w] * step_ + (size() - inside_[w]) * windows_[w];
  }
  return windowed_;
}

std::int64_t DecodeSet::next_edge() {
  while (!edges_.empty() && stale(edges_.front())) {
    pop(edges_);
  }
  return edges_.empty() ? kNoStep : edges_.front().step;
}

std::int64_t DecodeSet::next_completion() const {
  const std::int64_t due = completions_.next();
  return due == kNoStep ? kNoStep : due - 1;
}

Sequence* DecodeSet::pop_completed() {
  Sequence* const sequence = completions_.due();
  if (sequence != nullptr) {
    leave(*sequence);
  }
  return sequence;
}

std::int64_t DecodeSet::pages_for(std::int64_t from, std::int64_t steps) const {
  std::int64_t pages = block_.full(steps) * cycle_pages_;
  std::size_t bucket = bucket_of(from);
  for (std::int64_t i = block_.rest(steps); i > 0; --i) {
    pages += bucket_pages_[bucket];
    bucket = bucket + 1 == bucket_pages_.size() ? 0 : bucket + 1;
  }
  return pages;
}

std::int64_t DecodeSet::steps_with(std::int64_t from, std::int64_t pages) const {
  if (cycle_pages_ == 0) {
    return kNoStep;
  }
  std::int64_t steps = pages / cycle_pages_ * block_.tokens();
  std::int64_t left = pages % cycle_pages_;
  std::size_t bucket = bucket_of(from);
  while (bucket_pages_[bucket] <= left) {
    left -= bucket_pages_[bucket];
    bucket = bucket + 1 == bucket_pages_.size() ? 0 : bucket + 1;
    ++steps;
  }
  return steps;
}

std::int64_t DecodeSet::pages_of(const Sequence& member) const {
  const std::int64_t keys = member.offset + step_;
  if (block_.rest(keys - 1) != 0) {  // inside a block
    return 0;
  }
  return geometry_.pages_for(keys) - geometry_.pages_for(keys - 1);
}

}  // namespace mtok::engine
