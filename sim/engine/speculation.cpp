// Expected and whole tokens of verification steps.
#include "sim/engine/speculation.hpp"

#include <cmath>

namespace mtok::engine {
namespace {

constexpr int kBits = 32;

/// Multiples of the golden ratio: starts that lie evenly in [0, 1), in units of 2^-32.
std::int64_t start_of(std::int64_t id) {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(id) * kGolden) >> kBits);
}

}  // namespace

double Speculation::tokens_per_step() const {
  double tokens = 1;
  double all_accepted = 1;
  for (const double rate : acceptance) {
    all_accepted *= rate;
    tokens += all_accepted;
  }
  return tokens;
}

TokenPattern::TokenPattern(const Speculation& speculation)
    : per_step_(std::llround(std::ldexp(speculation.tokens_per_step(), kBits))) {}

std::int64_t TokenPattern::tokens(std::int64_t id, std::int64_t step) const {
  const std::int64_t before = start_of(id) + step * per_step_;
  return ((before + per_step_) >> kBits) - (before >> kBits);
}

}  // namespace mtok::engine
