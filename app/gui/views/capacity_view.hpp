// How many devices a growing demand needs by month, and whether to rent, commit, own or buy tokens.
#pragma once

#include <memory>
#include <string>

#include "app/gui/models/background_job.hpp"
#include "app/gui/view.hpp"
#include "sim/planner/capacity.hpp"

class QCustomPlot;
class QSplitter;

namespace mtok::gui {

class CapacityView final : public View {
  Q_OBJECT
 public:
  CapacityView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] bool settled() const override { return !job_.running() && !shown_yaml_.empty(); }
  [[nodiscard]] std::optional<planner::Explanation> explanationOf(const QString& key) const override;
  void setNarrow(bool narrow) override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override {
    return {options_, months_, staircase_, commitments_};
  }

 private:
  void start(const std::string& yaml);
  void draw();
  void say(const QString& text);

  QCustomPlot* options_plot_;
  QCustomPlot* months_plot_;
  QCustomPlot* staircase_plot_;
  QCustomPlot* commitments_plot_;
  ChartPanel* options_;
  ChartPanel* months_;
  ChartPanel* staircase_;
  ChartPanel* commitments_;
  QSplitter* cards_;
  std::string shown_yaml_;
  std::shared_ptr<const planner::Capacity> result_;
  BackgroundJob job_;  ///< last: it ends before what it fills
};

}  // namespace mtok::gui
