// Tests what the timeline knows of a run: its preemptions.
#include <gtest/gtest.h>

#include "app/gui/models/project.hpp"
#include "app/gui/models/span_store.hpp"
#include "sim/planner/scenario_text.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

// A pool of few blocks: whoever was admitted last gives way, as often as the run counts it.
TEST(Timeline, HasEveryPreemptionOfTheRun) {
  const planner::Catalogue catalogue = shipped_catalogue();
  const QTemporaryDir folder;
  const std::string file = write_small_chat(folder).toStdString();
  ScenarioTree tree = load_project(file).scenarios.front();
  tree.set("engine.num_gpu_blocks", "600");
  tree.set("workload.rate_scale", "50");
  report::Timeline timeline;
  const planner::RunResult result = planner::run(planner::scenario_from_text(tree.to_yaml(), file, catalogue),
                                                 catalogue, {}, {.observer = &timeline});
  ASSERT_FALSE(result.infeasible) << result.infeasible->reason;
  ASSERT_GT(result.run.totals.preemptions, 0);
  const SpanStore spans(timeline, 2, 600);
  std::int64_t sum = 0;
  for (std::size_t lane = 0; lane < spans.lanes(); ++lane) {
    sum += spans.preemptions(lane);
    EXPECT_EQ(spans.state(lane, 0).preemptions, 0);
    EXPECT_EQ(spans.state(lane, spans.end_ns()).preemptions, spans.preemptions(lane));
  }
  EXPECT_EQ(sum, result.run.totals.preemptions);
}

}  // namespace
}  // namespace mtok::gui
