// How long requests wait: distributions of TTFT, TPOT and E2E with the promises.
#pragma once

#include <array>

#include "app/gui/view.hpp"

class QCustomPlot;

namespace mtok::gui {

class LatencyView final : public View {
  Q_OBJECT
 public:
  LatencyView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }

 private:
  QCustomPlot* plot_;
  ChartPanel* panel_;
};

}  // namespace mtok::gui
