// Gives each request of a stream its adapter.
#include "sim/workload/adapters.hpp"

#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/workload/random.hpp"

namespace mtok::workload {
namespace {

class AdapterSource final : public RequestSource {
 public:
  AdapterSource(std::unique_ptr<RequestSource> source, const std::optional<AdapterDraw>& draw,
                std::uint64_t seed)
      : source_(std::move(source)), random_(Random::stream(seed, "adapters")) {
    if (draw) {
      std::vector<std::int64_t> numbers(static_cast<std::size_t>(draw->adapters));
      std::iota(numbers.begin(), numbers.end(), 0);
      drawn_.emplace(std::move(numbers), zipf_weights(draw->adapters, draw->skew));
      share_ = draw->share;
    }
  }

  [[nodiscard]] bool next(Request& request) override {
    if (!source_->next(request)) {
      return false;
    }
    request.adapter = drawn_ ? draw() : named(request.model);
    if (request.adapter >= 0) {
      for (std::uint64_t& id : request.hash_ids) {
        id ^= of_adapter(request.adapter);
      }
    }
    return true;
  }
  [[nodiscard]] Skipped skipped() const override { return source_->skipped(); }
  [[nodiscard]] std::int64_t hash_block_size() const override { return source_->hash_block_size(); }

 private:
  [[nodiscard]] std::int32_t draw() {
    const bool any = random_.uniform() < share_;
    const std::int64_t number = drawn_->draw(random_);
    return any ? static_cast<std::int32_t>(number) : -1;
  }
  [[nodiscard]] std::int32_t named(const std::string& model) {
    if (model.empty()) {
      return -1;
    }
    return numbers_.emplace(model, static_cast<std::int32_t>(numbers_.size())).first->second;
  }
  /// SplitMix64's output function: ids of a trace are small numbers, these differ in all bits.
  [[nodiscard]] static std::uint64_t of_adapter(std::int32_t adapter) {
    std::uint64_t z = (static_cast<std::uint64_t>(adapter) + 1) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }

  std::unique_ptr<RequestSource> source_;
  Random random_;
  std::optional<Empirical> drawn_{};
  double share_ = 1;
  std::unordered_map<std::string, std::int32_t> numbers_;  // looked up only, never walked
};

}  // namespace

std::unique_ptr<RequestSource> with_adapters(std::unique_ptr<RequestSource> source,
                                             const std::optional<AdapterDraw>& draw, std::uint64_t seed) {
  return std::make_unique<AdapterSource>(std::move(source), draw, seed);
}

}  // namespace mtok::workload
