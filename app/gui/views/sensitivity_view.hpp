// What the cost depends on: one input at a time as a tornado, all at once as percentiles, any of them by
// hand.
#pragma once

#include <memory>
#include <string>

#include "app/gui/models/background_job.hpp"
#include "app/gui/view.hpp"
#include "sim/planner/sensitivity.hpp"

class QBoxLayout;
class QCustomPlot;

namespace mtok::gui {

class WhatIfCard;
struct Theme;

class SensitivityView final : public View {
  Q_OBJECT
 public:
  SensitivityView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] bool settled() const override;
  [[nodiscard]] std::optional<planner::Explanation> explanationOf(const QString& key) const override;
  void setNarrow(bool narrow) override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }

 private:
  void start(const std::string& yaml);
  void draw();
  void drawSwings(const Theme& theme);
  void drawBand(const Theme& theme);

  QBoxLayout* cards_;
  QCustomPlot* plot_;
  ChartPanel* panel_;
  WhatIfCard* what_if_;
  std::string shown_yaml_;
  std::shared_ptr<const planner::Sensitivity> result_;
  BackgroundJob job_;  ///< last: it ends before what it fills
};

}  // namespace mtok::gui
