// A serving framework: its profile from YAML and its rule for the KV budget.
#include "sim/hardware/framework_profile.hpp"

#include <array>
#include <optional>
#include <vector>

#include "sim/config/reader.hpp"

namespace mtok::hardware {
namespace {

constexpr std::array<config::Choice<FrameworkProfile::BudgetRule>, 2> kRules{
    {{"share_of_total", FrameworkProfile::BudgetRule::share_of_total},
     {"share_of_free", FrameworkProfile::BudgetRule::share_of_free}}};

constexpr config::Range kHostTime{.least = 0, .most = 10};  // seconds of one step; more is a slip in its unit

/// 0.15.1 of "v0.15.1.post2", 1.2 of "1.2-era main"; empty where there is no number.
std::vector<std::int64_t> numbers_of(std::string_view version) {
  std::vector<std::int64_t> numbers;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t at = !version.empty() && version.front() == 'v' ? 1 : 0;
  while (at < version.size() && is_digit(version[at])) {
    std::int64_t number = 0;
    for (; at < version.size() && is_digit(version[at]) && number < 1'000'000'000; ++at) {
      number = number * 10 + (version[at] - '0');
    }
    numbers.push_back(number);
    at += at < version.size() && version[at] == '.' ? 1 : version.size();
  }
  return numbers;
}

/// The host time was fitted to benchmarks of the user: its source says so first.
void read_fitted(config::Reader& fitted, FrameworkProfile& profile) {
  const std::string data = fitted.text("data");
  const std::int64_t rows = fitted.integer("rows", config::kAtLeastOne);
  const double error = fitted.number("error", config::kNotNegative);
  const double judged = fitted.number("judged_error", config::kNotNegative);
  fitted.done();
  constexpr std::string_view kHost = "host_time: ";
  profile.source.insert(kHost.size(), "fitted to " + std::to_string(rows) + " measured points (" + data +
                                          "), median error " + units::fixed(error * 100, 1) +
                                          " %, of points left out " + units::fixed(judged * 100, 1) +
                                          " %; before: ");
}

}  // namespace

bool earlier_version(std::string_view a, std::string_view b) {
  const std::vector<std::int64_t> first = numbers_of(a);
  const std::vector<std::int64_t> second = numbers_of(b);
  return !first.empty() && (second.empty() || first < second);
}

FrameworkProfile load_framework(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  config::Reader root = document.root();
  FrameworkProfile profile;
  profile.name = root.text("name");
  profile.version = root.text("version");
  profile.below = root.text_or("below", "");

  config::Reader host = root.mapping("host_time");
  profile.step_overhead = host.quantity<Seconds>("step", kHostTime);
  profile.sequence_overhead = host.quantity<Seconds>("per_sequence", kHostTime);
  profile.host_hidden = host.number("hidden", config::kFraction);
  profile.eager_layer = host.quantity<Seconds>("eager_layer", kHostTime);
  profile.eager_kernel = host.quantity_or<Seconds>("eager_kernel", profile.eager_kernel, kHostTime);
  profile.launch_share = host.number("launch_share", config::kFraction);
  profile.request_overhead = host.quantity<Seconds>("request", kHostTime);
  profile.source = "host_time: " + host.text("source");
  host.done();

  config::Reader memory = root.mapping("memory");
  profile.budget_rule = memory.choice<FrameworkProfile::BudgetRule>("rule", kRules);
  profile.memory_fraction = memory.number("fraction", config::kFraction);
  profile.activation_memory = memory.quantity<Bytes>("activations", config::kNotNegative);
  profile.source += "\nmemory: " + memory.text("source");
  memory.done();

  config::Reader limits = root.mapping("limits");
  profile.block_size = limits.integer("block_size", config::kAtLeastOne);
  profile.max_num_seqs = limits.integer("max_num_seqs", config::kAtLeastOne);
  profile.max_num_batched_tokens = limits.integer("max_num_batched_tokens", config::kAtLeastOne);
  profile.output_reserve = limits.number("output_reserve", config::kFraction);
  profile.mixed_batches = limits.flag("mixed_batches");
  profile.schedules_ahead = limits.flag_or("schedules_ahead", profile.schedules_ahead);
  profile.source += "\nlimits: " + limits.text("source");
  limits.done();

  if (std::optional<config::Reader> fitted = root.find_mapping("fitted")) {
    read_fitted(*fitted, profile);
  }

  root.done();
  document.finish();
  return profile;
}

Bytes activation_bytes(const FrameworkProfile& framework, std::int64_t max_num_batched_tokens) {
  return framework.activation_memory * (static_cast<double>(max_num_batched_tokens) /
                                        static_cast<double>(framework.max_num_batched_tokens));
}

Bytes kv_budget(const FrameworkProfile& framework, double memory_fraction, Bytes memory, Bytes weights,
                Bytes activations) {
  if (framework.budget_rule == FrameworkProfile::BudgetRule::share_of_total) {
    return memory_fraction * memory - weights - activations;
  }
  const Bytes free = memory - weights - activations;
  return free > Bytes{} ? memory_fraction * free : free;
}

}  // namespace mtok::hardware
