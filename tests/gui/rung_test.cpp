// Tests that a rung of the ladder opens as a scenario that costs what the rung says.
#include <gtest/gtest.h>

#include "app/gui/models/project.hpp"
#include "app/gui/models/rung_scenario.hpp"
#include "sim/planner/ladder.hpp"
#include "sim/planner/scenario_text.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

double usd_per_mtok(UsdPerToken rate) {
  return (rate * Tokens(1e6)).base();
}

// Two pools draw another share of the requests than the router of a fleet does: near is enough there.
TEST(RungScenario, CostsWhatTheRungCosts) {
  constexpr double kSame = 1e-9;
  constexpr double kOtherShare = 0.15;
  const planner::Catalogue catalogue = shipped_catalogue();
  const QTemporaryDir folder;
  const std::string file = write_small_chat(folder).toStdString();
  ScenarioTree tree = load_project(file).scenarios.front();
  tree.set("model", "llama-3.1-70b");  // the rungs of models have stand-ins for it
  tree.set("hardware.count", "4");
  const planner::Scenario scenario = planner::scenario_from_text(tree.to_yaml(), file, catalogue);
  const planner::Comparison ladder = planner::ladder(scenario, catalogue);
  int opened = 0;
  int with_two = 0;
  for (const planner::Row& rung : ladder.rows) {
    if (!rung.per_token) {
      continue;
    }
    const RungScenario made = rung_scenario(tree, rung, catalogue);
    ASSERT_TRUE(made.tree) << rung.name << ": " << made.why_not.toStdString();
    const planner::RunResult result =
        planner::run(planner::scenario_from_text(made.tree->to_yaml(), file, catalogue), catalogue);
    ASSERT_TRUE(result.bill.per_token.blended) << rung.name;
    const double cost = usd_per_mtok(*rung.per_token);
    const bool two = rung.pools.size() > 1;
    EXPECT_NEAR(usd_per_mtok(*result.bill.per_token.blended), cost, cost * (two ? kOtherShare : kSame))
        << rung.name << "\n"
        << made.tree->to_yaml();
    ++opened;
    with_two += two ? 1 : 0;
  }
  EXPECT_GE(opened, 7);
  EXPECT_GE(with_two, 1);
}

TEST(RungScenario, SaysWhyThereIsNone) {
  EXPECT_FALSE(rung_scenario({}, {.name = "naive", .reason = "does not fit"}, shipped_catalogue()).tree);
}

}  // namespace
}  // namespace mtok::gui
