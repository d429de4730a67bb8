// Scenarios side by side: inputs and figures, with the change against the base.
#pragma once

#include "app/gui/view.hpp"

class QCheckBox;
class QCustomPlot;

namespace mtok::gui {

class CompareView final : public View {
  Q_OBJECT
 public:
  CompareView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }

 private:
  void draw();

  QCheckBox* differences_;
  QCustomPlot* plot_;
  ChartPanel* panel_;
};

}  // namespace mtok::gui
