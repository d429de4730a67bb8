// How results become JSON: ordered keys, money as decimal text, numbers without rounding noise.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/planner/run.hpp"
#include "sim/units/money.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::report {

using Json = nlohmann::ordered_json;

/// The number with at most 12 significant digits, so that 0.1 + 0.2 is 0.3; null when it is not finite.
[[nodiscard]] Json number(double value);
[[nodiscard]] Json number(std::optional<double> value);
/// Bytes; a whole number without a point.
[[nodiscard]] Json bytes(Bytes amount);
/// A duration in milliseconds; null when there is none.
[[nodiscard]] Json in_ms(std::optional<Seconds> duration);
/// Decimal texts of dollars, those of Money exact; null when there is no amount.
[[nodiscard]] Json usd(std::optional<Money> amount);
[[nodiscard]] Json usd(std::optional<Usd> amount);
[[nodiscard]] Json usd_per_mtok(std::optional<UsdPerToken> rate);
/// Text, or null when it is empty.
[[nodiscard]] Json text_or_null(const std::string& text);

[[nodiscard]] Json inputs_json(const std::vector<planner::InputFile>& inputs);
[[nodiscard]] Json assumptions_json(const std::vector<planner::Assumption>& assumptions);

/// The document in `text`, the text of `file`, which has passed config::Document. Throws config::Error for
/// NaN, Infinity and numbers that no double holds, which that lets pass where nothing reads them.
[[nodiscard]] Json parsed(const std::string& text, const std::string& file);

/// The document with indentation and a newline at the end. Bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string written(const Json& document);
/// Adds `hash`, the SHA-256 of the document as it stands, on one line without
/// white space, then writes it.
[[nodiscard]] std::string sealed(Json document);
/// The document has a `hash`, and it is the one that `sealed` gave it.
[[nodiscard]] bool hash_fits(Json document);

/// "key,value" for every leaf of a document, keys joined by dots, list items counted from 0.
[[nodiscard]] std::string flat_csv(const Json& document);
/// One line for each object of a list; the columns are the keys of the first. Nested objects become
/// "outer.inner". Null is an empty cell.
[[nodiscard]] std::string rows_csv(const Json& rows);

}  // namespace mtok::report
