// Tests the tree that fields edit: reading, changing, writing.
#include "app/gui/models/scenario_tree.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/planner/scenario_text.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(ScenarioTree, SetsValuesAndMakesTheMappingsOnTheWay) {
  ScenarioTree tree;
  tree.set("engine.max_num_seqs", "64");
  tree.set("fleet.models[0].share", "0.3");
  EXPECT_EQ(tree.get("engine.max_num_seqs"), "64");
  EXPECT_EQ(tree.get("fleet.models[0].share"), "0.3");
  EXPECT_FALSE(tree.get("fleet.models[1].share").has_value());
  EXPECT_EQ(tree.to_yaml(), "mtok: 1\nengine: {max_num_seqs: 64}\nfleet: {models: [{share: 0.3}]}\n");
}

TEST(ScenarioTree, ErasingTakesEmptyMappingsAlong) {
  ScenarioTree tree = ScenarioTree::from_yaml("mtok: 1\nslo: {ttft_p99_ms: 5}\nname: a\n", "x");
  tree.erase("slo.ttft_p99_ms");
  EXPECT_FALSE(tree.has("slo"));
  tree.erase("no.such.path");
  EXPECT_EQ(tree.to_yaml(), "mtok: 1\nname: a\n");
}

// What a name may hold: quotes, colons, brackets, letters beyond ASCII, text that looks like a number.
TEST(ScenarioTree, TextSurvivesWritingAndReading) {
  for (const std::string name :
       {"plain", "a: b", "[x]", "50 % #1", "über \"alles\"", "- x", "007", "true", "a, b"}) {
    ScenarioTree tree;
    tree.set("name", name);
    const ScenarioTree again = ScenarioTree::from_yaml(tree.to_yaml(), "x");
    EXPECT_EQ(again.get("name"), name) << tree.to_yaml();
  }
}

// Every shipped scenario means the same to the planner after it went through the tree.
TEST(ScenarioTree, ShippedScenariosKeepTheirMeaning) {
  const planner::Catalogue catalogue = shipped_catalogue();
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(workload(""))) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".yaml" || name == "benchmarks.yaml" || name.starts_with("plan")) {
      continue;
    }
    const std::string text = text_of(entry.path());
    const ScenarioTree tree = ScenarioTree::from_yaml(text, name);
    if (!tree.has("model")) {
      continue;
    }
    ++seen;
    const planner::Scenario before = planner::scenario_from_text(text, entry.path(), catalogue);
    const planner::Scenario after = planner::scenario_from_text(tree.to_yaml(), entry.path(), catalogue);
    EXPECT_EQ(before.stated, after.stated) << name << "\n" << tree.to_yaml();
  }
  EXPECT_GE(seen, 8);
}

}  // namespace
}  // namespace mtok::gui
