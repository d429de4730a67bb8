// Charts as SVG: waterfall, tornado, lines and points, stacked bars.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mtok::report {

/// Heading of a chart. `description` says in words what the picture shows, for those who do not see it.
struct ChartHead {
  std::string title{};
  std::string subtitle{};
  std::string description{};
  std::string unit{};  ///< of the values, under their axis
};

/// One step from a value to the next, or a whole value (from 0) where `from` is absent.
struct WaterfallStep {
  std::string name{};
  std::string note{};            ///< under the name, small
  std::optional<double> from{};  ///< absent: a bar from 0
  std::optional<double> to{};    ///< absent: no bar, the note says why
  std::string label{};           ///< beside the bar
};
/// One row a step, connected by thin lines: green falls, orange rises, blue are whole values. A first value
/// that dwarfs all others is cut, visibly.
[[nodiscard]] std::string waterfall_chart(const ChartHead& head, const std::vector<WaterfallStep>& steps);

/// What the result becomes when one input goes to its low and to its high value.
struct TornadoRow {
  std::string name{};
  double low = 0;           ///< result at the low input
  double high = 0;          ///< result at the high input
  std::string low_text{};   ///< the low input
  std::string high_text{};  ///< the high input
};
/// Bars around `base`, in the given order.
[[nodiscard]] std::string tornado_chart(const ChartHead& head, double base, const std::string& base_label,
                                        const std::vector<TornadoRow>& rows);

struct XyPoint {
  double x = 0;
  double y = 0;
  std::string hint{};  ///< shown by a pointer over the point
};
struct XySeries {
  std::string name{};  ///< in the legend; empty: not there
  std::vector<XyPoint> points{};
  bool line = true;     ///< joins the points in the given order
  bool dots = false;    ///< marks them
  bool dashed = false;  ///< for what is promised or assumed rather than computed
};
struct XyAxis {
  std::string title{};
  bool logarithmic = false;  ///< values that are not positive are left out then
  bool from_zero = true;     ///< of a linear axis
};
/// Series over two axes with grid and legend; head.unit is not used.
[[nodiscard]] std::string xy_chart(const ChartHead& head, const XyAxis& x, const XyAxis& y,
                                   const std::vector<XySeries>& series);

struct StackedBar {
  std::string name{};
  std::vector<double> parts{};  ///< as many as there are part names, none negative
  std::string label{};          ///< behind the bar
};
/// Horizontal bars, one a row, whose parts share their colours and a legend.
[[nodiscard]] std::string bar_chart(const ChartHead& head, const std::vector<std::string>& part_names,
                                    const std::vector<StackedBar>& bars);

}  // namespace mtok::report
