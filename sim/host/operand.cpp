// Conversions of rows by the format of the product.
#include "sim/host/operand.hpp"

#include <cstring>

namespace mtok::host {
namespace {

using kernel::NumberFormat;

// The buffers between products are raw memory; these say what lies in it.
template <class T>
T* as(std::byte* data) {
  return reinterpret_cast<T*>(data);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}
template <class T>
const T* as(const std::byte* data) {
  return reinterpret_cast<const T*>(data);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

}  // namespace

Operands::Operands(const Library& library, NumberFormat format)
    : loops_(&row_loops(library.machine().isa)), format_(format) {}

std::size_t Operands::input_size() const {
  if (format_ == NumberFormat::int8) {
    return 1;
  }
  return format_ == NumberFormat::bf16 ? 2 : sizeof(float);
}

std::size_t Operands::output_size() const {
  return format_ == NumberFormat::bf16 ? 2 : sizeof(float);
}

float Operands::write(const float* row, std::int64_t n, std::byte* operand) const {
  if (format_ == NumberFormat::int8) {
    return loops_->to_u8(row, n, as<std::uint8_t>(operand));
  }
  if (format_ == NumberFormat::bf16) {
    loops_->to_bf16(row, n, as<std::uint16_t>(operand));
  } else {
    std::memcpy(operand, row, static_cast<std::size_t>(n) * sizeof(float));
  }
  return 1;
}

void Operands::read(const std::byte* result, std::int64_t n, const Columns& columns, float row_scale,
                    float* row) const {
  if (format_ == NumberFormat::int8) {
    loops_->unscale(as<float>(result), columns.scales, columns.sums, row_scale, n, row);
  } else if (format_ == NumberFormat::bf16) {
    loops_->from_bf16(as<std::uint16_t>(result), n, row);
  } else {
    std::memcpy(row, result, static_cast<std::size_t>(n) * sizeof(float));
  }
}

}  // namespace mtok::host
