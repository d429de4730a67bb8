// Quality: the shipped table, look-ups that never guess, and what the loader refuses.
#include "sim/cost/quality.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sim/config/diagnostic.hpp"

namespace mtok::cost {
namespace {

using kernel::Formats;
using kernel::NumberFormat;
using testing::HasSubstr;

QualityTable shipped() {
  return QualityTable::load(std::filesystem::path(MTOK_SOURCE_DIR) / "models" / "quality.yaml");
}

constexpr Formats kInt8{.weights = NumberFormat::int8, .activations = NumberFormat::int8};

TEST(ShippedQuality, EveryNumberHasASourceAndLiesInRange) {
  const QualityTable table = shipped();
  EXPECT_GE(table.scores().size(), 80U);
  EXPECT_GE(table.recoveries().size(), 40U);
  for (const Score& score : table.scores()) {
    EXPECT_FALSE(score.source.empty() || score.benchmark.empty()) << score.model;
    EXPECT_TRUE(score.value > 10 && score.value < 100) << score.model << " " << score.benchmark;
  }
  for (const Recovery& recovery : table.recoveries()) {
    EXPECT_FALSE(recovery.source.empty() || recovery.variant.empty()) << recovery.model;
    EXPECT_TRUE(recovery.percent > 80 && recovery.percent < 110) << recovery.model << " " << recovery.variant;
  }
}

TEST(ShippedQuality, TheHeadlineIsMmluWhereItWasPublished) {
  const QualityTable table = shipped();
  for (const Score& score : table.scores()) {
    const bool published = table.score(score.model, "MMLU").has_value();
    EXPECT_EQ(table.headline(score.model)->benchmark == "MMLU", published) << score.model;
  }
}

// Model card of Llama 3.3, column Llama 3.1 8B Instruct: MMLU (CoT) 73.0; model card of Llama 3.2: 8B
// base 66.7.
TEST(ShippedQuality, TheScoreOfAModelIsThatOfItsInstructVariantAndSaysSo) {
  const std::optional<Score> score = shipped().score("llama-3.1-8b", "MMLU");
  ASSERT_TRUE(score);
  EXPECT_DOUBLE_EQ(score->value, 73.0);
  EXPECT_THAT(score->setting, HasSubstr("instruct"));
}

TEST(ShippedQuality, ADistilledStudentComparesWithItsTeacherOnTheSameBenchmark) {
  const QualityTable table = shipped();
  const std::optional<Score> teacher = table.score("deepseek-r1", "GPQA Diamond");
  const std::optional<Score> student = table.score("deepseek-r1-distill-qwen-7b", "GPQA Diamond");
  ASSERT_TRUE(teacher && student);
  EXPECT_DOUBLE_EQ(teacher->value, 71.5);
  EXPECT_DOUBLE_EQ(student->value, 49.1);
}

// 67.2 of 69.1 on MMLU = 97.25 %
TEST(ShippedQuality, ARecoveryIsThatOfExactlyThisModelAndTheseFormats) {
  const QualityTable table = shipped();
  const std::optional<Recovery> recovery = table.recovery("llama-2-70b", kInt8);
  ASSERT_TRUE(recovery);
  EXPECT_DOUBLE_EQ(recovery->percent, 97.25);
  EXPECT_EQ(recovery->benchmark, "MMLU");
}

TEST(ShippedQuality, WhatWasNotPublishedIsUnknown) {
  const QualityTable table = shipped();
  EXPECT_FALSE(table.recovery("llama-2-13b", kInt8));  // its larger sister's number is not its own
  EXPECT_FALSE(table.recovery("llama-2-70b", Formats{.weights = NumberFormat::mxfp4}));
  EXPECT_FALSE(table.recovery("llama-2-70b", Formats{}));
  EXPECT_FALSE(table.score("no-such-model", "MMLU"));
  EXPECT_FALSE(table.headline("no-such-model"));
}

TEST(ShippedQuality, Fp16ActivationsCountAsBf16) {
  const QualityTable table = shipped();
  const Formats half{.weights = NumberFormat::int4, .activations = NumberFormat::fp16};
  const Formats brain{.weights = NumberFormat::int4, .activations = NumberFormat::bf16};
  ASSERT_TRUE(table.recovery("llama-3.1-8b", half));
  EXPECT_EQ(table.recovery("llama-3.1-8b", half)->percent, table.recovery("llama-3.1-8b", brain)->percent);
}

// Of rounding (92.03) and training (94.64) to NVFP4, the one that needs no training counts.
TEST(ShippedQuality, OfSeveralMethodsTheCautiousOneCounts) {
  const Formats nvfp4{.weights = NumberFormat::nvfp4, .activations = NumberFormat::nvfp4};
  EXPECT_DOUBLE_EQ(shipped().recovery("llama-3.1-8b", nvfp4)->percent, 92.03);
}

std::string refusal(const std::string& text) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".quality.yaml");
  std::ofstream(path) << text;
  std::string message;
  try {
    (void)QualityTable::load(path);
  } catch (const config::Error& error) {
    message = error.what();
  }
  std::filesystem::remove(path);
  return message;
}

TEST(QualityTable, AScoreWithoutSourceIsRefused) {
  EXPECT_THAT(refusal("scores:\n  m:\n    - {benchmark: MMLU, percent: 70}\nrecoveries: {}\n"),
              HasSubstr("source"));
}

TEST(QualityTable, AScoreOfMoreThanAHundredPercentIsRefused) {
  EXPECT_THAT(
      refusal("scores:\n  m:\n    - {benchmark: MMLU, percent: 101, source: a page}\nrecoveries: {}\n"),
      HasSubstr("percent"));
}

TEST(QualityTable, AnUnknownFormatIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(refusal("scores: {}\nrecoveries:\n  m:\n    - {variant: W8A8, weights: in8, activations: int8, "
                      "benchmark: MMLU, percent: 99, source: a page}\n"),
              HasSubstr("int8"));
}

}  // namespace
}  // namespace mtok::cost
