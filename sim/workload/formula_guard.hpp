// Keeps text cells of CSV files from being run as spreadsheet formulas.
#pragma once

#include <string>
#include <string_view>

namespace mtok::workload {

/// An apostrophe in front of text that a spreadsheet would run: text that starts with = + - @ TAB or CR, or
/// with apostrophes before one of these. All other text is unchanged.
[[nodiscard]] std::string guarded(std::string_view text);
/// The reverse: unguarded(guarded(text)) == text.
[[nodiscard]] std::string unguarded(std::string_view text);

}  // namespace mtok::workload
