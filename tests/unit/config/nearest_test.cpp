// Suggestions for mistyped words: near enough to be a slip, or none.
#include <gtest/gtest.h>

#include "sim/config/reader.hpp"

namespace mtok::config {
namespace {

const std::vector<std::string>& known() {
  static const std::vector<std::string> kKnown{
      "tensor_parallel_size", "pipeline_parallel_size", "max_num_seqs", "block_size", "seed", "tp"};
  return kKnown;
}

TEST(Nearest, ForgivesOneSlipInThreeLetters) {
  EXPECT_EQ(nearest("tensor_paralel_size", known()), "tensor_parallel_size");  // a letter left out
  EXPECT_EQ(nearest("max_num_seq", known()), "max_num_seqs");
  EXPECT_EQ(nearest("blokc_size", known()), "block_size");  // two neighbours swapped
  EXPECT_EQ(nearest("sead", known()), "seed");              // one of 4
  EXPECT_EQ(nearest("saad", known()), "");                  // two of 4
}

TEST(Nearest, TakesCaseAndSeparatorsAsEqual) {
  EXPECT_EQ(nearest("Max-Num-Seqs", known()), "max_num_seqs");
  EXPECT_EQ(nearest("TP", known()), "tp");
}

TEST(Nearest, SuggestsNothingFarFetched) {
  EXPECT_EQ(nearest("colour", known()), "");
  EXPECT_EQ(nearest("tq", known()), "");
  EXPECT_EQ(nearest("", known()), "");
  EXPECT_EQ(nearest(std::string(10'000, 'a'), known()), "");
  EXPECT_EQ(nearest("seed", {}), "");
}

TEST(Nearest, PrefersTheNearestAndThenTheFirst) {
  EXPECT_EQ(nearest("abcdefgx", std::vector<std::string>{"abcdefyy", "abcdefgh"}), "abcdefgh");
  EXPECT_EQ(nearest("abcx", std::vector<std::string>{"abcd", "abce"}), "abcd");
}

}  // namespace
}  // namespace mtok::config
