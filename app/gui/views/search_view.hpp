// Many variants of a scenario at once: a sweep of fields, or a search for the cheapest fleets and their
// front.
#pragma once

#include <memory>
#include <vector>

#include "app/gui/models/background_job.hpp"
#include "app/gui/models/variants.hpp"
#include "app/gui/view.hpp"
#include "sim/planner/plan.hpp"

class QComboBox;
class QCustomPlot;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace mtok::gui {

class FrontChart;

/// `sweep`: every combination of the chosen values is run as it stands. `search`: every combination gets the
/// fewest replicas that keep the promises, as `mtok plan` does.
class SearchView final : public View {
  Q_OBJECT
 public:
  enum class Kind { sweep, search };
  SearchView(Workbench& workbench, Kind kind, QWidget* parent);
  void refresh() override;
  [[nodiscard]] bool settled() const override { return !job_.running() && started_; }
  void setNarrow(bool narrow) override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }
  [[nodiscard]] std::optional<ScenarioTree> variantOfRow(int row) const override;
  void start();

 private:
  struct AxisRow {
    QComboBox* field = nullptr;
    QLineEdit* values = nullptr;
  };
  void addAxis();
  [[nodiscard]] std::vector<Axis> axes() const;
  void runSweep(const std::vector<ScenarioTree>& trees);
  void runSearch(const std::vector<ScenarioTree>& trees);
  void take(std::vector<planner::PlanRow> rows, std::vector<ScenarioTree> trees, const QString& remark);
  void draw();
  [[nodiscard]] int placeOf(int row) const;
  void open(int row);

  Kind kind_;
  QGridLayout* axes_grid_;
  std::vector<AxisRow> axis_rows_;
  QComboBox* against_;
  QPushButton* run_;
  QPushButton* stop_;
  QLabel* count_;
  QCustomPlot* plot_;
  FrontChart* front_;
  ChartPanel* panel_;
  bool started_ = false;
  std::vector<planner::PlanRow> rows_;
  std::vector<ScenarioTree> trees_;  ///< of the rows, in their order
  std::vector<int> shown_;           ///< rows that the table shows, when some were brushed
  BackgroundJob job_;                ///< last: it ends before what it fills
};

}  // namespace mtok::gui
