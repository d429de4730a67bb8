// Reads optional fields, amounts and evidence of result documents.
#include "app/report/dossier_fields.hpp"

#include <stdexcept>

namespace mtok::report {

bool present(config::Reader& reader, std::string_view key) {
  if (reader.is_null(key)) {
    reader.ignore(key);
    return false;
  }
  return reader.has(key);
}

std::string text_or_empty(config::Reader& reader, std::string_view key) {
  return present(reader, key) ? reader.text(key) : std::string();
}

std::int64_t count_or_zero(config::Reader& reader, std::string_view key) {
  return present(reader, key) ? reader.integer(key) : 0;
}

std::optional<double> number_or_none(config::Reader& reader, std::string_view key) {
  return present(reader, key) ? std::optional(reader.number(key)) : std::nullopt;
}

Money money_of(config::Reader& reader, std::string_view key) {
  const std::string text = reader.text(key);
  try {
    return text.empty() ? Money{} : Money::from_decimal(text);
  } catch (const std::invalid_argument&) {
    reader.fail(key, "expected an amount as decimal text such as \"12.5\", got '" + text + "'");
    return {};
  }
}

std::optional<Money> money_or_none(config::Reader& reader, std::string_view key) {
  return present(reader, key) ? std::optional(money_of(reader, key)) : std::nullopt;
}

namespace {

cost::Parts four_of(config::Reader& reader, std::string_view key) {
  config::Reader parts = reader.mapping(key);
  return {.input = money_of(parts, "input"),
          .cached_input = money_of(parts, "cached_input"),
          .output = money_of(parts, "output"),
          .idle = money_of(parts, "idle")};
}

}  // namespace

cost::Parts energy_parts_of(config::Reader& reader) {
  return present(reader, "energy_parts_usd") ? four_of(reader, "energy_parts_usd") : cost::Parts{};
}

cost::Parts parts_of(config::Reader& reader, std::string_view key, Money total) {
  const cost::Parts read = four_of(reader, key);
  if (reader.ok() && read.sum() != total) {
    reader.fail(key,
                "the parts add up to " + read.sum().to_decimal() + ", and the total is " + total.to_decimal(),
                "the file was changed after it was written; run the scenario again");
  }
  return read;
}

std::vector<planner::InputFile> inputs_of(config::Reader& root) {
  std::vector<planner::InputFile> list;
  for (config::Reader entry : root.mappings("inputs")) {
    list.push_back({.path = entry.text("path"), .sha256 = entry.text("sha256")});
  }
  return list;
}

std::vector<planner::Assumption> assumptions_of(config::Reader& root) {
  std::vector<planner::Assumption> list;
  for (config::Reader entry : root.mappings("assumptions")) {
    list.push_back({.key = entry.text("key"),
                    .value = entry.text("value"),
                    .source = text_or_empty(entry, "source"),
                    .date = text_or_empty(entry, "date")});
  }
  return list;
}

}  // namespace mtok::report
