// Speculative decoding: how many tokens a verification step yields.
#pragma once

#include <cstdint>
#include <vector>

namespace mtok::engine {

/// In every step each decoding sequence has `acceptance.size()` drafted tokens verified beside the token that
/// it would have got anyway. A drafted token counts when it and all before it are accepted.
struct Speculation {
  /// By position: probability that the token is accepted when all before it were, each in [0, 1].
  std::vector<double> acceptance{};

  [[nodiscard]] std::int64_t draft_tokens() const { return static_cast<std::int64_t>(acceptance.size()); }
  /// 1 + a1 + a1 a2 + a1 a2 a3 + ...; source: Leviathan, Kalman, Matias, "Fast inference from transformers
  /// via speculative decoding", ICML 2023, equation 1 for equal rates.
  [[nodiscard]] double tokens_per_step() const;
};

/// Whole tokens of the steps of one sequence. After s steps they are the expected number, s *
/// tokens_per_step, rounded down from a start of its own for each sequence, so that the mean is exact over
/// any stretch and sequences are not in step with each other. A fixed pattern in place of drawn numbers: the
/// spread of the accepted lengths is smaller than in reality.
class TokenPattern {
 public:
  explicit TokenPattern(const Speculation& speculation);
  /// Tokens of step `step`, from 0 on, of sequence `id`: at least 1, at most 1 + draft tokens.
  [[nodiscard]] std::int64_t tokens(std::int64_t id, std::int64_t step) const;

 private:
  std::int64_t per_step_;  ///< in units of 2^-32 tokens
};

}  // namespace mtok::engine
