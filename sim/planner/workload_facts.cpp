// Opens the workload of a scenario, picks its slice by a hash of the position, and counts.
#include "sim/planner/workload_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "sim/engine/prefix_reuse.hpp"
#include "sim/workload/adapters.hpp"
#include "sim/workload/random.hpp"
#include "sim/workload/read_ahead.hpp"
#include "sim/workload/tiers.hpp"

namespace mtok::planner {
namespace {

class SlicedSource final : public workload::RequestSource {
 public:
  SlicedSource(std::unique_ptr<workload::RequestSource> source, const Slice& slice)
      : source_(std::move(source)), slice_(slice) {}

  [[nodiscard]] bool next(workload::Request& request) override {
    while (source_->next(request)) {
      const double place = place_of(position_++);
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

/// Requests that are in memory already.
class ListSource final : public workload::RequestSource {
 public:
  ListSource(std::shared_ptr<const std::vector<workload::Request>> requests, std::int64_t hash_block_size)
      : requests_(std::move(requests)), hash_block_size_(hash_block_size) {}
  [[nodiscard]] std::int64_t hash_block_size() const override { return hash_block_size_; }

  [[nodiscard]] bool next(workload::Request& request) override {
    if (at_ == requests_->size()) {
      return false;
    }
    request = (*requests_)[at_++];
    return true;
  }

 private:
  std::shared_ptr<const std::vector<workload::Request>> requests_;
  std::int64_t hash_block_size_;
  std::size_t at_ = 0;
};

std::unique_ptr<workload::RequestSource> open_choice(const WorkloadChoice& choice, std::uint64_t seed) {
  if (choice.requests) {
    return std::make_unique<ListSource>(choice.requests, choice.requests_hash_block_size);
  }
  return choice.trace ? workload::open_trace(*choice.trace, choice.trace_options)
                      : workload::make_synthetic(*choice.synthetic, seed);
}

std::unique_ptr<workload::RequestSource> open_whole(const Scenario& scenario) {
  std::unique_ptr<workload::RequestSource> source = open_choice(scenario.workload, scenario.seed);
  if (scenario.lora && !scenario.workload.requests) {
    source = workload::with_adapters(std::move(source), scenario.lora->draw, scenario.seed);
  }
  if (!scenario.batch || scenario.workload.requests) {
    return source;  // a list in memory was read with its batch tier, and its adapters
  }
  const std::uint64_t batch_seed = workload::Random::stream(scenario.seed, "batch tier").next();
  std::unique_ptr<workload::RequestSource> batch = open_choice(*scenario.batch, batch_seed);
  const std::int64_t own = source->hash_block_size();
  const std::int64_t other = batch->hash_block_size();
  if (own != other && own > 0 && other > 0) {
    throw config::Error(
        {.file = scenario.file.string(),
         .at = {1, 1},
         .message =
             fmt::format("batch: hash blocks of {} tokens, but those of the workload have {}", other, own)});
  }
  return workload::with_batch(std::move(source), std::move(batch),
                              scenario.batch->load.kind == engine::Load::Kind::offline);
}

/// The value at the rank below the 99th percentile; 0 when there is none. Reorders the values.
std::int64_t lower_p99(std::vector<std::int64_t>& values) {
  if (values.empty()) {
    return 0;
  }
  const auto at = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) * 99 / 100);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

/// SplitMix64's output function (Steele, Lea, Flood 2014).
double place_of(std::uint64_t position) {
  std::uint64_t z = (position + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return static_cast<double>((z ^ (z >> 31U)) >> 11U) * 0x1.0p-53;
}

std::unique_ptr<workload::RequestSource> open_workload(const Scenario& scenario) {
  const Slice& slice = scenario.workload.slice;
  std::unique_ptr<workload::RequestSource> source = open_whole(scenario);
  if (slice.from <= 0 && slice.to >= 1) {
    return source;
  }
  return std::make_unique<SlicedSource>(std::move(source), slice);
}

std::unique_ptr<workload::RequestSource> open_for_run(const Scenario& scenario, const WorkloadFacts& facts) {
  constexpr std::int64_t kWorthAThread = 100'000;
  std::unique_ptr<workload::RequestSource> source = open_workload(scenario);
  const bool in_memory = scenario.workload.requests != nullptr;
  return in_memory || facts.requests < kWorthAThread ? std::move(source)
                                                     : workload::read_ahead(std::move(source));
}

std::optional<WorkloadFacts> known_facts(const Scenario& scenario) {
  const WorkloadChoice& choice = scenario.workload;
  const bool whole = choice.slice.from <= 0 && choice.slice.to >= 1;
  if (whole && choice.requests && choice.facts) {
    return *choice.facts;
  }
  const bool batch_known = !scenario.batch || scenario.batch->synthetic;
  if (!whole || !choice.synthetic || !batch_known || open_workload(scenario)->hash_block_size() > 0) {
    return std::nullopt;
  }
  const std::int64_t batch = scenario.batch ? scenario.batch->synthetic->requests : 0;
  return WorkloadFacts{.requests = choice.synthetic->requests + batch};
}

WorkloadFacts look_through(const Scenario& scenario, std::int64_t lru_blocks) {
  const std::unique_ptr<workload::RequestSource> source = open_workload(scenario);
  WorkloadFacts facts;
  std::unordered_set<std::uint64_t> seen;
  std::optional<engine::LruPrefixHits> lru;
  if (lru_blocks > 0) {
    lru.emplace(lru_blocks);
  }
  std::vector<std::int64_t> inputs;
  std::vector<std::int64_t> decoding_inputs;
  workload::Request request;
  while (source->next(request)) {
    facts.requests += 1;
    facts.input_tokens += request.input_tokens;
    facts.output_tokens += request.output_tokens;
    facts.longest_request = std::max(facts.longest_request, request.input_tokens + request.output_tokens);
    facts.last_arrival_ns = std::max(facts.last_arrival_ns, request.arrival_ns);
    inputs.push_back(request.input_tokens);
    if (request.output_tokens > 1) {
      decoding_inputs.push_back(request.input_tokens);
    }
    facts.hash_blocks += static_cast<std::int64_t>(request.hash_ids.size());
    bool leading = true;
    for (const std::uint64_t id : request.hash_ids) {
      leading = leading && seen.contains(id);
      facts.unbounded_prefix_hits += leading ? 1 : 0;
    }
    seen.insert(request.hash_ids.begin(), request.hash_ids.end());
    if (lru) {
      lru->add(request);
    }
  }
  facts.lru_prefix_hits = lru ? lru->hits() : 0;
  facts.input_p99 = lower_p99(inputs);
  facts.decoding_input_p99 = lower_p99(decoding_inputs);
  facts.hash_block_size = source->hash_block_size();
  facts.skipped = source->skipped();
  return facts;
}

}  // namespace mtok::planner
