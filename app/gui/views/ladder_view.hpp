// The ladder: what each technique saves, one on top of the other, as a waterfall.
#pragma once

#include <memory>
#include <string>

#include "app/gui/models/background_job.hpp"
#include "app/gui/view.hpp"
#include "sim/planner/compare.hpp"

class QCustomPlot;

namespace mtok::gui {

class LadderView final : public View {
  Q_OBJECT
 public:
  LadderView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] bool settled() const override;
  [[nodiscard]] std::optional<ScenarioTree> variantOfRow(int row) const override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }

 private:
  void climb(const std::string& yaml);
  void draw();
  void openRung(int number);

  QCustomPlot* plot_;
  ChartPanel* panel_;
  BackgroundJob job_;
  std::string shown_yaml_;  ///< the scenario that the ladder is of, or will be
  std::shared_ptr<const planner::Comparison> ladder_;
};

}  // namespace mtok::gui
