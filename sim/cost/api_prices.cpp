// API list prices: reading of models/api_prices.yaml, and look-up by name and day.
#include "sim/cost/api_prices.hpp"

#include <algorithm>
#include <utility>

#include "sim/config/reader.hpp"
#include "sim/cost/stated_text.hpp"

namespace mtok::cost {
namespace {

/// More than any list asks: a slip of the decimal point is an error, not a bill.
constexpr config::Range kUsdPerMtok{.least = 0, .most = 10'000};

UsdPerToken per_mtok(double usd) {
  return Usd(usd) / Tokens(1e6);
}

std::optional<UsdPerToken> read_listed(config::Reader& reader, std::string_view key) {
  return reader.has(key) ? std::optional(per_mtok(reader.number(key, kUsdPerMtok))) : std::nullopt;
}

std::optional<Date> read_day(config::Reader& reader, std::string_view key) {
  if (!reader.has(key)) {
    return std::nullopt;
  }
  const std::optional<Date> day = parse_date(reader.text(key));
  if (!day) {
    reader.fail(key, "expected a day such as 2026-05-20");
  }
  return day;
}

ApiPrice read_price(config::Reader& reader) {
  ApiPrice price;
  price.vendor = stated_text(reader, "vendor");
  price.model = stated_text(reader, "model");
  price.network = reader.text_or("network", "");
  price.input = per_mtok(reader.number("input", kUsdPerMtok));
  price.output = per_mtok(reader.number("output", kUsdPerMtok));
  price.cached_input = read_listed(reader, "cached_input");
  price.batch_input = read_listed(reader, "batch_input");
  price.batch_output = read_listed(reader, "batch_output");
  price.valid_from = read_day(reader, "valid_from");
  price.valid_to = read_day(reader, "valid_to");
  price.as_of = stated_text(reader, "as_of");
  price.source = stated_text(reader, "source");
  price.doubtful = reader.flag_or("doubtful", false);
  price.note = reader.text_or("note", "");
  reader.done();
  return price;
}

bool valid_on(const ApiPrice& price, std::optional<Date> day) {
  if (!day) {
    return !price.valid_to;
  }
  return (!price.valid_from || *price.valid_from <= *day) && (!price.valid_to || *day < *price.valid_to);
}

bool called(const ApiPrice& price, std::string_view name) {
  return price.model == name || price.vendor + "/" + price.model == name;
}

/// ISO days sort as text.
bool seen_later(const ApiPrice& a, const ApiPrice& b) {
  return a.as_of > b.as_of;
}

}  // namespace

std::optional<Usd> api_cost(const ApiPrice& price, const ApiUse& use) {
  if (use.batch) {
    if (!price.batch_input || !price.batch_output) {
      return std::nullopt;
    }
    return *price.batch_input * (use.input + use.cached_input) + *price.batch_output * use.output;
  }
  return price.input * use.input + price.cached_input.value_or(price.input) * use.cached_input +
         price.output * use.output;
}

ApiPriceList ApiPriceList::load(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  config::Reader root = document.root();
  static_cast<void>(root.integer("mtok", {.least = 1, .most = 1}));
  if (root.text("currency") != "USD" && root.has("currency")) {
    root.fail("currency", "list prices are in USD", "convert them at a dated rate and note it");
  }
  ApiPriceList list;
  for (config::Reader& entry : root.mappings("prices")) {
    list.prices_.push_back(read_price(entry));
  }
  root.done();
  document.finish();
  return list;
}

std::optional<ApiPrice> ApiPriceList::find(std::string_view model, std::optional<Date> on) const {
  const ApiPrice* best = nullptr;
  for (const ApiPrice& price : prices_) {
    const bool fits = called(price, model) && !price.doubtful && valid_on(price, on);
    if (fits && (best == nullptr || seen_later(price, *best))) {
      best = &price;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

std::vector<ApiPrice> ApiPriceList::of_network(std::string_view network, std::optional<Date> on) const {
  std::vector<ApiPrice> found;
  for (const ApiPrice& price : prices_) {
    if (price.network != network || price.doubtful || !valid_on(price, on)) {
      continue;
    }
    const auto same = std::find_if(found.begin(), found.end(),
                                   [&](const ApiPrice& other) { return other.vendor == price.vendor; });
    if (same == found.end()) {
      found.push_back(price);
    } else if (seen_later(price, *same)) {
      *same = price;
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const ApiPrice& a, const ApiPrice& b) {
    return a.input + a.output < b.input + b.output;
  });
  return found;
}

std::vector<std::string> ApiPriceList::models() const {
  std::vector<std::string> names;
  for (const ApiPrice& price : prices_) {
    if (std::find(names.begin(), names.end(), price.model) == names.end()) {
      names.push_back(price.model);
    }
  }
  return names;
}

}  // namespace mtok::cost
