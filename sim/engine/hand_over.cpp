// From prefill to decode: choice of the replica, transfer, books.
#include "sim/engine/hand_over.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace mtok::engine {

HandOver::HandOver(const DecodePool& pool, std::int64_t prefill_replicas)
    : geometry_(pool.scheduler.kv_geometry),
      first_(static_cast<std::size_t>(prefill_replicas)),
      transfers_(pool.link, prefill_replicas, pool.replicas),
      loads_(static_cast<std::size_t>(pool.replicas), 0, INT64_MAX),
      at_replica_(static_cast<std::size_t>(pool.replicas)),
      coming_(static_cast<std::size_t>(pool.replicas)),
      record_{.replicas = pool.replicas,
              .devices_per_replica = pool.devices_per_replica,
              .kv_blocks_per_replica = pool.scheduler.kv_pages / geometry_.pages_per_block()} {
  assert(pool.replicas >= 1 && pool.timer != nullptr);
}

void HandOver::depart(Sequence& sequence, std::size_t from, SimTime now) {
  sequence.record.outcome = Outcome::unfinished;
  sequence.target_output += std::exchange(sequence.output_elsewhere, 0);
  sequence.received = sequence.record.input_tokens;
  sequence.prefix_hit = 0;
  const std::size_t decoder = loads_.index_of_least();
  const std::int64_t pages = geometry_.pages_for(sequence.received);
  const SimTime at = transfers_.send(from, decoder, pages, sequence.record.scheduled, now);
  record_.transfers += 1;
  record_.pages_moved += pages;
  record_.transfer_time += between(now, at);
  coming_[decoder] += 1;
  update(decoder);
  on_the_way_.push_back(
      {.at = at, .id = sequence.record.id, .replica = first_ + decoder, .sequence = &sequence});
  std::push_heap(on_the_way_.begin(), on_the_way_.end());
}

HandOver::Landing HandOver::land() {
  std::pop_heap(on_the_way_.begin(), on_the_way_.end());
  const Landing landing = on_the_way_.back();
  on_the_way_.pop_back();
  coming_[landing.replica - first_] -= 1;  // set_load follows when the replica has taken it
  return landing;
}

void HandOver::set_load(std::size_t replica, std::int64_t load) {
  at_replica_[replica - first_] = load;
  update(replica - first_);
}

void HandOver::abandon(std::vector<Sequence*>& all) {
  while (!on_the_way_.empty()) {
    all.push_back(land().sequence);
  }
}

}  // namespace mtok::engine
