// The age of a price: days between the date that its source states and a day that the caller names.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace mtok::cost {

/// A day of the Gregorian calendar. The library never asks what day it is.
using Date = std::chrono::sys_days;

/// A price that is older is told to whoever reads the bill.
inline constexpr std::chrono::days kOldPrice{180};

/// "2026-11-23"; nullopt when it is anything else or no such day exists.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);

/// The last day that a stated date may mean. It is the last date in the text: a day "2026-05-20", a month
/// "2026-05", a half-year "2025-H2" or a year "2026", alone or at the end of a span "2024-05..2025-03", with
/// or without remarks. nullopt when the text has none ("undated").
[[nodiscard]] std::optional<Date> latest_day(std::string_view as_of);

}  // namespace mtok::cost
