// Reads hwprofiles/model_error.yaml.
#include "sim/planner/model_error.hpp"

#include <algorithm>
#include <array>

#include "sim/config/reader.hpp"

namespace mtok::planner {
namespace {

constexpr std::array<std::string_view, 3> kMetrics{"ttft", "tpot", "throughput"};

ModelError read_error(config::Reader& entry, const std::vector<double>& shares) {
  ModelError error{.family = entry.text("family"), .metric = entry.text("metric")};
  error.rows = entry.integer("rows", config::kAtLeastOne);
  const std::vector<double> ratios = entry.numbers("ratios", config::kPositive);
  if (std::find(kMetrics.begin(), kMetrics.end(), error.metric) == kMetrics.end()) {
    entry.fail("metric", "expected ttft, tpot or throughput");
  }
  if (ratios.size() != shares.size() || !std::is_sorted(ratios.begin(), ratios.end())) {
    entry.fail("ratios", "expected one value for each of the quantiles, none below the one before");
  } else if (!ratios.empty()) {
    error.ratio = Spread::table(shares, ratios);
  }
  entry.done();
  return error;
}

}  // namespace

ModelErrors ModelErrors::load(const std::filesystem::path& file) {
  config::Document document = config::Document::load(file);
  config::Reader root = document.root();
  ModelErrors errors;
  static_cast<void>(root.integer("mtok", {.least = 1, .most = 1}));
  errors.source_ = root.text("source");
  const std::vector<double> shares = root.numbers("quantiles", config::kFraction);
  for (config::Reader& entry : root.mappings("errors")) {
    errors.errors_.push_back(read_error(entry, shares));
  }
  for (const std::string_view metric : kMetrics) {
    const bool there =
        std::any_of(errors.errors_.begin(), errors.errors_.end(),
                    [&](const ModelError& error) { return error.metric == metric && error.family == "all"; });
    if (!there) {
      root.fail("errors", "expected an entry of family 'all' for " + std::string(metric));
    }
  }
  root.done();
  document.finish();
  return errors;
}

const ModelError& ModelErrors::of(std::string_view metric, std::string_view family) const {
  const auto find = [&](std::string_view wanted) {
    return std::find_if(errors_.begin(), errors_.end(), [&](const ModelError& error) {
      return error.metric == metric && error.family == wanted;
    });
  };
  const auto own = find(family);
  return own != errors_.end() ? *own : *find("all");
}

}  // namespace mtok::planner
