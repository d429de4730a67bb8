// Price book: reading of hwprofiles/prices/*.yaml, and look-up.
#include "sim/cost/price_book.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <utility>

#include "sim/config/reader.hpp"
#include "sim/cost/stated_text.hpp"

namespace mtok::cost {
namespace {

constexpr std::array<std::pair<std::string_view, Tier>, 5> kTiers{{{"on_demand", Tier::on_demand},
                                                                   {"spot", Tier::spot},
                                                                   {"reserved_1y", Tier::reserved_1y},
                                                                   {"reserved_3y", Tier::reserved_3y},
                                                                   {"owned", Tier::owned}}};
/// More than any device costs: a slip of the decimal point is an error, not a bill.
constexpr config::Range kPerHour{.least = 1e-6, .most = 10'000};
constexpr config::Range kPerDevice{.least = 1, .most = 10'000'000};
constexpr std::string_view kUsd = "USD";

/// "usd_per_device" in a book in dollars, "eur_per_device" in one in euros.
std::string in_currency(const std::string& currency, std::string_view rest) {
  std::string key = currency;
  std::transform(key.begin(), key.end(), key.begin(),
                 [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  return key + std::string(rest);
}

/// Amounts of a book, whatever its currency, as dollars.
class AmountReader {
 public:
  explicit AmountReader(std::optional<ExchangeRate> exchange) : exchange_(std::move(exchange)) {}

  [[nodiscard]] Usd read(config::Reader& reader, std::string_view what, config::Range range) const {
    const std::string currency = exchange_ ? exchange_->currency : std::string(kUsd);
    const double units = reader.number(in_currency(currency, what), range);
    return exchange_ ? ForeignAmount(units, currency).at(*exchange_) : Usd(units);
  }
  [[nodiscard]] std::string note() const {
    return exchange_ ? exchange_->currency + " at " + units::shortest(exchange_->per_unit.base()) +
                           " USD of " + exchange_->as_of + " (" + exchange_->source + ")"
                     : "";
  }

 private:
  std::optional<ExchangeRate> exchange_;
};

Price read_offer(config::Reader reader, const AmountReader& amounts, const std::string& device, Tier tier) {
  Price price{.device = device, .tier = tier};
  price.provider = stated_text(reader, "provider");
  price.offer = stated_text(reader, "offer");
  price.region = stated_text(reader, "region");
  if (tier == Tier::owned) {
    price.purchase = amounts.read(reader, "_per_device", kPerDevice);
    price.whole_server = reader.flag_or("whole_server", false);
  } else {
    price.per_device = amounts.read(reader, "_per_device_hour", kPerHour) / Seconds(3600);
  }
  price.as_of = stated_text(reader, "as_of");
  price.source = stated_text(reader, "source");
  price.note = reader.text_or("note", amounts.note());
  reader.done();
  return price;
}

void read_device(config::Reader tiers, const AmountReader& amounts, const std::string& device,
                 std::vector<Price>& prices) {
  for (const auto& [name, tier] : kTiers) {
    std::vector<std::string> providers;
    for (config::Reader& offer : tiers.mappings(name)) {
      Price price = read_offer(offer, amounts, device, tier);
      if (std::find(providers.begin(), providers.end(), price.provider) != providers.end()) {
        offer.fail("provider", "'" + price.provider + "' has an offer in this tier already");
      }
      providers.push_back(price.provider);
      prices.push_back(std::move(price));
    }
  }
  tiers.done();
}

bool is_currency_code(const std::string& text) {
  constexpr std::size_t kLetters = 3;
  return text.size() == kLetters &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::optional<ExchangeRate> read_exchange(config::Reader& root) {
  const std::string currency = root.text("currency");
  if (currency == kUsd || currency.empty()) {
    return std::nullopt;
  }
  if (!is_currency_code(currency)) {
    root.fail("currency", "expected a code of three capital letters such as EUR, got '" + currency + "'");
  }
  config::Reader reader = root.mapping("exchange");
  ExchangeRate rate{.currency = currency};
  rate.per_unit = Usd(reader.number("usd_per_unit", {.least = 1e-6, .most = 1e6}));
  rate.as_of = stated_text(reader, "as_of");
  rate.source = stated_text(reader, "source");
  reader.done();
  return rate;
}

}  // namespace

std::string_view name_of(Tier tier) {
  for (const auto& [name, value] : kTiers) {
    if (value == tier) {
      return name;
    }
  }
  assert(false && "every tier has a name");
  return "";
}

std::optional<Tier> tier_named(std::string_view name) {
  for (const auto& [known, tier] : kTiers) {
    if (known == name) {
      return tier;
    }
  }
  return std::nullopt;
}

std::string age_warning(const Price& price, Date today) {
  const std::string name =
      "the " + std::string(name_of(price.tier)) + " price of " + price.device + " (" + price.provider + ") ";
  const std::optional<Date> dated = latest_day(price.as_of);
  if (!dated) {
    return name + "has no date";
  }
  const std::int64_t age = (today - *dated).count();
  return age > kOldPrice.count() ? name + "is of " + price.as_of + ", " + std::to_string(age) + " days old"
                                 : "";
}

PriceBook PriceBook::load(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  config::Reader root = document.root();
  PriceBook book;
  book.name_ = stated_text(root, "name");
  book.exchange_ = read_exchange(root);
  const AmountReader amounts(book.exchange_);
  config::Reader devices = root.mapping("devices");
  for (const std::string& device : devices.keys()) {
    read_device(devices.mapping(device), amounts, device, book.prices_);
  }
  devices.done();
  root.done();
  document.finish();
  return book;
}

std::optional<Price> PriceBook::find(std::string_view device, Tier tier) const {
  const auto found = std::find_if(prices_.begin(), prices_.end(), [&](const Price& price) {
    return price.device == device && price.tier == tier;
  });
  return found == prices_.end() ? std::nullopt : std::optional(*found);
}

std::optional<Price> PriceBook::find(std::string_view device, Tier tier, std::string_view provider) const {
  const auto found = std::find_if(prices_.begin(), prices_.end(), [&](const Price& price) {
    return price.device == device && price.tier == tier && price.provider == provider;
  });
  return found == prices_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace mtok::cost
