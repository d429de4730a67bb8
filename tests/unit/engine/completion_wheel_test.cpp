// The timing wheel says the same as a sorted list, near and far, whoever leaves early.
#include "sim/engine/completion_wheel.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

namespace mtok::engine {
namespace {

// Steps 5 and 70 lie in wheels of 1 and of 64 steps a slot; at step 64 the second comes down.
TEST(CompletionWheel, FindsTheNextNearAndFar) {
  CompletionWheel wheel;
  Sequence near;
  Sequence far;
  near.due = 5;
  far.due = 70;
  EXPECT_EQ(wheel.next(), CompletionWheel::kNoStep);
  wheel.add(far);
  EXPECT_EQ(wheel.next(), 70);
  wheel.add(near);
  EXPECT_EQ(wheel.next(), 5);
  wheel.move_to(5);
  EXPECT_EQ(wheel.due(), &near);
  wheel.remove(near);
  EXPECT_EQ(wheel.due(), nullptr);
  wheel.move_to(64);
  EXPECT_EQ(wheel.next(), 70);
  wheel.move_to(70);
  EXPECT_EQ(wheel.due(), &far);
}

// Outputs of 1 to 2^40 steps join, leave early or when they are due, as in a multimap.
TEST(CompletionWheel, IsASortedList) {
  std::mt19937_64 random(1);
  CompletionWheel wheel;
  std::multimap<std::int64_t, Sequence*> sorted;
  std::deque<Sequence> all;
  std::int64_t step = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 3 > 0 || sorted.empty()) {
      Sequence& sequence = all.emplace_back();
      sequence.due = step + 1 + static_cast<std::int64_t>(random() % (std::uint64_t{1} << random() % 40));
      wheel.add(sequence);
      sorted.emplace(sequence.due, &sequence);
    } else if (random() % 4 == 0) {
      const auto leaves = std::next(sorted.begin(), static_cast<std::ptrdiff_t>(random() % sorted.size()));
      wheel.remove(*leaves->second);
      sorted.erase(leaves);
    }
    const std::int64_t next = sorted.empty() ? CompletionWheel::kNoStep : sorted.begin()->first;
    ASSERT_EQ(wheel.next(), next);
    if (next == CompletionWheel::kNoStep) {
      continue;
    }
    step += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(next - step + 1));
    wheel.move_to(step);
    while (Sequence* const due = wheel.due()) {
      ASSERT_EQ(due->due, step);
      wheel.remove(*due);
      std::erase_if(sorted, [&](const auto& entry) { return entry.second == due; });
    }
    ASSERT_TRUE(sorted.empty() || sorted.begin()->first > step);
  }
}

}  // namespace
}  // namespace mtok::engine
