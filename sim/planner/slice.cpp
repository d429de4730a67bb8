// Picks the requests of a slice by a hash of their position.
#include "sim/planner/slice.hpp"

#include <utility>

namespace mtok::planner {
namespace {

/// SplitMix64's output function (Steele, Lea, Flood 2014) as a number in [0, 1).
double hashed(std::uint64_t position) {
  std::uint64_t z = (position + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return static_cast<double>((z ^ (z >> 31U)) >> 11U) * 0x1.0p-53;
}

class SlicedSource final : public workload::RequestSource {
 public:
  SlicedSource(std::unique_ptr<workload::RequestSource> source, const Slice& slice)
      : source_(std::move(source)), slice_(slice) {}

  [[nodiscard]] bool next(workload::Request& request) override {
    while (source_->next(request)) {
      const double place = hashed(position_++);
      if (place >= slice_.from && place < slice_.to) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] workload::Skipped skipped() const override { return source_->skipped(); }
  [[nodiscard]] std::int64_t hash_block_size() const override { return source_->hash_block_size(); }

 private:
  std::unique_ptr<workload::RequestSource> source_;
  Slice slice_;
  std::uint64_t position_ = 0;
};

}  // namespace

std::unique_ptr<workload::RequestSource> slice_of(std::unique_ptr<workload::RequestSource> source,
                                                  const Slice& slice) {
  if (slice.from <= 0 && slice.to >= 1) {
    return source;
  }
  return std::make_unique<SlicedSource>(std::move(source), slice);
}

}  // namespace mtok::planner
