// Number formats: names and sizes.
#include "sim/kernel/number_format.hpp"

#include <cassert>

namespace mtok::kernel {

std::string_view name_of(NumberFormat format) {
  for (const NamedFormat& entry : kNumberFormats) {
    if (entry.format == format) {
      return entry.name;
    }
  }
  assert(false && "every format has a name");
  return "";
}

std::optional<NumberFormat> format_named(std::string_view name) {
  for (const NamedFormat& entry : kNumberFormats) {
    if (entry.name == name) {
      return entry.format;
    }
  }
  return std::nullopt;
}

Bytes bytes_per_value(NumberFormat format) {
  switch (format) {
    case NumberFormat::fp32:
    case NumberFormat::tf32:
      return Bytes(4);
    case NumberFormat::bf16:
    case NumberFormat::fp16:
      return Bytes(2);
    case NumberFormat::fp8:
    case NumberFormat::int8:
      return Bytes(1);
    case NumberFormat::fp8_block:
      return Bytes(1 + 4.0 / (128 * 128));
    case NumberFormat::int4:
      return Bytes((4 + 16.0 / 128) / 8);
    case NumberFormat::nvfp4:
      return Bytes((4 + 8.0 / 16) / 8);
    case NumberFormat::mxfp4:
      return Bytes((4 + 8.0 / 32) / 8);
  }
  assert(false && "every format has a size");
  return Bytes{};
}

}  // namespace mtok::kernel
