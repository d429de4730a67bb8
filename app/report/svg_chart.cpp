// Lays out charts: names at the left, an axis below, the picture between.
#include "app/report/svg_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/report/svg.hpp"

namespace mtok::report {
namespace {

constexpr double kWidth = 860;
constexpr double kMargin = 20;
constexpr double kTop = 64;     ///< title and subtitle
constexpr double kBottom = 52;  ///< numbers and unit of the axis
constexpr double kNameSize = 13;
constexpr double kNoteSize = 11;
constexpr std::string_view kFalls = "#009e73";
constexpr std::string_view kRises = "#d55e00";
constexpr std::string_view kWhole = "#0072b2";

void add_head(Drawing& drawing, const ChartHead& head) {
  constexpr double kTitleSize = 18;
  drawing.text({kMargin, 30}, head.title, {.size = kTitleSize, .bold = true});
  drawing.text({kMargin, 50}, head.subtitle, {.size = kNameSize, .colour = kFaint});
}

/// The longest of some texts in pixels, within bounds.
template <class List, class TextOf>
double column_width(const List& list, double size, const TextOf& text_of) {
  constexpr double kLeast = 60;
  constexpr double kMost = 300;
  double width = kLeast;
  for (const auto& item : list) {
    width = std::max(width, text_width(text_of(item), size));
  }
  return std::min(width, kMost);
}

/// Grid lines and numbers of a horizontal axis between two heights, and its unit.
void add_value_axis(Drawing& drawing, const Scale& scale, double top, double bottom,
                    const std::string& unit) {
  for (const double tick : scale.ticks()) {
    const double x = scale.at(tick);
    drawing.line({x, top}, {x, bottom}, {.colour = tick == 0 ? kInk : kGrid});
    drawing.text({x, bottom + 17}, scale.label(tick), {.size = kNoteSize, .anchor = Anchor::middle});
  }
  const double middle = (scale.at(scale.ticks().front()) + scale.at(scale.ticks().back())) / 2;
  drawing.text({middle, bottom + 38}, unit, {.size = kNameSize, .anchor = Anchor::middle, .colour = kFaint});
}

/// A row's name with its remark under it, right of the margin, at the middle height `y`.
void add_name(Drawing& drawing, double y, const std::string& name, const std::string& note) {
  const double shift = note.empty() ? 4 : -2;
  drawing.text({kMargin, y + shift}, name, {.size = kNameSize});
  if (!note.empty()) {
    drawing.text({kMargin, y + 12}, note, {.size = kNoteSize, .colour = kFaint});
  }
}

/// Squares of colour with names, from `left` on.
void add_legend(Drawing& drawing, double left, double y, const std::vector<std::string>& names) {
  constexpr double kSquare = 11;
  double x = left;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) {
      continue;
    }
    drawing.rectangle({x, y - kSquare + 1}, kSquare, kSquare, colour_of(i));
    drawing.text({x + kSquare + 5, y}, names[i], {.size = kNoteSize});
    x += kSquare + 22 + text_width(names[i], kNoteSize);
  }
}

/// Where the axis of a waterfall ends: at the largest value, or, when the first value would make all others
/// too small to see, a little beyond the largest of these.
double end_of(const std::vector<WaterfallStep>& steps) {
  constexpr double kTooLarge = 4;
  constexpr double kRoom = 1.1;
  double most = 0;
  double others = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double value = steps[i].to.value_or(0);
    most = std::max(most, value);
    others = i == 0 ? 0 : std::max(others, value);
  }
  return others > 0 && most > kTooLarge * others ? kRoom * others : most;
}

/// Two white strokes through a bar that is longer than the axis.
void add_break(Drawing& drawing, double x, double middle, double height) {
  constexpr double kSlant = 4;
  constexpr double kGap = 6;
  for (const double shift : {0.0, kGap}) {
    drawing.line({x + shift - kSlant, middle + height / 2 + 1}, {x + shift + kSlant, middle - height / 2 - 1},
                 {.colour = "#ffffff", .width = 2.5});
  }
}

}  // namespace

std::string waterfall_chart(const ChartHead& head, const std::vector<WaterfallStep>& steps) {
  constexpr double kRow = 42;
  constexpr double kBar = 24;
  constexpr double kLabels = 175;  // behind the longest bar
  constexpr double kBeyond = 26;   // how far a bar that is longer than the axis stands out
  const double names =
      std::max(column_width(steps, kNameSize, [](const WaterfallStep& step) { return step.name; }),
               column_width(steps, kNoteSize, [](const WaterfallStep& step) { return step.note; }));
  const double left = kMargin + names + 16;
  const double bottom = kTop + kRow * static_cast<double>(steps.size()) + 8;
  const Scale scale = Scale::linear(0, end_of(steps), left, kWidth - kLabels);
  const double end = scale.at(scale.ticks().back());
  Drawing drawing;
  add_head(drawing, head);
  add_value_axis(drawing, scale, kTop, bottom, head.unit);
  std::optional<Point> last;  // the end of the bar before
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const WaterfallStep& step = steps[i];
    const double middle = kTop + kRow * (static_cast<double>(i) + 0.5) + 4;
    add_name(drawing, middle, step.name, step.note);
    if (!step.to) {
      drawing.text({left + 8, middle + 4}, step.label, {.size = kNoteSize, .colour = kFaint});
      continue;
    }
    const double from = std::min(scale.at(step.from.value_or(0)), end + kBeyond);
    const double to = std::min(scale.at(*step.to), end + kBeyond);
    if (last && step.from) {
      drawing.line(*last, {from, middle - kBar / 2}, {.colour = kFaint, .dashed = true});
    }
    const std::string_view colour = !step.from ? kWhole : (*step.to <= *step.from ? kFalls : kRises);
    drawing.rectangle({std::min(from, to), middle - kBar / 2}, std::max(1.5, std::abs(to - from)), kBar,
                      colour, step.name + ": " + step.label);
    if (std::max(from, to) > end) {
      add_break(drawing, end + kBeyond / 2, middle, kBar);
    }
    drawing.text({std::max(from, to) + 8, middle + 4}, step.label, {.size = kNoteSize});
    last = Point{to, middle + kBar / 2};
  }
  return drawing.finish(kWidth, bottom + kBottom, head.title, head.description);
}

std::string tornado_chart(const ChartHead& head, double base, const std::string& base_label,
                          const std::vector<TornadoRow>& rows) {
  constexpr double kRow = 34;
  constexpr double kBar = 20;
  constexpr double kLabels = 90;  // beside the bars, on both sides
  constexpr double kBase = 36;    // the line that names the base, below the legend
  double low = base;
  double high = base;
  for (const TornadoRow& row : rows) {
    low = std::min({low, row.low, row.high});
    high = std::max({high, row.low, row.high});
  }
  const double left =
      kMargin + column_width(rows, kNameSize, [](const TornadoRow& row) { return row.name; }) + kLabels;
  const double top = kTop + kBase;
  const double bottom = top + kRow * static_cast<double>(rows.size()) + 6;
  const Scale scale = Scale::linear(low, high, left, kWidth - kLabels);
  Drawing drawing;
  add_head(drawing, head);
  add_legend(drawing, left, kTop + 6, {"low value of the input", "high value of the input"});
  add_value_axis(drawing, scale, top, bottom, head.unit);
  const double middle_x = scale.at(base);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TornadoRow& row = rows[i];
    const double middle = top + kRow * (static_cast<double>(i) + 0.5) + 3;
    add_name(drawing, middle, row.name, "");
    const auto bar = [&](double value, const std::string& input, std::size_t colour) {
      const double x = scale.at(value);
      drawing.rectangle({std::min(x, middle_x), middle - kBar / 2}, std::abs(x - middle_x), kBar,
                        colour_of(colour), row.name + " " + input);
    };
    // The longer bar first, so that the shorter stays visible when both lie on one side.
    const bool low_is_longer = std::abs(row.low - base) >= std::abs(row.high - base);
    if (low_is_longer) {
      bar(row.low, row.low_text, 0);
      bar(row.high, row.high_text, 1);
    } else {
      bar(row.high, row.high_text, 1);
      bar(row.low, row.low_text, 0);
    }
    const bool low_is_left = row.low <= row.high;
    const double from = std::min({scale.at(row.low), scale.at(row.high), middle_x});
    const double to = std::max({scale.at(row.low), scale.at(row.high), middle_x});
    drawing.text({from - 6, middle + 4}, low_is_left ? row.low_text : row.high_text,
                 {.size = kNoteSize, .anchor = Anchor::end, .colour = kFaint});
    drawing.text({to + 6, middle + 4}, low_is_left ? row.high_text : row.low_text,
                 {.size = kNoteSize, .colour = kFaint});
  }
  drawing.line({middle_x, top - 4}, {middle_x, bottom}, {.width = 1.5});
  drawing.text({middle_x, top - 8}, base_label, {.size = kNoteSize, .anchor = Anchor::middle, .bold = true});
  return drawing.finish(kWidth, bottom + kBottom, head.title, head.description);
}

namespace {

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

bool shown(const XyPoint& point, const XyAxis& x, const XyAxis& y) {
  return std::isfinite(point.x) && std::isfinite(point.y) && (!x.logarithmic || point.x > 0) &&
         (!y.logarithmic || point.y > 0);
}

Scale scale_of(const XyAxis& axis, Extent extent, double from, double to) {
  if (!(extent.low <= extent.high)) {
    extent = {.low = 1, .high = 1};
  }
  if (axis.logarithmic) {
    return Scale::logarithmic(extent.low, extent.high, from, to);
  }
  return Scale::linear(axis.from_zero ? std::min(0.0, extent.low) : extent.low,
                       axis.from_zero ? std::max(0.0, extent.high) : extent.high, from, to);
}

void add_axes(Drawing& drawing, const Scale& across, const Scale& up, const XyAxis& x, const XyAxis& y) {
  const double left = across.at(across.ticks().front());
  const double right = across.at(across.ticks().back());
  const double bottom = up.at(up.ticks().front());
  const double top = up.at(up.ticks().back());
  add_value_axis(drawing, across, top, bottom, x.title);
  for (const double tick : up.ticks()) {
    drawing.line({left, up.at(tick)}, {right, up.at(tick)}, {.colour = kGrid});
    drawing.text({left - 8, up.at(tick) + 4}, up.label(tick), {.size = kNoteSize, .anchor = Anchor::end});
  }
  drawing.line({left, top}, {left, bottom}, {});
  drawing.line({left, bottom}, {right, bottom}, {});
  drawing.text({kMargin + 6, (top + bottom) / 2}, y.title,
               {.size = kNameSize, .anchor = Anchor::middle, .upright = true, .colour = kFaint});
}

}  // namespace

std::string xy_chart(const ChartHead& head, const XyAxis& x, const XyAxis& y,
                     const std::vector<XySeries>& series) {
  constexpr double kHeight = 480;
  constexpr double kLeft = 90;
  constexpr double kLegend = 24;
  constexpr double kRadius = 4;
  Extent across;
  Extent up;
  std::vector<std::string> names;
  for (const XySeries& one : series) {
    names.push_back(one.name);
    for (const XyPoint& point : one.points) {
      if (shown(point, x, y)) {
        across.take(point.x);
        up.take(point.y);
      }
    }
  }
  const Scale to_x = scale_of(x, across, kLeft, kWidth - kMargin - 10);
  const Scale to_y = scale_of(y, up, kHeight - kBottom, kTop + kLegend);
  Drawing drawing;
  add_head(drawing, head);
  add_legend(drawing, kLeft, kTop + 8, names);
  add_axes(drawing, to_x, to_y, x, y);
  for (std::size_t i = 0; i < series.size(); ++i) {
    std::vector<Point> line;
    for (const XyPoint& point : series[i].points) {
      if (shown(point, x, y)) {
        line.push_back({to_x.at(point.x), to_y.at(point.y)});
      }
    }
    if (series[i].line && line.size() > 1) {
      drawing.path(line, {.colour = colour_of(i), .width = 2, .dashed = series[i].dashed});
    }
    for (std::size_t p = 0, drawn = 0; series[i].dots && p < series[i].points.size(); ++p) {
      if (shown(series[i].points[p], x, y)) {
        drawing.dot(line[drawn++], kRadius, colour_of(i), series[i].points[p].hint);
      }
    }
  }
  return drawing.finish(kWidth, kHeight, head.title, head.description);
}

std::string bar_chart(const ChartHead& head, const std::vector<std::string>& part_names,
                      const std::vector<StackedBar>& bars) {
  constexpr double kRow = 34;
  constexpr double kBar = 22;
  constexpr double kLabels = 100;
  constexpr double kLegend = 20;
  double most = 0;
  for (const StackedBar& bar : bars) {
    double sum = 0;
    for (const double part : bar.parts) {
      sum += part;
    }
    most = std::max(most, sum);
  }
  const double left =
      kMargin + column_width(bars, kNameSize, [](const StackedBar& bar) { return bar.name; }) + 16;
  const double top = kTop + kLegend;
  const double bottom = top + kRow * static_cast<double>(bars.size()) + 6;
  const Scale scale = Scale::linear(0, most, left, kWidth - kLabels);
  Drawing drawing;
  add_head(drawing, head);
  add_legend(drawing, left, kTop + 8, part_names);
  add_value_axis(drawing, scale, top, bottom, head.unit);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double middle = top + kRow * (static_cast<double>(i) + 0.5) + 3;
    add_name(drawing, middle, bars[i].name, "");
    double sum = 0;
    for (std::size_t part = 0; part < bars[i].parts.size(); ++part) {
      const double from = scale.at(sum);
      sum += bars[i].parts[part];
      drawing.rectangle({from, middle - kBar / 2}, scale.at(sum) - from, kBar, colour_of(part),
                        bars[i].name + ", " + part_names[part]);
    }
    drawing.text({scale.at(sum) + 8, middle + 4}, bars[i].label, {.size = kNoteSize});
  }
  return drawing.finish(kWidth, bottom + kBottom, head.title, head.description);
}

}  // namespace mtok::report
