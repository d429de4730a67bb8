// Numbers as the screen shows them, in the locale of the user.
#pragma once

#include <QString>
#include <optional>

#include "sim/units/money.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::gui {

/// What stands where a number does not exist.
[[nodiscard]] QString no_number();

/// `digits` significant digits, whole digits always kept: "0.947", "12.3", "1,235".
[[nodiscard]] QString significant_text(double value, int digits = 3);
/// "1,234".
[[nodiscard]] QString count_text(qint64 value);
/// "$0.947": dollars per million tokens, or any small price.
[[nodiscard]] QString rate_text(std::optional<UsdPerToken> rate);
/// "$94,535", "$1.24 M": for headlines.
[[nodiscard]] QString dollars_text(Usd amount);
[[nodiscard]] QString dollars_text(units::Money amount);
/// "412 ms", "3.2 s".
[[nodiscard]] QString duration_text(std::optional<Seconds> duration);
/// "61.2 %".
[[nodiscard]] QString percent_text(std::optional<double> share);
/// "-23.4 %" with a true minus, "+1.0 %", "0 %".
[[nodiscard]] QString change_text(double relative);

}  // namespace mtok::gui
