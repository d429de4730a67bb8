// Opens traces and sums them up.
#include "sim/workload/trace.hpp"

#include <algorithm>
#include <unordered_set>

#include "sim/workload/trace_source.hpp"

namespace mtok::workload {

std::unique_ptr<RequestSource> open_trace(const std::filesystem::path& path, const TraceOptions& options) {
  return std::make_unique<TraceSource>(path, options);
}

TraceSummary summarize(const std::filesystem::path& path, const TraceOptions& options) {
  TraceSource source(path, options);
  TraceSummary summary{.format = source.format()};
  std::unordered_set<std::uint64_t> seen;
  Request request;
  while (source.next(request)) {
    ++summary.requests;
    summary.input_tokens += request.input_tokens;
    summary.output_tokens += request.output_tokens;
    summary.last_arrival_ns = request.arrival_ns;
    summary.longest_request = std::max(summary.longest_request, request.input_tokens + request.output_tokens);
    summary.hash_blocks += static_cast<std::int64_t>(request.hash_ids.size());
    const auto new_block =
        std::ranges::find_if(request.hash_ids, [&](std::uint64_t id) { return !seen.contains(id); });
    summary.unbounded_prefix_hits += new_block - request.hash_ids.begin();
    seen.insert(request.hash_ids.begin(), request.hash_ids.end());
  }
  summary.skipped = source.skipped();
  return summary;
}

}  // namespace mtok::workload
