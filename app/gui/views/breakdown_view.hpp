// Where the money goes: the parts of every scenario's bill.
#pragma once

#include "app/gui/view.hpp"

class QComboBox;
class QCustomPlot;

namespace mtok::gui {

class BreakdownView final : public View {
  Q_OBJECT
 public:
  BreakdownView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }

 private:
  QComboBox* split_;
  QCustomPlot* plot_;
  ChartPanel* panel_;
};

}  // namespace mtok::gui
