// The capacity plan of a file: a plan has candidates, a scenario has none.
#include "app/cli/capacity_of.hpp"

#include "app/cli/progress.hpp"
#include "sim/config/reader.hpp"
#include "sim/planner/plan_capacity.hpp"

namespace mtok::cli {
namespace {

bool is_plan(const std::filesystem::path& file) {
  config::Document document = config::Document::load(file);
  return document.root().has("candidates");
}

}  // namespace

planner::Capacity capacity_of(const std::filesystem::path& file, const planner::Catalogue& catalogue,
                              bool quiet) {
  const bool plan = is_plan(file);
  ProgressBar bar(plan ? "candidates and levels of demand" : "levels of demand", quiet);
  const planner::Progress progress = [&](std::int64_t done, std::int64_t expected) {
    return bar.advance(done, expected);
  };
  return plan ? planner::plan_capacity(planner::load_plan(file, catalogue), catalogue, progress)
              : planner::plan_capacity(planner::load_scenario(file, catalogue), catalogue, progress);
}

}  // namespace mtok::cli
