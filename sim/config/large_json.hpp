// JSON that this program wrote itself: as strict as any other, but longer than what people write by hand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sim/config/value.hpp"

namespace mtok::config {

/// Room for the results of tens of thousands of scenarios.
inline constexpr std::size_t kMaxLargeJsonBytes = std::size_t{64} << 20U;

/// As parse_json, with more bytes. Throws Error.
[[nodiscard]] Value parse_large_json(std::string_view text, const std::string& file);

}  // namespace mtok::config
