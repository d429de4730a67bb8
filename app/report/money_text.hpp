// Amounts of money for the eye: rounded as integers, by currency, so that parts shown add up to their total.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/units/money.hpp"

namespace mtok::report {

/// How amounts are rounded where they are shown, in words for the head of a report.
inline constexpr std::string_view kShownRounding =
    "amounts are exact to 1e-12 USD and rounded once where they are shown, halves to even; the parts of an "
    "amount by largest remainder, so that they add up to it";

/// Decimals of a currency by ISO 4217: 2 for USD, 0 for JPY, 3 for KWD; 2 for codes not in the table.
[[nodiscard]] int minor_digits(std::string_view currency);
/// Decimals at which `total` shows five significant digits, at least those of its currency.
[[nodiscard]] int shown_decimals(Money total, std::string_view currency);

/// Plain decimal text with exactly `decimals` (0 to 12), halves to even: "-1234.50".
[[nodiscard]] std::string rounded(Money amount, int decimals);
/// `parts`, each rounded to `decimals`, so that their sum is the rounded sum of them all: every part is cut,
/// and the units that are left go to the largest remainders, earlier parts first.
[[nodiscard]] std::vector<Money> rounded_parts(std::span<const Money> parts, int decimals);

/// The same with its thousands grouped: "-1,234.50".
[[nodiscard]] std::string grouped_money(Money amount, int decimals);
/// "USD 1,234.50": the code of ISO 4217 in front, thousands grouped.
[[nodiscard]] std::string money(Money amount, std::string_view currency, int decimals);
/// With shown_decimals.
[[nodiscard]] std::string money(Money amount, std::string_view currency);

}  // namespace mtok::report
