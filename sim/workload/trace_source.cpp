// Checks each row of a trace and hands it on as a request.
#include "sim/workload/trace_source.hpp"

#include <fmt/format.h>

#include <cassert>
#include <cmath>

#include "sim/config/diagnostic.hpp"
#include "sim/workload/clock_text.hpp"

namespace mtok::workload {
namespace {

std::unique_ptr<TraceRows> open_rows(LineReader& lines, const std::optional<TraceFormat>& asked) {
  std::string_view line;
  if (!lines.next_filled(line)) {
    throw config::Error(
        {.file = lines.file(), .message = "the trace is empty; expected a header line or a JSON object"});
  }
  const bool json = line[line.find_first_not_of(" \t")] == '{';
  return json ? open_jsonl_rows(lines, asked) : open_csv_rows(lines, asked);
}

/// "1.5" as it should be written on this clock, for messages.
std::string_view expected_time(Clock clock) {
  switch (clock) {
    case Clock::seconds:
      return "seconds such as 12.5";
    case Clock::milliseconds:
      return "milliseconds such as 3000";
    case Clock::nanoseconds:
      return "nanoseconds such as 144370000";
    case Clock::iso:
      break;
  }
  return "a date and time";
}

/// The text of a cell, cut to what a message can hold.
std::string shown(const Cell& cell) {
  constexpr std::size_t kReadable = 40;
  return std::string(cell.text.substr(0, kReadable)) + (cell.text.size() > kReadable ? "..." : "");
}

/// The clock of a run reaches 292 years, and the last requests must end on it.
constexpr double kLatestNs = 4e18;

int decimals_of(Clock clock) {
  return clock == Clock::seconds ? 9 : clock == Clock::milliseconds ? 6 : 0;
}

}  // namespace

TraceSource::TraceSource(const std::filesystem::path& path, const TraceOptions& options)
    : options_(options), lines_(path), rows_(open_rows(lines_, options.format)) {
  assert(options.rate_scale > 0 && options.limit >= 0 && options.hash_block_size >= 0);
  if (rows_->has_hash_ids()) {
    block_size_ = options.hash_block_size > 0 ? options.hash_block_size : rows_->format().hash_block_size;
    if (block_size_ == 0) {
      fail(rows_->hash_ids_name(), "the trace has hash_ids, but hash_block_size is not set",
           "set hash_block_size to the tokens that one id stands for");
    }
  }
}

bool TraceSource::next(Request& request) {
  TraceRow row;
  while ((options_.limit == 0 || returned_ < options_.limit) && rows_->next(row, request)) {
    const FormatColumns& format = rows_->format();
    const std::int64_t arrival_ns = arrival_of(*row.arrival);
    request.input_tokens = tokens_of(*row.input, format.input);
    request.output_tokens = tokens_of(*row.output, format.output);
    check_total(row.total, request);
    check_order(*row.arrival, arrival_ns);
    check_hash_ids(row.hash_ids, request);
    if (request.output_tokens == 0) {
      ++skipped_.failed;
      continue;
    }
    if (request.input_tokens == 0) {
      fail(*row.input, fmt::format("{}: a request has at least 1 input token", format.input));
    }
    request.arrival_ns = stretched(*row.arrival, arrival_ns - first_ns_);
    ++returned_;
    return true;
  }
  return false;
}

std::int64_t TraceSource::arrival_of(const Cell& cell) {
  const FormatColumns& format = rows_->format();
  if (format.clock == Clock::iso) {
    const std::optional<std::int64_t> time = parse_iso_time(cell.text, why_);
    if (!time) {
      fail(cell, fmt::format("{}: {}", format.arrival, why_));
    }
    return *time;
  }
  const int decimals = decimals_of(format.clock);
  if (const std::int64_t quick = cell.padded ? quick_scaled(cell.text, decimals) : -1; quick >= 0) {
    return quick;
  }
  const std::optional<std::int64_t> time = parse_scaled(cell.text, decimals);
  if (!time) {
    fail(cell,
         fmt::format("{}: expected {}, got '{}'", format.arrival, expected_time(format.clock), shown(cell)));
  }
  return *time;
}

std::int64_t TraceSource::stretched(const Cell& cell, std::int64_t offset_ns) const {
  const double real_ns = static_cast<double>(offset_ns) / options_.rate_scale;
  if (real_ns > kLatestNs) {
    constexpr double kNsPerYear = 365.25 * 86400 * 1e9;
    fail(cell,
         fmt::format("the request comes {:.0f} years after the first one; a run can hold {:.0f}",
                     real_ns / kNsPerYear, kLatestNs / kNsPerYear),
         options_.rate_scale < 1 ? "rate_scale stretches the arrivals" : "");
  }
  return options_.rate_scale == 1 ? offset_ns : std::llround(real_ns);
}

std::int64_t TraceSource::tokens_of(const Cell& cell, std::string_view column) const {
  if (const std::int64_t quick = cell.padded ? quick_tokens(cell.text) : -1; quick >= 0) {
    return quick;
  }
  const std::optional<std::int64_t> tokens = parse_tokens(cell.text);
  if (!tokens) {
    fail(cell,
         fmt::format("{}: expected a whole number of tokens from 0 to 2^40, got '{}'", column, shown(cell)));
  }
  return *tokens;
}

void TraceSource::check_total(const Cell* total, const Request& request) const {
  if (total == nullptr) {
    return;
  }
  const FormatColumns& format = rows_->format();
  const std::int64_t sum = request.input_tokens + request.output_tokens;
  if (tokens_of(*total, format.total) != sum) {
    fail(*total, fmt::format("{} is {}, but {} + {} = {} + {} = {}", format.total, total->text, format.input,
                             format.output, request.input_tokens, request.output_tokens, sum));
  }
}

void TraceSource::check_order(const Cell& cell, std::int64_t arrival_ns) {
  if (last_line_ == 0) {
    first_ns_ = arrival_ns;
  } else if (arrival_ns < last_ns_) {
    fail(cell,
         fmt::format("{}: '{}' is earlier than the arrival on line {}", rows_->format().arrival, cell.text,
                     last_line_),
         "sort the rows by arrival");
  }
  last_ns_ = arrival_ns;
  last_line_ = lines_.number();
}

void TraceSource::check_hash_ids(const Cell* cell, const Request& request) const {
  if (cell == nullptr) {
    return;
  }
  const std::int64_t blocks = (request.input_tokens + block_size_ - 1) / block_size_;
  const auto ids = static_cast<std::int64_t>(request.hash_ids.size());
  if (ids != blocks) {
    fail(*cell,
         fmt::format("hash_ids: {} ids, but {} input tokens are {} blocks of {} tokens", ids,
                     request.input_tokens, blocks, block_size_),
         "set hash_block_size to the tokens that one id stands for");
  }
}

void TraceSource::fail(const Cell& cell, std::string message, std::string hint) const {
  lines_.fail(cell.column, cell.text.size(), std::move(message), std::move(hint));
}

}  // namespace mtok::workload
