// What a calibration to benchmarks says, in words and as sheets.
#pragma once

#include "app/gui/models/calibration.hpp"
#include "app/gui/models/sheet.hpp"

namespace mtok::gui {

/// One measurement of one point with its predictions. Times in seconds, rates in tokens per second.
struct JudgedMeasurement {
  QString what{};  ///< "TTFT", "TPOT", "output tokens/s"
  const validation::FittedPoint* point = nullptr;
  double measured = 0;
  double before = 0;
  double after = 0;
  std::optional<double> left_out{};
};
/// Speaks of the points of `fit`, which must outlive it.
[[nodiscard]] std::vector<JudgedMeasurement> measurements_of(const validation::BenchFit& fit);

/// One row a measurement: measured, before, after, and by a fit that has not seen its point.
[[nodiscard]] Sheet calibration_sheet(const validation::BenchFit& fit);
/// One row a constant, before and after.
[[nodiscard]] Sheet constants_sheet(const validation::BenchFit& fit);
/// Median errors before and after.
[[nodiscard]] QString calibration_summary(const Calibration& calibration);

}  // namespace mtok::gui
