// The constants of a device that a fit may move.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/validation/kernel_rows.hpp"

namespace mtok::validation {

/// A share as profiles write it: three decimals.
[[nodiscard]] std::string share_text(double value);

/// One number that the search may move.
struct Knob {
  std::string name{};
  std::string format{};
  std::vector<std::string_view> moves{};  ///< first words of the kinds whose times depend on it
  double least = 0;
  double most = 1;
  std::function<double(const hardware::Efficiency&)> get{};
  std::function<void(hardware::Efficiency&, double)> set{};
  std::function<std::string(double)> text{};
};

/// "gemm fp8 m < 16" -> "gemm m < 16", "attention decode ..." -> "attention decode", else the first word.
[[nodiscard]] std::string kind_of(const KernelRow& row);

/// The constants that the rows, which are of this device, say something about.
[[nodiscard]] std::vector<Knob> knobs_for(const hardware::DeviceProfile& profile,
                                          std::span<const KernelRow> rows);

}  // namespace mtok::validation
