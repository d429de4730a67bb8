// Predicted against measured: recorded kernels of a host, measurements of serving systems, or this host now.
#pragma once

#include <functional>
#include <vector>

#include "app/gui/models/background_job.hpp"
#include "app/gui/view.hpp"
#include "sim/validation/outcome.hpp"

class QCustomPlot;
class QPushButton;

namespace mtok::gui {

class ValidationView final : public View {
  Q_OBJECT
 public:
  ValidationView(Workbench& workbench, QWidget* parent);
  void refresh() override;
  [[nodiscard]] bool settled() const override { return !job_.running() && started_; }
  [[nodiscard]] std::vector<ChartPanel*> panels() const override { return {panel_}; }

 private:
  /// What was set against the predictions, and how it went.
  struct Judged {
    std::vector<validation::Outcome> outcomes{};
    QString subject{};
  };
  void start(std::function<Judged(const BackgroundJob::Progress&)> judge, const QString& doing);
  void showRecorded();
  void runHost();
  void openMeasurements();
  void draw();

  QCustomPlot* plot_;
  ChartPanel* panel_;
  QPushButton* host_;
  QPushButton* stop_;
  bool started_ = false;
  Judged judged_;
  BackgroundJob job_;  ///< last: it ends before what it fills
};

}  // namespace mtok::gui
