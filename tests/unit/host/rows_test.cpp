// Row loops of every instruction set of this machine against plain arithmetic.
#include "sim/host/rows.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/host/plain_loops.hpp"

namespace mtok::host {
namespace {

constexpr std::int64_t kN = 100;  // no multiple of a register

class Rows : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string isa = GetParam();
    const bool runs = isa.empty() || (isa == "avx2" && __builtin_cpu_supports("avx2")) ||
                      (isa == "avx512_core" && __builtin_cpu_supports("avx512f") &&
                       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"));
    if (!runs) {
      GTEST_SKIP() << "skipped: this machine has no " << isa;
    }
  }
  const RowLoops& loops = row_loops(GetParam());
  Matrix x = random_matrix(1, kN, 3);
  Matrix y = Matrix(kN);
};

// The largest of 1, -2, 0.5 is 2: scale 2 / 127; 1 -> 63.5 + 128 rounds up to 192, -2 -> 1, 0.5 -> 160.
TEST_P(Rows, QuantizeByTheLargestMagnitude) {
  const Matrix row{1, -2, 0.5F};
  std::vector<std::uint8_t> u8(3);
  EXPECT_FLOAT_EQ(loops.to_u8(row.data(), 3, u8.data()), 2.0F / 127);
  EXPECT_EQ(u8, (std::vector<std::uint8_t>{192, 1, 160}));
  std::vector<std::int8_t> s8(3);
  float sum = 0;
  EXPECT_FLOAT_EQ(loops.to_s8(row.data(), 3, s8.data(), &sum), 2.0F / 127);
  EXPECT_EQ(sum, 64 - 127 + 32);
}

TEST_P(Rows, QuantizedRowsAreOffByHalfAScale) {
  std::vector<std::uint8_t> u8(kN);
  const float scale = loops.to_u8(x.data(), kN, u8.data());
  for (std::size_t i = 0; i < kN; ++i) {
    EXPECT_LE(std::abs((static_cast<float>(u8[i]) - 128) * scale - x[i]), scale * 0.501F);
  }
}

TEST_P(Rows, AZeroRowHasScaleOne) {
  const Matrix zeros(kN);
  std::vector<std::uint8_t> u8(kN);
  EXPECT_EQ(loops.to_u8(zeros.data(), kN, u8.data()), 1);
  EXPECT_EQ(u8.back(), 128);
}

TEST_P(Rows, GateIsSiluTimesUp) {
  Matrix gate(kN);
  loops.scale(x.data(), 20, kN, gate.data());
  loops.gate(gate.data(), x.data(), kN, y.data());
  for (std::size_t i = 0; i < kN; ++i) {
    const double g = gate[i];
    EXPECT_NEAR(y[i], g / (1 + std::exp(-g)) * x[i], 1e-5 * (1 + std::abs(g)));
  }
}

TEST_P(Rows, SoftmaxAddsUpToOneOverWhatIsSeen) {
  Matrix row = x;
  loops.softmax(row.data(), 70, kN, 3);
  double sum = 0;
  double all = 0;
  for (std::size_t i = 0; i < 70; ++i) {
    all += std::exp(3.0 * x[i]);
  }
  for (std::size_t i = 0; i < kN; ++i) {
    sum += row[i];
    EXPECT_NEAR(row[i], i < 70 ? std::exp(3.0 * x[i]) / all : 0, 1e-6);
  }
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST_P(Rows, NormalizedRowsHaveMeanSquareOne) {
  loops.normalize(x.data(), kN, y.data());
  double squares = 0;
  for (const float value : y) {
    squares += static_cast<double>(value) * value;
  }
  EXPECT_NEAR(squares / kN, 1, 1e-4);
}

TEST_P(Rows, Bf16KeepsEightBits) {
  std::vector<std::uint16_t> narrow(kN);
  loops.to_bf16(x.data(), kN, narrow.data());
  loops.from_bf16(narrow.data(), kN, y.data());
  for (std::size_t i = 0; i < kN; ++i) {
    EXPECT_LE(std::abs(y[i] - x[i]), std::abs(x[i]) / 256);
    EXPECT_EQ(narrow[i], to_bf16(x[i]));
  }
}

// A quarter turn of (3, 4) is (-4, 3).
TEST_P(Rows, RotateTurnsPairs) {
  const Matrix pair{3, 4};
  const Matrix cosine{0};
  const Matrix sine{1};
  loops.rotate(pair.data(), cosine.data(), sine.data(), 2, y.data());
  EXPECT_FLOAT_EQ(y[0], -4);
  EXPECT_FLOAT_EQ(y[1], 3);
}

INSTANTIATE_TEST_SUITE_P(EverySet, Rows, ::testing::Values("", "avx2", "avx512_core"));

}  // namespace
}  // namespace mtok::host
