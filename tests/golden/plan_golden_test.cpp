// The whole report of a plan, as it was. MTOK_BLESS=1 writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "app/report/plan_report.hpp"

namespace mtok::report {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(MTOK_SOURCE_DIR) / "tests/golden/data";

std::string plan_json() {
  const planner::Catalogue catalogue(kData);
  const planner::Plan plan = planner::load_plan(kData / "plan.yaml", catalogue);
  return plan_text(planner::search(plan, catalogue), {.format = Format::json});
}

TEST(PlanGolden, TheReportIsUnchanged) {
  const std::string json = plan_json();
  const fs::path expected = kData / "plan.expected";
  if (std::getenv("MTOK_BLESS") != nullptr) {
    std::ofstream(expected, std::ios::binary) << json;
  }
  std::ostringstream text;
  text << std::ifstream(expected, std::ios::binary).rdbuf();
  EXPECT_EQ(json, text.str()) << "see the head of this test";
}

}  // namespace
}  // namespace mtok::report
