// Reads the mapping `synthetic:` and checks that a workload can be drawn from it.
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "sim/workload/synthetic.hpp"

namespace mtok::workload {
namespace {

constexpr std::int64_t kMostRequests = 1'000'000'000;
constexpr std::int64_t kMostTokens = std::int64_t{1} << 30U;  // of one prompt, so that hash ids fit 64 bits
constexpr double kLongestSeconds = 1e9;
constexpr config::Range kRates{.least = 1e-6, .most = 1e9};
constexpr config::Range kVariation{.least = 0, .most = 100};
constexpr config::IntRange kLengthRange{.least = 1, .most = kMostTokens};

using Words = std::span<const std::string>;

const std::vector<std::string>& arrival_laws() {
  static const std::vector<std::string> laws{"poisson", "gamma", "constant", "weekly"};
  return laws;
}
const std::vector<std::string>& length_laws() {
  static const std::vector<std::string> laws{"fixed", "lognormal", "uniform", "exponential", "empirical"};
  return laws;
}

/// The one key of `mapping`, which is the value of `key`; empty with an error noted when it is not one of
/// `laws`.
std::string only_key(config::Reader& parent, std::string_view key, config::Reader& mapping, Words laws,
                     std::string_view example) {
  const std::vector<std::string> keys = mapping.keys();
  if (keys.size() == 1 && std::ranges::find(laws, keys.front()) != laws.end()) {
    return keys.front();
  }
  const std::string near = keys.size() == 1 ? config::nearest(keys.front(), laws) : "";
  parent.fail(key, fmt::format("expected exactly one of {}", fmt::join(laws, ", ")),
              near.empty() ? fmt::format("for example {}: {}", key, example)
                           : fmt::format("did you mean '{}'?", near));
  for (const std::string& extra : keys) {
    mapping.ignore(extra);
  }
  return {};
}

Arrivals read_arrivals(config::Reader& parent) {
  config::Reader reader = parent.mapping("arrivals");
  const std::string law = only_key(parent, "arrivals", reader, arrival_laws(), "{poisson: {rate_per_s: 10}}");
  Arrivals arrivals;
  if (!law.empty()) {
    config::Reader of_law = reader.mapping(law);
    arrivals.rate_per_s = of_law.number("rate_per_s", kRates);
    if (law == "gamma") {
      arrivals.kind = Arrivals::Kind::gamma;
      arrivals.cv = of_law.number("cv", {.least = 0.01, .most = 100});
    } else if (law == "weekly") {
      arrivals.kind = Arrivals::Kind::weekly;
      arrivals.cv = of_law.number_or("cv", 1, {.least = 0.01, .most = 100});
      arrivals.daily_swing = of_law.number("daily_swing", {.least = 0, .most = 0.99});
      arrivals.weekend = of_law.number("weekend", {.least = 0.01, .most = 100});
    } else {
      arrivals.kind = law == "poisson" ? Arrivals::Kind::poisson : Arrivals::Kind::constant;
    }
    of_law.done();
  }
  reader.done();
  return arrivals;
}

void read_empirical(config::Reader reader, Lengths& lengths) {
  lengths.kind = Lengths::Kind::empirical;
  lengths.values = reader.integers("values", kLengthRange);
  lengths.weights = reader.numbers("weights", {.least = 0, .most = 1e12});
  if (lengths.values.empty()) {
    reader.fail("values", "expected at least one value");
  } else if (lengths.values.size() != lengths.weights.size()) {
    reader.fail("weights",
                fmt::format("{} weights for {} values", lengths.weights.size(), lengths.values.size()));
  } else if (std::ranges::all_of(lengths.weights, [](double weight) { return weight == 0; })) {
    reader.fail("weights", "all weights are 0; expected one that is larger");
  }
  reader.done();
}

void read_bounds(config::Reader& reader, Lengths& lengths, bool required) {
  lengths.least =
      required ? reader.integer("least", kLengthRange) : reader.integer_or("least", 1, kLengthRange);
  lengths.most =
      required ? reader.integer("most", kLengthRange) : reader.integer_or("most", lengths.most, kLengthRange);
  if (lengths.least > lengths.most) {
    reader.fail("least", fmt::format("least ({}) is above most ({})", lengths.least, lengths.most));
  }
}

/// `{lognormal: {...}}` and its like.
Lengths read_law(config::Reader& reader, const std::string& law) {
  Lengths lengths;
  if (law == "fixed") {
    lengths.mean = static_cast<double>(reader.integer("fixed", kLengthRange));
    lengths.least = lengths.most = static_cast<std::int64_t>(lengths.mean);
  } else if (law == "empirical") {
    lengths.most = kMostTokens;
    read_empirical(reader.mapping(law), lengths);
  } else if (!law.empty()) {
    config::Reader of_law = reader.mapping(law);
    read_bounds(of_law, lengths, law == "uniform");
    lengths.kind = law == "uniform" ? Lengths::Kind::uniform : Lengths::Kind::exponential;
    if (law != "uniform") {
      lengths.mean = of_law.number("mean", {.least = 1, .most = static_cast<double>(kMostTokens)});
    }
    if (law == "lognormal") {
      lengths.kind = Lengths::Kind::lognormal;
      lengths.cv = of_law.number("cv", kVariation);
    }
    of_law.done();
  }
  return lengths;
}

Lengths read_lengths(config::Reader& parent, std::string_view key) {
  config::Reader reader = parent.mapping(key);
  const std::string law = only_key(parent, key, reader, length_laws(), "{fixed: 512}");
  const Lengths lengths = read_law(reader, law);
  reader.done();
  return lengths;
}

SharedPrefix read_shared_prefix(config::Reader reader) {
  SharedPrefix shared{.documents = reader.integer("documents", {.least = 1, .most = 1'000'000}),
                      .tokens = reader.integer("tokens", kLengthRange),
                      .zipf = reader.number_or("zipf", 0, {.least = 0, .most = 10})};
  reader.done();
  return shared;
}

Sessions read_sessions(config::Reader reader) {
  Sessions sessions{
      .turns = read_lengths(reader, "turns"),
      .think_time_s = reader.number("think_time_s", {.least = 0, .most = 1e6}),
      .assumed_tokens_per_s = reader.number_or("assumed_tokens_per_s", 30, {.least = 0.01, .most = 1e6})};
  reader.done();
  return sessions;
}

}  // namespace

SyntheticSpec read_synthetic(config::Reader reader) {
  SyntheticSpec spec;
  spec.requests = reader.integer("requests", {.least = 1, .most = kMostRequests});
  spec.arrivals = read_arrivals(reader);
  spec.input_tokens = read_lengths(reader, "input_tokens");
  spec.output_tokens = read_lengths(reader, "output_tokens");
  if (reader.has("shared_prefix")) {
    spec.shared_prefix = read_shared_prefix(reader.mapping("shared_prefix"));
  }
  if (reader.has("sessions")) {
    spec.sessions = read_sessions(reader.mapping("sessions"));
  }
  spec.hash_block_size =
      reader.integer_or("hash_block_size", spec.hash_block_size, {.least = 1, .most = 1 << 20});
  spec.max_input_tokens = reader.integer_or("max_input_tokens", spec.max_input_tokens, kLengthRange);
  if (reader.ok() && static_cast<double>(spec.requests) > kLongestSeconds * spec.arrivals.rate_per_s) {
    reader.fail("arrivals",
                "the arrivals would take more than 1e9 s; expected a higher rate or fewer requests");
  }
  if (reader.ok() && spec.shared_prefix.tokens >= spec.max_input_tokens) {
    reader.fail("shared_prefix",
                fmt::format("a prefix of {} tokens leaves no room below max_input_tokens ({})",
                            spec.shared_prefix.tokens, spec.max_input_tokens));
  }
  reader.done();
  return spec;
}

}  // namespace mtok::workload
