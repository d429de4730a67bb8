// Sorts latencies and takes points off their distribution.
#include "app/report/curves.hpp"

#include <algorithm>
#include <optional>

namespace mtok::report {
namespace {

std::optional<Seconds> latency_of(const engine::RequestRecord& request, LatencyKind kind) {
  if (request.outcome != engine::Outcome::completed) {
    return std::nullopt;
  }
  switch (kind) {
    case LatencyKind::ttft:
      return engine::ttft_of(request);
    case LatencyKind::tpot:
      return engine::tpot_of(request);
    case LatencyKind::e2e:
      break;
  }
  return Seconds(static_cast<double>(nanoseconds(request.last_token) - nanoseconds(request.arrival)) * 1e-9);
}

}  // namespace

std::vector<SharePoint> latency_curve(const planner::RunResult& result, LatencyKind kind, std::size_t most) {
  std::vector<Seconds> values;
  for (const engine::RequestRecord& request : result.run.requests) {
    if (const std::optional<Seconds> latency = latency_of(request, kind)) {
      values.push_back(*latency);
    }
  }
  std::sort(values.begin(), values.end());
  std::vector<SharePoint> points;
  const std::size_t count = std::min(values.size(), most);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t rank = count < 2 ? 0 : i * (values.size() - 1) / (count - 1);
    points.push_back({.duration = values[rank],
                      .share = static_cast<double>(rank + 1) / static_cast<double>(values.size())});
  }
  return points;
}

}  // namespace mtok::report
