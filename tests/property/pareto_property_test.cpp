// The front of a plan keeps the laws of dominance on random points.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <tuple>

#include "sim/planner/plan.hpp"
#include "sim/workload/random.hpp"

namespace mtok::planner {
namespace {

/// Few values an axis, so that ties are common; in a third of the points the quality is unpublished.
std::vector<PlanRow> draw_rows(workload::Random& random) {
  const auto few = [&] { return static_cast<double>(random.below(4)); };
  std::vector<PlanRow> rows(1 + random.below(30));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PlanRow& row = rows[i];
    row.row.name = std::to_string(i);
    row.row.feasible = random.below(5) > 0;
    row.row.per_token = UsdPerToken(few());
    row.row.ttft_p99 = Seconds(few());
    row.row.tpot_p99 = Seconds(few());
    row.energy_per_token = Joules(few());
    if (random.below(3) > 0) {
      row.quality = few();
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const PlanRow& a, const PlanRow& b) {
    return std::tuple(!a.row.feasible, *a.row.per_token) < std::tuple(!b.row.feasible, *b.row.per_token);
  });
  return rows;
}

/// By its definition, written in another way: nowhere worse, and not the same point.
bool beats(const PlanRow& a, const PlanRow& b) {
  const auto axes = [](const PlanRow& row) {
    return std::array<double, 5>{row.row.per_token->base(), row.row.ttft_p99->base(),
                                 row.row.tpot_p99->base(), -row.quality.value_or(-1),
                                 row.energy_per_token->base()};
  };
  const auto left = axes(a);
  const auto right = axes(b);
  return left != right && std::equal(left.begin(), left.end(), right.begin(), std::less_equal<>());
}

TEST(ParetoProperty, TheFrontIsWhatNothingBeats) {
  workload::Random random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<PlanRow> rows = draw_rows(random);
    mark_front(rows);
    bool any_feasible = false;
    bool any_on_front = false;
    for (const PlanRow& row : rows) {
      any_feasible = any_feasible || row.row.feasible;
      any_on_front = any_on_front || row.on_front;
      const auto better = std::find_if(rows.begin(), rows.end(), [&](const PlanRow& other) {
        return other.row.feasible && beats(other, row);
      });
      ASSERT_EQ(row.on_front, row.row.feasible && better == rows.end());
      ASSERT_EQ(row.dominated_by, row.row.feasible && better != rows.end() ? better->row.name : "");
    }
    ASSERT_EQ(any_on_front, any_feasible);
  }
}

// The order of the rows and what is not feasible change nothing.
TEST(ParetoProperty, TheFrontDoesNotDependOnTheOrder) {
  workload::Random random(8);
  const auto front_of = [](const std::vector<PlanRow>& rows) {
    std::vector<std::string> names;
    for (const PlanRow& row : rows) {
      if (row.on_front) {
        names.push_back(row.row.name);
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<PlanRow> rows = draw_rows(random);
    mark_front(rows);
    std::vector<PlanRow> turned;
    std::copy_if(rows.rbegin(), rows.rend(), std::back_inserter(turned),
                 [](const PlanRow& row) { return row.row.feasible; });
    mark_front(turned);
    ASSERT_EQ(front_of(rows), front_of(turned));
  }
}

}  // namespace
}  // namespace mtok::planner
