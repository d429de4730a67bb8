// Text with units, both ways: "3.35 TB/s" is a bandwidth, and a bandwidth is "3.35 TB/s".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/units/quantity.hpp"

namespace mtok::units {

/// A plain decimal number as JSON writes it: optional minus, no leading zeros, no plus (but "1e+5"), no hex,
/// no inf or nan; the whole text. Independent of every locale. nullopt when the text is anything else or does
/// not fit a double.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);
/// A plain decimal integer under the same rules.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// A number, one space, a unit. GB is 1e9 bytes and GiB 2^30. nullopt when the number or the unit is not one
/// of those listed in `units_of`.
template <class Q>
[[nodiscard]] std::optional<Q> parse_quantity(std::string_view text);

/// The units that `parse_quantity<Q>` knows, for messages: "B/s, kB/s, MB/s, GB/s, TB/s, GiB/s".
template <class Q>
[[nodiscard]] std::string units_of();
/// A well-formed value, for messages: "3.35 TB/s".
template <class Q>
[[nodiscard]] std::string_view example_of();

/// `digits` significant digits (whole digits are always kept, decimals are at most 9), with the largest unit
/// that leaves at least 1 before the point: "3.35 TB/s". 0 has no decimals. Requires digits >= 1.
template <class Q>
[[nodiscard]] std::string to_text(Q value, int digits = 3);

/// The shortest decimal text that reads back as the same double; never an exponent with a plus sign.
[[nodiscard]] std::string shortest(double value);
/// Fixed decimals, independent of every locale: fixed(1.005, 2) is "1.00" or "1.01" as the double lies.
[[nodiscard]] std::string fixed(double value, int decimals);

// Defined for these quantities (text.cpp):
//   Seconds, Bytes, Flops, BytesPerSecond, FlopsPerSecond, Watts, UsdPerSecond ("2.50 USD/h").

}  // namespace mtok::units
