// Products of the kernel library against plain loops, in every format.
#include "sim/host/matmul.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sim/host/operand.hpp"
#include "tests/unit/host/plain_loops.hpp"

namespace mtok::host {
namespace {

using kernel::NumberFormat;

constexpr std::int64_t kM = 5;
constexpr std::int64_t kN = 80;
constexpr std::int64_t kK = 96;

kernel::Gemm gemm(std::int64_t m, NumberFormat format) {
  return {.m = m, .n = kN, .k = kK, .weights = format, .activations = format};
}

std::byte* raw(void* data) {
  return static_cast<std::byte*>(data);
}

TEST(Matmul, Fp32AgreesWithPlainLoops) {
  const Library library(1);
  Matrix a = random_matrix(kM, kK, 1);
  Matrix w = random_matrix(kK, kN, 2);
  const Matmul product(library, gemm(kM, NumberFormat::fp32));
  Buffer packed(product.weight_bytes());
  product.pack(raw(w.data()), packed.data());
  Matrix c(kM * kN);
  product.run(raw(a.data()), packed.data(), raw(c.data()));
  EXPECT_LT(relative_distance(c, plain_product(a, w, kM, kN, kK)), 1e-4);
  EXPECT_FALSE(product.implementation().empty());
}

// Both operands are rounded to 8 bits of mantissa, the result as well: each at most 2^-9 relative, so the
// result is off by at most 3 * 2^-9 of the sum of magnitudes, and by far less on average.
TEST(Matmul, Bf16AgreesWithPlainLoopsWithinItsRounding) {
  const Library library(2);
  if (!Matmul::supports(library, NumberFormat::bf16)) {
    GTEST_SKIP() << "skipped: no BF16 kernels on this machine";
  }
  const Matrix a = random_matrix(kM, kK, 1);
  const Matrix w = random_matrix(kK, kN, 2);
  const RowLoops& loops = row_loops("");
  std::vector<std::uint16_t> narrow_a(a.size());
  std::vector<std::uint16_t> narrow_w(w.size());
  loops.to_bf16(a.data(), static_cast<std::int64_t>(a.size()), narrow_a.data());
  loops.to_bf16(w.data(), static_cast<std::int64_t>(w.size()), narrow_w.data());
  const Matmul product(library, gemm(kM, NumberFormat::bf16));
  Buffer packed(product.weight_bytes());
  product.pack(raw(narrow_w.data()), packed.data());
  std::vector<std::uint16_t> narrow_c(kM * kN);
  product.run(raw(narrow_a.data()), packed.data(), raw(narrow_c.data()));
  Matrix c(kM * kN);
  loops.from_bf16(narrow_c.data(), kM * kN, c.data());
  EXPECT_LT(relative_distance(c, plain_product(a, w, kM, kN, kK)), 3.0 / 512);
}

// A row of activations has the scale s_a = max |a| / 127, a column of weights s_w; rounding leaves at most
// half a scale in each, so |error| <= sum over k of |a| s_w / 2 + |w| s_a / 2 + s_a s_w / 4.
TEST(Matmul, Int8StaysWithinItsQuantizationError) {
  const Library library(1);
  if (!adds_int8_exactly(library)) {
    GTEST_SKIP() << "skipped: no VNNI on this machine";
  }
  const Matrix a = random_matrix(kM, kK, 1);
  const Matrix w = random_matrix(kK, kN, 2);
  const Operands operands(library, NumberFormat::int8);
  std::vector<std::uint8_t> narrow_a(a.size());
  std::vector<float> row_scales(kM);
  for (std::int64_t i = 0; i < kM; ++i) {
    row_scales[static_cast<std::size_t>(i)] = operands.write(
        &a[static_cast<std::size_t>(i * kK)], kK, raw(&narrow_a[static_cast<std::size_t>(i * kK)]));
  }
  std::vector<std::int8_t> narrow_w(w.size());
  std::vector<float> scales(kN);
  std::vector<float> sums(kN);
  for (std::size_t j = 0; j < kN; ++j) {
    std::vector<float> column(kK);
    std::vector<std::int8_t> narrow(kK);
    for (std::size_t l = 0; l < kK; ++l) {
      column[l] = w[l * kN + j];
    }
    scales[j] = operands.loops().to_s8(column.data(), kK, narrow.data(), &sums[j]);
    for (std::size_t l = 0; l < kK; ++l) {
      narrow_w[l * kN + j] = narrow[l];
    }
  }
  const Matmul product(library, gemm(kM, NumberFormat::int8));
  Buffer packed(product.weight_bytes());
  product.pack(raw(narrow_w.data()), packed.data());
  Matrix sums_of_products(kM * kN);
  product.run(raw(narrow_a.data()), packed.data(), raw(sums_of_products.data()));
  const Matrix exact = plain_product(a, w, kM, kN, kK);
  for (std::size_t i = 0; i < kM; ++i) {
    std::vector<float> row(kN);
    operands.read(raw(&sums_of_products[i * kN]), kN, {.scales = scales.data(), .sums = sums.data()},
                  row_scales[i], row.data());
    for (std::size_t j = 0; j < kN; ++j) {
      double bound = 1e-4;
      for (std::size_t l = 0; l < kK; ++l) {
        bound += std::abs(static_cast<double>(a[i * kK + l])) * scales[j] / 2 +
                 std::abs(static_cast<double>(w[l * kN + j])) * row_scales[i] / 2 +
                 static_cast<double>(row_scales[i]) * scales[j] / 4;
      }
      ASSERT_LE(std::abs(row[j] - exact[i * kN + j]), bound) << i << ", " << j;
    }
  }
}

// 2 x 3 units per product: every u8 is 2, every s8 is 3, so a sum is 96 * 6 = 576; column j has the scale j.
TEST(Matmul, ScalesTheColumnsOfInt8) {
  const Library library(1);
  std::vector<float> scales(kN);
  for (std::size_t j = 0; j < kN; ++j) {
    scales[j] = static_cast<float>(j);
  }
  const Matmul product(library, gemm(1, NumberFormat::int8), scales);
  std::vector<std::uint8_t> a(kK, 2);
  std::vector<std::int8_t> w(kK * kN, 3);
  Buffer packed(product.weight_bytes());
  product.pack(raw(w.data()), packed.data());
  Matrix c(kN);
  product.run(raw(a.data()), packed.data(), raw(c.data()));
  for (std::size_t j = 0; j < kN; ++j) {
    EXPECT_FLOAT_EQ(c[j], 576.0F * static_cast<float>(j));
  }
}

TEST(MatmulSet, GivesTheSameRowsForAnyNumberOfThem) {
  const Library library(1);
  Matrix a = random_matrix(48, kK, 1);
  Matrix w = random_matrix(kK, kN, 2);
  MatmulSet set(library, kN, kK, NumberFormat::fp32);
  Buffer packed(set.any().weight_bytes());
  set.any().pack(raw(w.data()), packed.data());
  Matrix one(kN);
  set.for_rows(1).run(raw(a.data()), packed.data(), raw(one.data()));
  Matrix many(48 * kN);
  set.for_rows(47).run(raw(a.data()), packed.data(), raw(many.data()));
  many.resize(kN);
  EXPECT_LT(relative_distance(one, many), 1e-5);
}

TEST(MatmulSet, RoundsLargeNumbersOfRowsUpByAtMostASixteenth) {
  for (std::int64_t m = 1; m < 5000; ++m) {
    const std::int64_t padded = MatmulSet::padded(m);
    ASSERT_GE(padded, m);
    ASSERT_LE(padded, m + m / 16);
    ASSERT_EQ(MatmulSet::padded(padded), padded);
  }
}

TEST(Library, NamesAnInstructionSetThatItKnowsAndTakesNoCapOnceUsed) {
  const Library library(1);
  const std::string isa = library.machine().isa;
  const auto names = isa_names();
  EXPECT_TRUE(isa == "generic" || std::find(names.begin(), names.end(), isa) != names.end()) << isa;
  EXPECT_FALSE(cap_isa("avx2"));
  EXPECT_FALSE(cap_isa("no such set"));
}

}  // namespace
}  // namespace mtok::host
