// Fits the efficiency of one device to measured kernels of it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/validation/kernel_rows.hpp"

namespace mtok::validation {

/// Median errors of one kind of kernel before and after a fit.
struct FitError {
  std::string kind{};   ///< "gemm m >= 16", "attention decode", "moe", "collective"; "all"
  bool fitted = false;  ///< the rows were used for the fit; else their shapes are others
  std::int64_t rows = 0;
  double before = 0;
  double after = 0;
};

/// A constant with its value before and after, as profiles write them.
struct FittedConstant {
  std::string name{};
  std::string format{};  ///< of constants of one number format; else empty
  std::string before{};
  std::string after{};
};

struct KernelFit {
  std::string device{};
  hardware::DeviceProfile profile{};  ///< with the fitted efficiency
  std::vector<FittedConstant> constants{};
  std::vector<FitError> errors{};
};

/// True for rows that a fit may use: half of the shapes, by a hash of (n, k), (heads, head_dim, kv_len),
/// (hidden, inter, experts) or (operation, bytes).
[[nodiscard]] bool is_fitting_row(const KernelRow& row);

/// Moves the constants for which `rows` hold evidence, at most 8 of the device and 2 of each format, so that
/// the mean of |ln(predicted / measured)|, each row cut at ln 2, is least over the rows that is_fitting_row
/// allows; kinds of kernels count equally. Pattern search over the logarithms of the constants, so the result
/// is a function of the rows. All rows are of this device and supported.
[[nodiscard]] KernelFit fit_kernels(const hardware::DeviceProfile& profile, std::span<const KernelRow> rows);

/// The `fitted:` block of a profile, with a newline at the end. `data` names the measurements.
[[nodiscard]] std::string fitted_block(const KernelFit& fit, const std::string& data);

/// The text of a profile with its `fitted:` block replaced by this one, or with this one at the end.
[[nodiscard]] std::string with_fitted_block(const std::string& profile_text, const std::string& block);

}  // namespace mtok::validation
