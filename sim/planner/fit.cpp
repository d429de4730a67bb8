// Memory need against memory, and the search for the cheapest change that fits.
#include "sim/planner/fit.hpp"

#include <algorithm>

#include "sim/hardware/device.hpp"
#include "sim/planner/pricing.hpp"

namespace mtok::planner {
namespace {

using kernel::NumberFormat;

double memory_fraction(const FitQuestion& question) {
  return question.scenario->engine.gpu_memory_utilization.value_or(question.framework->memory_fraction);
}

/// Tokens that the cache of the longest request takes: whole blocks.
std::int64_t cached_tokens(const FitQuestion& question) {
  const std::int64_t block = question.scenario->engine.block_size.value_or(question.framework->block_size);
  return (question.longest_request + block - 1) / block * block;
}

std::string gigabytes(Bytes bytes) {
  return units::fixed(bytes.base() * 1e-9, 1) + " GB";
}

/// Said where the size of a block decides: it takes more than twice what the request needs.
std::string in_blocks(const FitQuestion& question) {
  const std::int64_t cached = cached_tokens(question);
  return cached > 2 * question.longest_request
             ? " in whole blocks of engine.block_size, " + std::to_string(cached) + " tokens"
             : "";
}

/// One change, tried on a copy of the question.
struct Candidate {
  std::string change{};
  Scenario scenario{};
  hardware::DeviceProfile device{};
};

std::vector<Candidate> narrower_weights(const FitQuestion& question) {
  const auto device = hardware::make_device(*question.device);
  const Bytes now = kernel::bytes_per_value(question.scenario->formats.weights);
  std::vector<Candidate> candidates;
  for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::int8, NumberFormat::int4}) {
    const bool weight_only = format == NumberFormat::int4;
    if (kernel::bytes_per_value(format) >= now || (!weight_only && !device->native(format))) {
      continue;
    }
    Candidate candidate{.scenario = *question.scenario, .device = *question.device};
    candidate.scenario.formats.weights = format;
    candidate.scenario.formats.activations = weight_only ? NumberFormat::bf16 : format;
    const std::string name(kernel::name_of(format));
    candidate.change = weight_only ? "formats: {weights: " + name + "}"
                                   : "formats: {weights: " + name + ", activations: " + name + "}";
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

Candidate more_devices(const FitQuestion& question, std::int64_t times) {
  Candidate candidate{.scenario = *question.scenario, .device = *question.device};
  candidate.scenario.device_count *= times;
  candidate.scenario.sharding.tensor *= times;
  candidate.change = "hardware: {device: " + question.device->name +
                     ", count: " + std::to_string(candidate.scenario.device_count) + "}";
  return candidate;
}

bool shards(const FitQuestion& question, std::int64_t times) {
  model::Sharding sharding = question.scenario->sharding;
  sharding.tensor *= times;
  return model::sharding_obstacle(*question.architecture, sharding).empty();
}

Bytes workspace(const FitQuestion& question) {
  return hardware::activation_bytes(
      *question.framework,
      question.scenario->engine.max_num_batched_tokens.value_or(question.framework->max_num_batched_tokens));
}

std::vector<Candidate> candidates_for(const FitQuestion& question, const Catalogue& catalogue) {
  std::vector<Candidate> candidates = narrower_weights(question);
  for (const std::int64_t times : {2, 4, 8}) {
    if (shards(question, times)) {
      candidates.push_back(more_devices(question, times));
    }
  }
  for (const std::string& name : catalogue.devices()) {
    const Catalogue::Lookup found = catalogue.find_device(name, {});
    if (!found.file || name == question.device->name) {
      continue;
    }
    FitQuestion other = question;
    const hardware::DeviceProfile device = catalogue.device(*found.file);
    other.device = &device;
    for (const std::int64_t times : {1, 2, 4, 8}) {
      if (shards(question, times)) {
        candidates.push_back(more_devices(other, times));
      }
    }
  }
  return candidates;
}

/// The scenario's own price holds for its own device only.
std::optional<UsdPerSecond> hourly_price(const hardware::DeviceProfile& device, const FitQuestion& question,
                                         const cost::PriceBook* book, const cost::CostTerms& terms) {
  PriceChoice choice = question.scenario->prices;
  if (device.name != question.device->name) {
    choice.per_device.reset();
    choice.purchase.reset();
  }
  const std::optional<cost::Price> found = price_of(book, device, choice, terms);
  return found ? std::optional(found->per_device) : std::nullopt;
}

}  // namespace

Bytes needed_per_device(const FitQuestion& question) {
  const Scenario& scenario = *question.scenario;
  const Bytes weights =
      model::weight_bytes_per_device(*question.architecture, scenario.formats.weights, scenario.sharding);
  const BytesPerToken kv = model::kv_bytes_per_token_per_device(*question.architecture,
                                                                scenario.formats.kv_cache, scenario.sharding);
  const Bytes state = model::state_bytes_per_sequence_per_device(*question.architecture, scenario.sharding);
  return weights + workspace(question) + state + kv * Tokens(static_cast<double>(cached_tokens(question)));
}

Bytes usable_per_device(const FitQuestion& question) {
  // What the rule leaves for the cache beside weights that are just taken, plus those weights and the
  // reserve.
  const Bytes weights = model::weight_bytes_per_device(
      *question.architecture, question.scenario->formats.weights, question.scenario->sharding);
  return hardware::kv_budget(*question.framework, memory_fraction(question), question.device->memory, weights,
                             workspace(question)) +
         weights + workspace(question);
}

Infeasible explain_misfit(const FitQuestion& question, const Catalogue& catalogue) {
  Infeasible answer{.need_per_device = needed_per_device(question),
                    .have_per_device = usable_per_device(question)};
  const Scenario& scenario = *question.scenario;
  answer.reason =
      question.architecture->name + " in " + std::string(kernel::name_of(scenario.formats.weights)) +
      " does not fit " + std::to_string(scenario.device_count) + " x " + question.device->name +
      ": each device needs " + gigabytes(answer.need_per_device) +
      " (weights, activations, the cache of one request of " + std::to_string(question.longest_request) +
      " tokens" + in_blocks(question) + ") and may use " + gigabytes(answer.have_per_device);

  const Catalogue::Lookup book_file =
      catalogue.find_price_book(scenario.prices.book, scenario.file.parent_path());
  const std::shared_ptr<const cost::PriceBook> book =
      book_file.file ? catalogue.price_book(*book_file.file) : nullptr;
  const cost::CostTerms terms = terms_of(catalogue, scenario.prices);
  for (Candidate& candidate : candidates_for(question, catalogue)) {
    FitQuestion tried = question;
    tried.scenario = &candidate.scenario;
    tried.device = &candidate.device;
    const std::optional<UsdPerSecond> price = hourly_price(candidate.device, question, book.get(), terms);
    const Bytes need = needed_per_device(tried);
    const Bytes have = usable_per_device(tried);
    if (price && need <= have) {
      answer.remedies.push_back(
          {.change = std::move(candidate.change),
           .need_per_device = need,
           .have_per_device = have,
           .per_replica = *price * static_cast<double>(candidate.scenario.device_count)});
    }
  }
  // Cheapest first; candidates were made from the smallest change to the largest, so the sort must be stable.
  std::stable_sort(answer.remedies.begin(), answer.remedies.end(),
                   [](const Remedy& a, const Remedy& b) { return a.per_replica < b.per_replica; });
  constexpr std::size_t kMost = 2;
  answer.remedies.resize(std::min(kMost, answer.remedies.size()));
  return answer;
}

}  // namespace mtok::planner
