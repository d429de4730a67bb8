// Feed-forward layers, attention and forward passes against plain loops and against each other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/host/attention.hpp"
#include "sim/host/ffn.hpp"
#include "sim/host/forward_pass.hpp"
#include "tests/unit/host/plain_loops.hpp"

namespace mtok::host {
namespace {

using kernel::NumberFormat;

constexpr std::int64_t kTokens = 6;
constexpr std::int64_t kHidden = 64;
constexpr std::int64_t kWide = 96;
constexpr std::int64_t kExperts = 5;
constexpr std::int64_t kTopK = 2;

struct Layer {
  Matrix router = random_matrix(kHidden, kExperts, 40);
  std::vector<Matrix> gate_up{};
  std::vector<Matrix> down{};
  Layer() {
    for (std::uint32_t e = 0; e < kExperts; ++e) {
      gate_up.push_back(random_matrix(kHidden, 2 * kWide, 50 + e));
      down.push_back(random_matrix(kWide, kHidden, 60 + e));
    }
  }
};

Matrix plain_ffn(const Matrix& x, const Matrix& gate_up, const Matrix& down) {
  const Matrix wide = plain_product(x, gate_up, 1, 2 * kWide, kHidden);
  Matrix gated(kWide);
  for (std::size_t i = 0; i < kWide; ++i) {
    gated[i] = wide[i] / (1 + std::exp(-wide[i])) * wide[i + kWide];
  }
  return plain_product(gated, down, 1, kHidden, kWide);
}

Matrix plain_mixture(const Matrix& x, const Layer& layer) {
  Matrix out;
  for (std::int64_t t = 0; t < kTokens; ++t) {
    const Matrix token(x.begin() + t * kHidden, x.begin() + (t + 1) * kHidden);
    const Matrix logits = plain_product(token, layer.router, 1, kExperts, kHidden);
    std::vector<std::size_t> order(kExperts);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return logits[a] > logits[b]; });
    const float second = std::exp(logits[order[1]] - logits[order[0]]);
    const Matrix best = plain_ffn(token, layer.gate_up[order[0]], layer.down[order[0]]);
    const Matrix next = plain_ffn(token, layer.gate_up[order[1]], layer.down[order[1]]);
    for (std::size_t i = 0; i < kHidden; ++i) {
      out.push_back((best[i] + second * next[i]) / (1 + second));
    }
  }
  return out;
}

Matrix library_mixture(const Library& library, const Matrix& x, const Layer& layer, NumberFormat format) {
  const FfnShape shape{.tokens = kTokens,
                       .hidden = kHidden,
                       .intermediate = kWide,
                       .experts = kExperts,
                       .top_k = kTopK,
                       .format = format};
  const Buffer memory(Ffn::weight_bytes(library, shape));
  Ffn ffn(library, shape, memory.data());
  ffn.set_router(layer.router.data());
  for (std::size_t e = 0; e < kExperts; ++e) {
    ffn.set_weights(static_cast<std::int64_t>(e),
                    {.gate_up = layer.gate_up[e].data(), .down = layer.down[e].data()});
  }
  Matrix out(x.size());
  const FfnParts parts = ffn.run(x.data(), out.data());
  EXPECT_GT(parts.products, Seconds{});
  EXPECT_LE(parts.distinct, kExperts);
  EXPECT_EQ(ffn.distinct_experts(x.data(), kTokens), std::vector<std::int64_t>{parts.distinct});
  return out;
}

TEST(Ffn, MixtureAgreesWithPlainLoops) {
  const Library library(2);
  const Layer layer;
  const Matrix x = random_matrix(kTokens, kHidden, 70);
  const Matrix exact = plain_mixture(x, layer);
  EXPECT_LT(relative_distance(library_mixture(library, x, layer, NumberFormat::fp32), exact), 1e-4);
  if (adds_int8_exactly(library)) {
    // Two products in 8 bits, each operand off by half of 1/127 of its row's largest value: about one
    // percent.
    EXPECT_LT(relative_distance(library_mixture(library, x, layer, NumberFormat::int8), exact), 0.03);
  }
  if (Matmul::supports(library, NumberFormat::bf16)) {
    EXPECT_LT(relative_distance(library_mixture(library, x, layer, NumberFormat::bf16), exact), 0.02);
  }
}

TEST(Ffn, DenseAgreesWithPlainLoops) {
  const Library library(1);
  const FfnShape shape{.tokens = 1, .hidden = kHidden, .intermediate = kWide, .format = NumberFormat::fp32};
  const Buffer memory(Ffn::weight_bytes(library, shape));
  Ffn ffn(library, shape, memory.data());
  const Layer layer;
  ffn.set_weights(0, {.gate_up = layer.gate_up[0].data(), .down = layer.down[0].data()});
  const Matrix x = random_matrix(1, kHidden, 71);
  Matrix out(kHidden);
  ffn.run(x.data(), out.data());
  EXPECT_LT(relative_distance(out, plain_ffn(x, layer.gate_up[0], layer.down[0])), 1e-4);
}

// 4 new tokens after 7, 4 heads on 2 KV heads of 16.
class AttentionOf : public ::testing::TestWithParam<std::pair<NumberFormat, double>> {};

TEST_P(AttentionOf, AgreesWithPlainLoops) {
  const auto [format, tolerance] = GetParam();
  const Library library(2);
  if (!Matmul::supports(library, format) || (format == NumberFormat::int8 && !adds_int8_exactly(library))) {
    GTEST_SKIP() << "skipped: no exact kernels in this format on this machine";
  }
  const AttentionShape shape{.sequences = 2,
                             .fresh = 4,
                             .context = 11,
                             .capacity = 16,
                             .heads = 4,
                             .kv_heads = 2,
                             .head_dim = 16,
                             .format = format};
  Attention attention(library, shape);
  KvCache cache(shape);
  const Matrix keys = random_matrix(22, 32, 80);
  const Matrix values = random_matrix(22, 32, 81);
  const Matrix q = random_matrix(8, 64, 82);
  for (std::int64_t s = 0; s < 2; ++s) {
    for (std::int64_t t = 0; t < 11; ++t) {
      attention.store(cache, s, t, &keys[static_cast<std::size_t>((s * 11 + t) * 32)],
                      &values[static_cast<std::size_t>((s * 11 + t) * 32)]);
    }
  }
  Matrix out(q.size());
  attention.run(cache, q.data(), out.data());
  Matrix exact(q.size());
  for (std::size_t s = 0; s < 2; ++s) {
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t h = 0; h < 4; ++h) {
        const std::size_t seen = 8 + i;  // new token i sees 7 + i + 1 keys
        const std::size_t at = ((s * 4 + i) * 4 + h) * 16;
        std::vector<double> share(seen);
        double all = 0;
        for (std::size_t t = 0; t < seen; ++t) {
          double score = 0;
          for (std::size_t d = 0; d < 16; ++d) {
            score += static_cast<double>(q[at + d]) * keys[(s * 11 + t) * 32 + h / 2 * 16 + d];
          }
          share[t] = std::exp(score / 4);
          all += share[t];
        }
        for (std::size_t d = 0; d < 16; ++d) {
          double sum = 0;
          for (std::size_t t = 0; t < seen; ++t) {
            sum += share[t] / all * values[(s * 11 + t) * 32 + h / 2 * 16 + d];
          }
          exact[at + d] = static_cast<float>(sum);
        }
      }
    }
  }
  EXPECT_LT(relative_distance(out, exact), tolerance);
}

INSTANTIATE_TEST_SUITE_P(Formats, AttentionOf,
                         ::testing::Values(std::pair{NumberFormat::fp32, 1e-4},
                                           std::pair{NumberFormat::bf16, 0.01},
                                           std::pair{NumberFormat::int8, 0.02}));

// Prefill of 9 tokens must end where prefill of 8 and a decode step end: the same positions, the same cache.
TEST(ForwardPass, PrefillAndDecodeMeet) {
  const Library library(2);
  const NetworkShape shape{.hidden = 64,
                           .layers = 3,
                           .heads = 4,
                           .kv_heads = 2,
                           .head_dim = 16,
                           .intermediate = 96,
                           .experts = 4,
                           .top_k = 2,
                           .vocab = 128,
                           .qk_norm = true,
                           .format = NumberFormat::fp32,
                           .kv_format = NumberFormat::fp32,
                           .head_format = NumberFormat::fp32};
  Network network(library, shape, 1, 16);
  const Matrix tokens = random_matrix(9, 64, 90);
  Matrix x = tokens;
  ForwardPass whole(library, network, 9, 9);
  const float* logits = whole.run(x.data());
  const Matrix at_once(logits, logits + 128);
  ForwardPass prefill(library, network, 8, 8);
  x.assign(tokens.begin(), tokens.begin() + 512);
  prefill.run(x.data());
  ForwardPass decode(library, network, 1, 9);
  x.assign(tokens.begin() + 512, tokens.end());
  logits = decode.run(x.data());
  EXPECT_LT(relative_distance(Matrix(logits, logits + 128), at_once), 1e-3);
  EXPECT_GT(std::abs(at_once[0]), 0);
}

}  // namespace
}  // namespace mtok::host
