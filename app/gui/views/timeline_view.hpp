// What every replica does over time.
#pragma once

#include <memory>

#include "app/gui/view.hpp"

namespace mtok::report {
class Timeline;
}

namespace mtok::gui {

class TimelineChart;

class TimelineView final : public View {
  Q_OBJECT
 public:
  TimelineView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }

 private:
  TimelineChart* chart_;
  ChartPanel* panel_;
  std::shared_ptr<const report::Timeline> shown_;
};

}  // namespace mtok::gui
