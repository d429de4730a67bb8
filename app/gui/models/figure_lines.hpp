// The figures of a run beside those of the base, in the words and units of the screen.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::gui {

/// One figure of two runs. What does not exist is absent, and a dash on the screen.
struct FigureLine {
  QString section{};  ///< "The bill", ...
  QString key{};      ///< as in the JSON of `mtok diff`: "blended_usd_per_mtok"
  QString title{};
  std::optional<double> base{};
  std::optional<double> value{};
  QString base_text{};
  QString value_text{};
  std::optional<double> relative{};  ///< (value - base) / base
  std::optional<bool> better{};      ///< absent: no change, or neither way is better
};

/// All figures that `mtok diff` shows, in its order.
[[nodiscard]] std::vector<FigureLine> figure_lines(const planner::RunResult& base,
                                                   const planner::RunResult& value);

/// A number of this key as the screen shows it.
[[nodiscard]] QString figure_text(const QString& key, double value);

}  // namespace mtok::gui
