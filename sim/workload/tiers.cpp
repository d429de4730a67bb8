// Merges two streams of requests by arrival.
#include "sim/workload/tiers.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace mtok::workload {
namespace {

class TieredSource final : public RequestSource {
 public:
  TieredSource(std::unique_ptr<RequestSource> interactive, std::unique_ptr<RequestSource> batch, bool at_once)
      : interactive_(std::move(interactive)), batch_(std::move(batch)), at_once_(at_once) {
    assert(interactive_->hash_block_size() == batch_->hash_block_size() ||
           interactive_->hash_block_size() == 0 || batch_->hash_block_size() == 0);
    has_interactive_ = interactive_->next(next_interactive_);
    read_batch();
  }

  [[nodiscard]] bool next(Request& request) override {
    if (!has_interactive_ && !has_batch_) {
      return false;
    }
    const bool batch =
        has_batch_ && (!has_interactive_ || next_batch_.arrival_ns < next_interactive_.arrival_ns);
    std::swap(request, batch ? next_batch_ : next_interactive_);
    if (batch) {
      read_batch();
    } else {
      has_interactive_ = interactive_->next(next_interactive_);
    }
    request.batch = batch;
    return true;
  }
  [[nodiscard]] Skipped skipped() const override {
    return {.failed = interactive_->skipped().failed + batch_->skipped().failed};
  }
  [[nodiscard]] std::int64_t hash_block_size() const override {
    return std::max(interactive_->hash_block_size(), batch_->hash_block_size());
  }

 private:
  void read_batch() {
    has_batch_ = batch_->next(next_batch_);
    if (!has_batch_) {
      return;
    }
    next_batch_.arrival_ns = at_once_ ? 0 : next_batch_.arrival_ns;
    for (std::uint64_t& id : next_batch_.hash_ids) {
      id = scattered(id);
    }
  }

  /// SplitMix64's output function, one to one: the ids of a trace are small numbers, these hardly ever are.
  [[nodiscard]] static std::uint64_t scattered(std::uint64_t id) {
    std::uint64_t z = id + 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }

  std::unique_ptr<RequestSource> interactive_;
  std::unique_ptr<RequestSource> batch_;
  bool at_once_;
  Request next_interactive_{};
  Request next_batch_{};
  bool has_interactive_ = false;
  bool has_batch_ = false;
};

}  // namespace

std::unique_ptr<RequestSource> with_batch(std::unique_ptr<RequestSource> interactive,
                                          std::unique_ptr<RequestSource> batch, bool at_once) {
  return std::make_unique<TieredSource>(std::move(interactive), std::move(batch), at_once);
}

}  // namespace mtok::workload
