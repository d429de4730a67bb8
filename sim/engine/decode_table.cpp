// Finds the straight lines of decode steps and reads runs of steps off them.
#include "sim/engine/decode_table.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace mtok::engine {
namespace {

/// Share of its value by which a point may lie off a line: less than 0.1 ns in a step of 100 ms.
constexpr double kStraight = 1e-9;

Ticks scaled(Ticks time, double share) {
  return Ticks::from(time.seconds() * share);
}

/// For how many steps a time that is `left` below a bound stays below it while it grows. Requires left > 0.
std::int64_t steps_below(Ticks left, Ticks growth) {
  if (growth <= Ticks{}) {
    return INT64_MAX;
  }
  return static_cast<std::int64_t>(std::min<Int128>(INT64_MAX, (left.count() - 1) / growth.count() + 1));
}

struct Line {
  std::int64_t from = 0;
  Demand start{};
  Demand slope{};

  Line(std::int64_t x0, const Demand& y0, std::int64_t x1, const Demand& y1)
      : from(x0), start(y0), slope((y1 - y0) * (1.0 / static_cast<double>(x1 - x0))) {}
  [[nodiscard]] Demand at(std::int64_t x) const { return start + slope * static_cast<double>(x - from); }
  [[nodiscard]] bool holds(std::int64_t x, const Demand& y) const {
    const Demand off = at(x) - y;
    return std::abs(off.time.base()) <= kStraight * std::abs(y.time.base()) &&
           std::abs(off.energy.base()) <= kStraight * std::abs(y.energy.base());
  }
};

}  // namespace

PiecewiseLine::Piece PiecewiseLine::piece_from(std::int64_t start, const Function& function) {
  const Demand first = function(start);
  const auto piece = [&](std::int64_t end, const Demand& slope) {
    const Ticks tick_slope = Ticks::from(slope.time);
    return Piece{.end = end,
                 .base = Ticks::from(first.time) - tick_slope * start,
                 .slope = tick_slope,
                 .demand_base = first - slope * static_cast<double>(start),
                 .demand_slope = slope};
  };
  // The longest of the widths 2, 4, 8, ... over which the middle lies on the chord.
  std::int64_t width = 0;
  Line line(start, first, start + 1, first);
  Demand middle = function(start + 1);
  for (std::int64_t next = 2; start + next < kMost; next *= 2) {
    const Demand end = function(start + next);
    const Line chord(start, first, start + next, end);
    if (!chord.holds(start + next / 2, middle)) {
      break;
    }
    width = next;
    line = chord;
    middle = end;
  }
  if (width == 0) {
    return piece(start + 1, {});
  }
  // The last context on the line lies between one and two widths; by halving.
  std::int64_t on = start + width;
  std::int64_t off = std::min(start + 2 * width, kMost);
  if (off == kMost) {
    return piece(kMost, line.slope);
  }
  Demand last = middle;
  while (off - on > 1) {
    const std::int64_t x = on + (off - on) / 2;
    const Demand y = function(x);
    if (line.holds(x, y)) {
      on = x;
      last = y;
    } else {
      off = x;
    }
  }
  return piece(off, Line(start, first, on, last).slope);
}

const PiecewiseLine::Piece& PiecewiseLine::piece_at(std::int64_t context, std::int64_t least,
                                                    const Function& function) {
  assert(least >= 1 && context >= least && context < kMost);
  const auto starts_after = [&](std::size_t i) { return i > 0 && context < pieces_[i - 1].end; };
  while (pieces_.empty() || context >= pieces_.back().end) {
    pieces_.push_back(piece_from(pieces_.empty() ? least : pieces_.back().end, function));
  }
  while (context >= pieces_[last_].end) {
    ++last_;
  }
  while (starts_after(last_)) {
    --last_;
  }
  return pieces_[last_];
}

DecodeTable::Entry& DecodeTable::entry(std::int64_t sequences) {
  const auto i = static_cast<std::size_t>(sequences);
  if (i >= entries_.size()) {
    entries_.resize(std::max(i + 1, 2 * entries_.size()));
  }
  Entry& entry = entries_[i];
  if (!entry.known) {
    entry.known = true;
    entry.fixed = fixed_of_(sequences);
    entry.device = Ticks::from(entry.fixed.device.time + entry.fixed.waiting);
    entry.host = Ticks::from(entry.fixed.host);
    entry.slack = Ticks::from(entry.fixed.attention_slack);
    entry.host_beyond = Ticks::from(entry.fixed.host * (1 - entry.fixed.host_hidden));
    entry.lines.resize(1 + windows_.size());
  }
  return entry;
}

const PiecewiseLine::Piece& DecodeTable::piece(Entry& entry, std::int64_t sequences, std::size_t line,
                                               std::int64_t context) {
  PiecewiseLine& lines = entry.lines[line];
  if (const PiecewiseLine::Piece* const same = lines.same_piece(context); same != nullptr) {
    return *same;
  }
  const std::int64_t window = line == 0 ? 0 : windows_[line - 1];
  return lines.piece_at(context, sequences,
                        [&](std::int64_t keys) { return attention_of_(sequences, window, keys); });
}

DecodeTable::Sums DecodeTable::sums_of(Entry& known, const StepShape& shape,
                                       std::span<const std::int64_t> windowed_growth) {
  const std::int64_t n = shape.decode_sequences;
  Sums sums{.demand = known.fixed.device};
  for (std::size_t i = 0; i <= windows_.size(); ++i) {
    const std::int64_t context = i == 0 ? shape.decode_context : shape.decode_windowed[i - 1];
    const std::int64_t grown = i == 0 ? n : windowed_growth[i - 1];
    const PiecewiseLine::Piece& line = piece(known, n, i, context);
    sums.attention.first += line.base + line.slope * context;
    sums.attention.growth += line.slope * grown;
    sums.demand += line.demand_base + line.demand_slope * static_cast<double>(context);
    sums.demand_growth += line.demand_slope * static_cast<double>(grown);
    if (grown > 0) {
      sums.steps = std::min(sums.steps, (line.end - 1 - context) / grown + 1);
    }
  }
  return sums;
}

DecodeTable::Ramp DecodeTable::behind_host(Entry& known, const StepShape& shape,
                                           std::span<const std::int64_t> windowed_growth,
                                           bool attention_hidden) {
  const std::int64_t n = shape.decode_sequences;
  const double shown = 1 - known.fixed.host_hidden;
  Ramp step{.first =
                known.host + scaled(attention_hidden ? known.device : known.device - known.slack, shown)};
  for (std::size_t i = 0; !attention_hidden && i <= windows_.size(); ++i) {
    const std::int64_t context = i == 0 ? shape.decode_context : shape.decode_windowed[i - 1];
    const PiecewiseLine::Piece& line = piece(known, n, i, context);
    const Ticks slope = scaled(line.slope, shown);
    step.first += scaled(line.base, shown) + slope * context;
    step.growth += slope * (i == 0 ? n : windowed_growth[i - 1]);
  }
  return step;
}

DecodeRun DecodeTable::run(const StepShape& shape, std::span<const std::int64_t> windowed_growth) {
  Entry& known = entry(shape.decode_sequences);
  const Fixed& fixed = known.fixed;
  Sums sums = sums_of(known, shape, windowed_growth);
  std::int64_t steps = sums.steps;
  const bool hidden = sums.attention.first < known.slack;
  if (hidden) {  // until it is longer than what hides it
    sums.demand.time = fixed.device.time;
    sums.demand_growth.time = {};
    steps = std::min(steps, steps_below(known.slack - sums.attention.first, sums.attention.growth));
    sums.attention.growth = {};
  } else {
    sums.demand.time -= fixed.attention_slack;
  }
  const Ticks device = hidden ? known.device : known.device + sums.attention.first - known.slack;
  Ramp step{.first = device + known.host_beyond, .growth = sums.attention.growth};
  if (fixed.host_hidden > 0 && device < known.host) {
    // All of the devices' work hides host time; the kink at which it no longer does ends the run as well.
    step = behind_host(known, shape, windowed_growth, hidden);
    if (sums.attention.growth > Ticks{}) {
      steps = std::min(steps, steps_below(known.host - device, sums.attention.growth));
    }
  }
  if (step.growth < Ticks{}) {
    step.growth = {};
    steps = 1;
  }
  const Seconds idle = step.first.seconds() - sums.demand.time;
  const Seconds idle_growth = step.growth.seconds() - sums.demand_growth.time;
  return {.duration = step.first,
          .growth = step.growth,
          .steps = steps,
          .energy = sums.demand.energy + fixed.idle * idle,
          .energy_growth = sums.demand_growth.energy + fixed.idle * idle_growth,
          .compute_peak = sums.demand.compute_peak,
          .compute_growth = sums.demand_growth.compute_peak,
          .memory_peak = sums.demand.memory_peak,
          .memory_growth = sums.demand_growth.memory_peak};
}

Demand DecodeTable::attention(const StepShape& shape) {
  const std::int64_t n = shape.decode_sequences;
  Entry& known = entry(n);
  Demand demand;
  for (std::size_t i = 0; i <= windows_.size(); ++i) {
    const std::int64_t context = i == 0 ? shape.decode_context : shape.decode_windowed[i - 1];
    const PiecewiseLine::Piece& line = piece(known, n, i, context);
    demand += line.demand_base + line.demand_slope * static_cast<double>(context);
  }
  return demand;
}

}  // namespace mtok::engine
