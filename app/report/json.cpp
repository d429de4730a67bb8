// Values of results as JSON, and JSON as CSV.
#include "app/report/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "app/report/text.hpp"
#include "sim/config/sha256.hpp"
#include "sim/config/source.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

constexpr int kSignificantDigits = 12;
constexpr auto kReplaceBadBytes = Json::error_handler_t::replace;

double without_noise(double value) {
  std::array<char, 40> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                     std::chars_format::scientific, kSignificantDigits - 1);
  double rounded = value;
  std::from_chars(buffer.data(), written.ptr, rounded);
  return rounded;
}

/// A leaf as a CSV cell; numbers by the rules of FOCUS: no plus sign, no grouping.
std::string cell_of(const Json& leaf) {
  if (leaf.is_null()) {
    return "";
  }
  if (leaf.is_number_float()) {
    return units::shortest(leaf.get<double>());
  }
  return csv_cell(leaf.is_string() ? leaf.get<std::string>() : leaf.dump());
}

/// Of the document on one line without white space.
std::string hash_of(const Json& document) {
  constexpr int kCompact = -1;
  return config::sha256_hex(document.dump(kCompact, ' ', false, kReplaceBadBytes));
}

/// Calls `visit(path, leaf)` for every leaf in order.
template <class Visit>
void walk(const Json& value, const std::string& path, const Visit& visit) {
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) {
      walk(child, below(key), visit);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      walk(value[i], below(units::shortest(static_cast<double>(i))), visit);
    }
  } else {
    visit(path, value);
  }
}

}  // namespace

Json number(double value) {
  return std::isfinite(value) ? Json(without_noise(value)) : Json(nullptr);
}

Json number(std::optional<double> value) {
  return value ? number(*value) : Json(nullptr);
}

Json bytes(Bytes amount) {
  constexpr double kMostExact = 9007199254740992.0;  // 2^53: whole numbers up to here are exact
  const double count = amount.base();
  const bool whole = std::abs(count) <= kMostExact && count == std::floor(count);
  return whole ? Json(static_cast<std::int64_t>(count)) : number(count);
}

Json in_ms(std::optional<Seconds> duration) {
  return duration ? number(duration->base() * 1e3) : Json(nullptr);
}

Json usd(std::optional<Money> amount) {
  return amount ? Json(amount->to_decimal()) : Json(nullptr);
}

Json usd(std::optional<Usd> amount) {
  return amount ? Json(decimal_usd(*amount)) : Json(nullptr);
}

Json usd_per_mtok(std::optional<UsdPerToken> rate) {
  return rate ? Json(decimal_usd_per_mtok(*rate)) : Json(nullptr);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json inputs_json(const std::vector<planner::InputFile>& inputs) {
  Json list = Json::array();
  for (const planner::InputFile& input : inputs) {
    list.push_back({{"path", input.path}, {"sha256", input.sha256}});
  }
  return list;
}

Json assumptions_json(const std::vector<planner::Assumption>& assumptions) {
  Json list = Json::array();
  for (const planner::Assumption& item : assumptions) {
    list.push_back({{"key", item.key},
                    {"value", item.value},
                    {"source", item.source},
                    {"date", text_or_null(item.date)}});
  }
  return list;
}

Json parsed(const std::string& text, const std::string& file) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {  // NaN
    const config::Source source{.text = text, .file = file};
    source.fail(source.position_of(error.byte == 0 ? 0 : error.byte - 1), "no number that JSON has");
  } catch (const Json::out_of_range& error) {
    const std::string_view what = error.what();  // "... number overflow parsing '1e400'"
    const std::size_t from = std::min(what.find('\'') + 1, what.size());
    const std::string number(what.substr(from, what.rfind('\'') - from));
    const config::Source source{.text = text, .file = file};
    source.fail(source.position_of(std::min(text.find(number), text.size())),
                "the number " + number + " is too large", static_cast<int>(number.size()));
  }
}

std::string written(const Json& document) {
  constexpr int kIndent = 2;
  return document.dump(kIndent, ' ', false, kReplaceBadBytes) + "\n";
}

std::string sealed(Json document) {
  document["hash"] = hash_of(document);
  return written(document);
}

bool hash_fits(Json document) {
  const auto stated = document.find("hash");
  if (stated == document.end() || !stated->is_string()) {
    return false;
  }
  const std::string hash = stated->get<std::string>();
  document.erase("hash");
  return hash_of(document) == hash;
}

std::string flat_csv(const Json& document) {
  std::string text = "key,value\n";
  walk(document, "", [&](const std::string& path, const Json& leaf) {
    text += csv_cell(path) + "," + cell_of(leaf) + "\n";
  });
  return text;
}

std::string rows_csv(const Json& rows) {
  std::string text;
  for (const Json& row : rows) {
    std::string titles;
    std::string cells;
    std::string comma;
    walk(row, "", [&](const std::string& path, const Json& leaf) {
      titles += comma + csv_cell(path);
      cells += comma + cell_of(leaf);
      comma = ",";
    });
    text += (text.empty() ? titles + "\n" : "") + cells + "\n";
  }
  return text;
}

}  // namespace mtok::report
