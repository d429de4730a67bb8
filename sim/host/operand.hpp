// Rows of F32 to operands of matrix products, and results back to F32.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/host/library.hpp"
#include "sim/host/rows.hpp"
#include "sim/kernel/number_format.hpp"

namespace mtok::host {

/// What a product of u8 rows needs to become numbers again: per column the scale of the weights and the sum
/// of the S8 weights. Not used by other formats.
struct Columns {
  const float* scales = nullptr;
  const float* sums = nullptr;
};

/// The values between two products are F32; this turns them into the format of the next product and what a
/// product gave back into F32. int8: one scale for each row (token), found when the row is written.
class Operands {
 public:
  Operands(const Library& library, kernel::NumberFormat format);

  [[nodiscard]] kernel::NumberFormat format() const { return format_; }
  [[nodiscard]] const RowLoops& loops() const { return *loops_; }
  /// Bytes of one value as input, and as result, of a product.
  [[nodiscard]] std::size_t input_size() const;
  [[nodiscard]] std::size_t output_size() const;
  /// Writes n values; returns the scale of the row (1 unless int8).
  float write(const float* row, std::int64_t n, std::byte* operand) const;
  /// Reads n results of a row that was written with this scale.
  void read(const std::byte* result, std::int64_t n, const Columns& columns, float row_scale,
            float* row) const;

 private:
  const RowLoops* loops_;
  kernel::NumberFormat format_;
};

}  // namespace mtok::host
