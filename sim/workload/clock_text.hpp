// Times and counts of traces: text to whole numbers, without a detour over doubles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mtok::workload {

inline constexpr std::int64_t kMaxTokens = std::int64_t{1} << 40U;

/// A plain whole number from 0 to kMaxTokens: digits only, no leading zero. nullopt otherwise.
[[nodiscard]] std::optional<std::int64_t> parse_tokens(std::string_view text);

/// A plain decimal number that is not negative, as whole units of 10^-decimals: ("1.5", 9) is 1500000000.
/// Digits beyond are rounded, half up. nullopt when it is anything else or 2^63 units or more.
[[nodiscard]] std::optional<std::int64_t> parse_scaled(std::string_view text, int decimals);

/// The same for most texts, eight digits at a time; -1 for the rest, which are to be parsed as above.
/// Requires kPadding readable bytes behind the text. No optional: GCC 12 returns one by way of memory, and
/// waits for it.
[[nodiscard]] std::int64_t quick_tokens(std::string_view text);
[[nodiscard]] std::int64_t quick_scaled(std::string_view text, int decimals);

/// A date and time of the Gregorian calendar, `2023-11-16 18:15:46.6805900`, as nanoseconds since 1970. The
/// separator may be T, the fraction has up to 9 digits or is absent, an offset (`Z`, `+02:00`, `-0530`) may
/// follow; none means UTC. Years 1970 to 2261. nullopt otherwise, with the reason in `why`. Leaves out: leap
/// seconds, which are refused.
[[nodiscard]] std::optional<std::int64_t> parse_iso_time(std::string_view text, std::string& why);

}  // namespace mtok::workload
