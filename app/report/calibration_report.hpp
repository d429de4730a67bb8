// What a fit of device constants moved, and how much closer it came, as text in every format.
#pragma once

#include <span>
#include <string>

#include "app/report/form.hpp"
#include "sim/validation/kernel_fit.hpp"

namespace mtok::report {

/// Median errors before and after, of fitted rows and of rows judged by a fit without their shape, and the
/// constants.
/// Schema `mtok.calibrate/1`; CSV has one line a device.
[[nodiscard]] std::string calibration_text(std::span<const validation::KernelFit> fits, Form form);

}  // namespace mtok::report
