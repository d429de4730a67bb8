// Fits the efficiency of one device to measured kernels of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/validation/kernel_rows.hpp"

namespace mtok::validation {

/// Median errors of one kind of kernel.
struct FitError {
  std::string kind{};  ///< "gemm m >= 16", "attention decode", "moe", "collective"; "all"
  std::int64_t rows = 0;
  double before = 0;
  double fitted = 0;  ///< with the constants that were fitted to all rows
  double judged = 0;  ///< each row with constants that were fitted without the fifth of the shapes it is of
  std::optional<double> others{};  ///< from the data sheet and the constants of other devices alone
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
  std::vector<Outcome> judged{};      ///< all rows, each by a fit without its shape; the family is the kind
  std::vector<std::string> donors{};  ///< the devices behind FitError::others
  std::vector<Outcome> others{};      ///< all rows, by the donors' constants; the family is the kind
};

/// False for unsupported rows, and for collectives over networks or bridges of which the file says only that
/// they join nodes or pairs: these say nothing about the links of the device.
[[nodiscard]] bool is_evidence(const KernelRow& row);

inline constexpr int kFolds = 5;
/// Which fifth of the shapes a row belongs to, by a hash of (n, k), (heads, head_dim, kv_len), (hidden,
/// inter, experts) or (operation, bytes).
[[nodiscard]] int fold_of(const KernelRow& row);

/// Moves the constants for which `rows` hold evidence, at most 8 of the device and 5 of each format, so that
/// the mean of |ln(predicted / measured)|, rows beyond ln 2 counting a tenth of what is beyond, is least;
/// kinds of kernels count equally, and leaving the start costs a little. Pattern search over the logarithms
/// of the constants, so the result is a function of the rows. Fits five times without a fifth of the shapes
/// each to judge, then with all rows to keep. All rows are of this device and evidence.
[[nodiscard]] KernelFit fit_kernels(const hardware::DeviceProfile& given, std::span<const KernelRow> rows);

/// Leave one device out: predicts the rows of fits[which] from its data sheet and the efficiency of others
/// alone, into `others` and `donors`; without a donor both stay empty. Donors are the fitted devices of the
/// same architecture; where there is none, the one of the same kind and vendor (of any vendor, if need be)
/// that was released at the nearest date. Fitted constants are the geometric mean of the donors', all other
/// shares and floors those of the first donor; softmax_flops, which follows from the data sheet, stays.
void judge_by_others(std::span<KernelFit> fits, std::size_t which, std::span<const KernelRow> rows);

/// The `fitted:` block of a profile, with a newline at the end. `data` names the measurements.
[[nodiscard]] std::string fitted_block(const KernelFit& fit, const std::string& data);

/// The text of a profile with its `fitted:` block replaced by this one, or with this one at the end.
[[nodiscard]] std::string with_fitted_block(const std::string& profile_text, const std::string& block);

}  // namespace mtok::validation
