// Our own generator and distributions, made of operations that every machine rounds alike.
#include "sim/workload/random.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace mtok::workload {
namespace {

/// One step of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014; constants of Vigna's splitmix64.c).
std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash;
}

// ln 2 in two parts; the first has so few bits that its product with a small integer is exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;

// The C library's log and exp may round the last bit differently from one processor to the next, and these
// draws must not. Both of the following use only + - * /, which IEEE 754 rounds in one way, and are right to
// about 1e-15.

/// ln x = e ln 2 + 2 (s + s^3/3 + s^5/5 + ...), s = (m - 1)/(m + 1), x = m 2^e, sqrt(1/2) <= m < sqrt(2).
/// Requires x > 0.
double log_of(double x) {
  constexpr double kSqrtHalf = 0.70710678118654752440;
  int exponent = 0;
  double m = x;
  if (x >= 0x1p-1022) {  // frexp by hand: the exponent bits to -1
    const auto bits = std::bit_cast<std::uint64_t>(x);
    exponent = static_cast<int>(bits >> 52U) - 1022;
    m = std::bit_cast<double>((bits & 0x000fffffffffffffU) | 0x3fe0000000000000U);
  } else {
    m = std::frexp(x, &exponent);
  }
  if (m < kSqrtHalf) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double series = 0;
  for (int k = 25; k >= 1; k -= 2) {  // |s| < 0.172: the term after the last is below 1e-20
    series = series * s2 + 1.0 / k;
  }
  return exponent * kLn2High + (exponent * kLn2Low + 2 * s * series);
}

/// e^x = 2^k e^r, r = x - k ln 2, |r| <= 0.35, e^r by its Taylor series. 0 below -745, clamped above 709.
double exp_of(double x) {
  if (x < -745) {
    return 0;
  }
  const double clamped = std::min(x, 709.0);
  const double k = std::floor(clamped / kLn2High + 0.5);
  const double r = clamped - k * kLn2High - k * kLn2Low;
  double series = 1;
  for (int n = 16; n >= 1; --n) {  // 0.35^17 / 17! < 1e-22
    series = 1 + r / n * series;
  }
  if (k < -1000) {
    return std::ldexp(series, static_cast<int>(k));
  }
  return series *
         std::bit_cast<double>(static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023) << 52U);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    word = split_mix(seed);
  }
}

Random Random::stream(std::uint64_t seed, std::string_view entity) {
  return Random(split_mix(seed) ^ hash_of(entity));
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

// The middles of 2^52 equal parts of (0, 1): never 0, never 1, each exactly a double.
double Random::uniform() {
  return (static_cast<double>(next() >> 12U) + 0.5) * 0x1p-52;
}

std::uint64_t Random::below(std::uint64_t n) {
  assert(n > 0);
  const std::uint64_t unfair = (0 - n) % n;  // 2^64 mod n: as many of the lowest values are drawn again
  std::uint64_t value = next();
  while (value < unfair) {
    value = next();
  }
  return value % n;
}

double Random::exponential(double mean) {
  return -mean * log_of(uniform());
}

// Marsaglia's polar method; the second value of each pair is thrown away, so that a stream has no hidden
// state.
double Random::normal() {
  for (;;) {
    const double x = 2 * uniform() - 1;
    const double y = 2 * uniform() - 1;
    const double s = x * x + y * y;
    if (s < 1 && s > 0) {
      return x * std::sqrt(-2 * log_of(s) / s);
    }
  }
}

// Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000; below shape 1
// by Gamma(a) = Gamma(a + 1) U^(1/a).
double Random::gamma(double shape, double scale) {
  assert(shape > 0 && scale >= 0);
  const double boost = shape < 1 ? exp_of(log_of(uniform()) / shape) : 1;
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal();
    const double root = 1 + c * x;
    const double v = root * root * root;
    if (v > 0 && log_of(uniform()) < 0.5 * x * x + d - d * v + d * log_of(v)) {
      return d * v * boost * scale;
    }
  }
}

double Random::lognormal(double mean, double cv) {
  return Lognormal(mean, cv).draw(*this);
}

// ln X is normal with variance ln(1 + cv^2) and mean ln(mean) - variance/2.
Lognormal::Lognormal(double mean, double cv)
    : mean_(mean), variance_(log_of(1 + cv * cv)), deviation_(std::sqrt(variance_)) {
  assert(mean > 0 && cv >= 0);
}

double Lognormal::draw(Random& random) const {
  return mean_ * exp_of(deviation_ * random.normal() - variance_ / 2);
}

std::vector<double> zipf_weights(std::int64_t n, double exponent) {
  std::vector<double> weights;
  weights.reserve(static_cast<std::size_t>(n));
  for (std::int64_t rank = 1; rank <= n; ++rank) {
    weights.push_back(exp_of(-exponent * log_of(static_cast<double>(rank))));
  }
  return weights;
}

Empirical::Empirical(std::vector<std::int64_t> values, const std::vector<double>& weights)
    : values_(std::move(values)) {
  assert(!values_.empty() && values_.size() == weights.size());
  double sum = 0;
  for (const double weight : weights) {
    assert(weight >= 0);
    sum += weight;
    cumulative_.push_back(sum);
  }
  assert(sum > 0);
}

std::int64_t Empirical::draw(Random& random) const {
  const double mark = random.uniform() * cumulative_.back();
  // The first sum that reaches the mark: a value of weight 0 adds nothing to the sum before it and is never
  // first.
  const auto sum = std::ranges::lower_bound(cumulative_, mark);
  return values_[static_cast<std::size_t>(sum - cumulative_.begin())];
}

}  // namespace mtok::workload
