// Streams the requests of a run as CSV.
#include "app/report/requests_csv.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <iterator>
#include <ostream>

namespace mtok::report {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16U;

/// Whole nanoseconds as seconds with 9 decimals, exactly, and a comma; only that for what never happened.
void add_seconds(fmt::memory_buffer& buffer, SimTime time) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  if (time != kNever) {
    const std::int64_t ns = nanoseconds(time);
    fmt::format_to(std::back_inserter(buffer), FMT_COMPILE("{}.{:09}"), ns / kNsPerSecond, ns % kNsPerSecond);
  }
  buffer.push_back(',');
}

}  // namespace

void write_requests_csv(const planner::RunResult& result, std::ostream& out) {
  fmt::memory_buffer buffer;
  fmt::format_to(std::back_inserter(buffer),
                 "id,arrival_s,scheduled_s,first_token_s,last_token_s,input_tokens,cached_input_tokens,"
                 "output_tokens,cost_usd,replica\n");
  const auto flush = [&] {
    out.write(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    buffer.clear();
  };
  for (std::size_t i = 0; i < result.run.requests.size(); ++i) {
    const engine::RequestRecord& request = result.run.requests[i];
    const auto end = std::back_inserter(buffer);
    fmt::format_to(end, FMT_COMPILE("{},"), request.id);
    for (const SimTime time : {request.arrival, request.scheduled, request.first_token, request.last_token}) {
      add_seconds(buffer, time);
    }
    fmt::format_to(end, FMT_COMPILE("{},{},{},{},"), request.input_tokens, request.cached_input_tokens,
                   request.output_tokens, result.bill.per_request[i].to_decimal());
    if (request.replica >= 0) {
      fmt::format_to(end, FMT_COMPILE("{}"), request.replica);
    }
    buffer.push_back('\n');
    if (buffer.size() >= kPiece) {
      flush();
    }
  }
  flush();
}

}  // namespace mtok::report
