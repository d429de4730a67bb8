// Numbers and names as readers want to see them: the one place where results are rounded for the eye.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/units/money.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::report {

/// What stands where a number does not exist.
inline constexpr std::string_view kNone = "-";

/// "1,234,567": for tables only, never for files that a program reads.
[[nodiscard]] std::string grouped(std::int64_t value);
/// Fixed decimals with grouped thousands: "12,345.68".
[[nodiscard]] std::string grouped(double value, int decimals);
/// At least `digits` significant digits, no more decimals than that takes: "0.0123", "12.3", "1,235".
[[nodiscard]] std::string significant(double value, int digits = 3);

/// Dollars for the eye: cents from a dollar on, four significant digits below: "$1,234.57", "$0.01235".
[[nodiscard]] std::string dollars(Usd amount);
[[nodiscard]] std::string dollars(Money amount);
/// Dollars per million tokens: "$1.234".
[[nodiscard]] std::string dollars_per_mtok(std::optional<UsdPerToken> rate);
/// The same with its sign: "-$0.120", "+$0.050".
[[nodiscard]] std::string signed_dollars_per_mtok(std::optional<UsdPerToken> rate);
/// Milliseconds without the unit: "1,234", "45.6", "0.123".
[[nodiscard]] std::string milliseconds(std::optional<Seconds> duration);
/// A share as "12.3 %".
[[nodiscard]] std::string percent(std::optional<double> share);
/// A count with its unit of thousands: "70.6 B" parameters, "812 M".
[[nodiscard]] std::string parameters(std::int64_t count);

/// Decimal text of a rate in dollars per million tokens, for files: 15 significant digits, at most 12
/// decimals.
[[nodiscard]] std::string decimal_usd_per_mtok(UsdPerToken rate);
/// Decimal text of a real number of dollars, for files, with as many digits.
[[nodiscard]] std::string decimal_usd(Usd amount);

/// `text` without control characters, so that a name from a file cannot steer a terminal.
[[nodiscard]] std::string printable(std::string_view text);
/// Columns that a UTF-8 text takes on a screen: one for each code point.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// One CSV cell (RFC 4180). A plain number stays as it is, minus included; text that a spreadsheet could run
/// as a formula (leading = + - @ TAB CR LF) gets an apostrophe in front.
[[nodiscard]] std::string csv_cell(std::string_view text);
/// Text as Markdown shows it literally: on one line, pipes and the beginnings of HTML escaped.
[[nodiscard]] std::string markdown_text(std::string_view text);
/// A text cell of a Markdown table, guarded as in CSV, since tables get pasted into spreadsheets.
[[nodiscard]] std::string markdown_cell(std::string_view text);

}  // namespace mtok::report
