// A deployment fitted to benchmarks of its user: drop their files on the window.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/gui/models/background_job.hpp"
#include "app/gui/models/calibration.hpp"
#include "app/gui/view.hpp"

class QBoxLayout;
class QCustomPlot;
class QLabel;
class QPushButton;

namespace mtok::gui {

class SheetModel;
class SheetTable;
struct Theme;

class CalibrateView final : public View {
  Q_OBJECT
 public:
  CalibrateView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] bool settled() const override { return !job_.running(); }
  void setNarrow(bool narrow) override;
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }

  /// Whether a file that is dropped may be a benchmark: by its ending.
  [[nodiscard]] static bool isBenchmark(const QString& file);
  /// Fits the scenario that is looked at to these benchmarks.
  void open(const QStringList& files);
  /// Writes the fitted profiles and opens the scenario with them beside the one that was fitted.
  void write(const QString& folder);

 private:
  void start();
  void draw();
  void drawNothing(const Theme& theme);
  void drawFit(const Theme& theme);
  void openDialog();
  void writeDialog();

  QBoxLayout* cards_;
  QCustomPlot* plot_;
  ChartPanel* panel_;
  SheetModel* constants_;
  SheetTable* table_ = nullptr;
  QPushButton* write_;
  QLabel* notes_;
  std::vector<std::filesystem::path> files_;
  std::string fitted_yaml_;
  bool has_result_ = false;  ///< that is shown
  std::shared_ptr<const Calibration> result_;
  BackgroundJob job_;  ///< last: it ends before what it fills
};

}  // namespace mtok::gui
