// The fields of one JSON object on one line: the values that traces hold, at the speed that traces need.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/workload/trace_rows.hpp"

namespace mtok::workload {

struct JsonField {
  enum class Kind { number, other };
  std::string_view key{};
  std::size_t key_column = 1;
  Kind kind = Kind::other;
  Cell value{};
};

/// Reads one flat object: numbers, texts without escapes, lists of whole numbers from 0 to 2^64 - 1; at most
/// 32 fields, no key twice. The ids of the list `list_name` go to `ids`, other lists are checked and passed
/// over. False for anything else, right or wrong: then config::parse_json decides. Whatever this accepts,
/// parse_json accepts with the same meaning.
[[nodiscard]] bool scan_fields(std::string_view line, std::string_view list_name,
                               std::vector<JsonField>& fields, std::vector<std::uint64_t>& ids);

}  // namespace mtok::workload
