// Generated workloads: arrivals, lengths, shared prefixes and sessions drawn from seeded distributions.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/config/reader.hpp"
#include "sim/workload/request.hpp"

namespace mtok::workload {

/// When requests, or the sessions they belong to, arrive.
struct Arrivals {
  enum class Kind { poisson, gamma, constant, weekly };
  Kind kind = Kind::poisson;
  double rate_per_s = 1;
  double cv = 1;  ///< gamma and weekly: coefficient of variation of the gaps
  /// weekly: the rate swings by this share over the day, highest at 15:00, lowest at 3:00; ...
  double daily_swing = 0;
  double weekend =
      1;  ///< ... and days 6 and 7 have this share of a weekday's. rate_per_s is the week's mean.
};

/// How many tokens.
struct Lengths {
  enum class Kind { fixed, lognormal, uniform, exponential, empirical };
  Kind kind = Kind::fixed;
  double mean = 1;
  double cv = 0;           ///< lognormal
  std::int64_t least = 1;  ///< every draw is clamped to [least, most]
  std::int64_t most = 1 << 20;
  std::vector<std::int64_t> values{};  ///< empirical
  std::vector<double> weights{};
};

/// `documents` distinct prefixes of `tokens` each; every request starts with one of them, drawn by Zipf's law
/// with exponent `zipf` (0: uniform). 0 documents: nothing shared.
struct SharedPrefix {
  std::int64_t documents = 0;
  std::int64_t tokens = 0;
  double zipf = 0;
};

/// Each arrival starts a session of `turns` requests; a turn repeats all earlier input and output as its
/// prefix and comes `think_time_s` (exponential mean) after the one before it was due to end at
/// `assumed_tokens_per_s`.
struct Sessions {
  Lengths turns{};
  double think_time_s = 0;
  double assumed_tokens_per_s = 30;
};

struct SyntheticSpec {
  std::int64_t requests = 0;
  Arrivals arrivals{};
  Lengths input_tokens{};  ///< new in each request: without shared prefix and earlier turns
  Lengths output_tokens{};
  SharedPrefix shared_prefix{};
  Sessions sessions{};  ///< turns fixed 1: no sessions
  std::int64_t hash_block_size = 16;
  std::int64_t max_input_tokens =
      1 << 20;  ///< a first prompt is cut to this; a session ends before it would pass this
};

/// The mapping under `synthetic:` of a scenario: {requests, arrivals: {poisson: {rate_per_s}}, input_tokens:
/// {fixed: N}, ...}.
[[nodiscard]] SyntheticSpec read_synthetic(config::Reader reader);
/// The stream of exactly `spec.requests` requests, sorted by arrival, the first at 0. The same spec and seed
/// give the same requests everywhere. Memory grows with the sessions that are open at one time, not with the
/// requests. Where prompts can share a prefix (documents or sessions), requests carry hash ids: whole blocks
/// of equal content have equal ids, and a last, partial block has an id of its own. Requires a spec that
/// read_synthetic found no fault with.
[[nodiscard]] std::unique_ptr<RequestSource> make_synthetic(const SyntheticSpec& spec, std::uint64_t seed);

}  // namespace mtok::workload
