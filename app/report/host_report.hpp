// What was predicted and measured on this host, as text in every format.
#pragma once

#include <span>
#include <string>

#include "app/report/form.hpp"
#include "sim/validation/host_judgement.hpp"
#include "sim/validation/host_measurement.hpp"

namespace mtok::report {

/// Errors by family, speed-ups by rows, MoE layers by batch beside their dense twins, tokens per second of
/// forward passes, and the largest errors. Schema `mtok.validate_host/1`: `kernels` with one entry a sample,
/// `speed_ups`, `mixtures`, `summary`, `machine`. CSV has one line for each of `kernels`.
[[nodiscard]] std::string host_text(std::span<const validation::HostDevice> devices,
                                    const std::string& machine, double disturbed_share, Form form);

/// What `mtok calibrate host` tells: the constants and the errors of the fit.
[[nodiscard]] std::string host_calibration_text(const validation::HostDevice& device, const std::string& file,
                                                Form form);

}  // namespace mtok::report
