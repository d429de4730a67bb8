// Number formats: names both ways, bytes of a value with its share of the scale.
#include "sim/kernel/number_format.hpp"

#include <gtest/gtest.h>

namespace mtok::kernel {
namespace {

TEST(NumberFormat, EveryNameLeadsToItsFormatAndBack) {
  for (const NamedFormat& entry : kNumberFormats) {
    EXPECT_EQ(name_of(entry.format), entry.name);
    EXPECT_EQ(format_named(entry.name), entry.format);
  }
}

TEST(NumberFormat, UnknownNamesHaveNoFormat) {
  for (const char* name : {"", "FP8", "float16", "int2", "bf16 "}) {
    EXPECT_FALSE(format_named(name).has_value()) << name;
  }
}

// fp8_block: 8 bits and one fp32 scale per 128 x 128 block    = 1 + 4/16384 B = 1.000244140625
// int4:      4 bits and one fp16 scale per 128 values         = (4 + 0.125)/8 = 0.515625
// nvfp4:     4 bits and one fp8 scale per 16 values           = (4 + 0.5)/8   = 0.5625
// mxfp4:     4 bits and one 8-bit exponent per 32 values      = (4 + 0.25)/8  = 0.53125
TEST(NumberFormat, BytesOfAValueIncludeItsShareOfTheScale) {
  EXPECT_EQ(bytes_per_value(NumberFormat::fp32), Bytes(4));
  EXPECT_EQ(bytes_per_value(NumberFormat::tf32), Bytes(4));
  EXPECT_EQ(bytes_per_value(NumberFormat::bf16), Bytes(2));
  EXPECT_EQ(bytes_per_value(NumberFormat::fp16), Bytes(2));
  EXPECT_EQ(bytes_per_value(NumberFormat::fp8), Bytes(1));
  EXPECT_EQ(bytes_per_value(NumberFormat::int8), Bytes(1));
  EXPECT_EQ(bytes_per_value(NumberFormat::fp8_block), Bytes(1.000244140625));
  EXPECT_EQ(bytes_per_value(NumberFormat::int4), Bytes(0.515625));
  EXPECT_EQ(bytes_per_value(NumberFormat::nvfp4), Bytes(0.5625));
  EXPECT_EQ(bytes_per_value(NumberFormat::mxfp4), Bytes(0.53125));
}

}  // namespace
}  // namespace mtok::kernel
