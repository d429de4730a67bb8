// Compares the whole report of fixed scenarios with what it was.
//
// Each NAME.yaml beside this file has a NAME.expected. MTOK_BLESS=1 writes the expected files anew; such a
// change needs a reason why the numbers moved.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "app/report/run_report.hpp"
#include "sim/planner/run.hpp"

namespace mtok::report {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(MTOK_SOURCE_DIR) / "tests" / "golden";

std::string text_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The catalogue of made-up models and devices, so that better data about real ones moves nothing here.
planner::RunResult run_golden(const std::string& name) {
  const planner::Catalogue catalogue(kFolder / "data");
  return planner::run(planner::load_scenario(kFolder / (name + ".yaml"), catalogue), catalogue);
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, TheReportIsUnchanged) {
  const fs::path expected = kFolder / (GetParam() + ".expected");
  const std::string json = run_json(run_golden(GetParam()));
  if (std::getenv("MTOK_BLESS") != nullptr) {
    std::ofstream(expected, std::ios::binary) << json;
  }
  EXPECT_EQ(json, text_of_file(expected)) << "see the head of this test";
}

TEST_P(Golden, TwoRunsGiveTheSameBytes) {
  EXPECT_EQ(run_json(run_golden(GetParam())), run_json(run_golden(GetParam())));
}

// The folder above the repository is named nowhere: a report can be moved to another machine.
TEST_P(Golden, TheReportNamesNoFolderOfThisMachine) {
  EXPECT_EQ(run_json(run_golden(GetParam())).find(fs::path(MTOK_SOURCE_DIR).parent_path().string() + "/"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Golden, testing::ValuesIn(scenarios()),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace mtok::report
