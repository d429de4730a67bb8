// Price book: reading of hwprofiles/prices/*.yaml, and look-up.
#include "sim/cost/price_book.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "sim/config/reader.hpp"
#include "sim/cost/stated_text.hpp"

namespace mtok::cost {
namespace {

constexpr std::array<std::pair<std::string_view, Tier>, 4> kTiers{{{"on_demand", Tier::on_demand},
                                                                   {"spot", Tier::spot},
                                                                   {"reserved_1y", Tier::reserved_1y},
                                                                   {"reserved_3y", Tier::reserved_3y}}};
/// More than any device costs: a slip of the decimal point is an error, not a bill.
constexpr config::Range kUsdPerHour{.least = 1e-6, .most = 10'000};

Price read_offer(config::Reader reader, const std::string& device, Tier tier) {
  Price price{.device = device, .tier = tier};
  price.provider = stated_text(reader, "provider");
  price.offer = stated_text(reader, "offer");
  price.region = stated_text(reader, "region");
  price.per_device = usd_per_hour(reader.number("usd_per_device_hour", kUsdPerHour));
  price.as_of = stated_text(reader, "as_of");
  price.source = stated_text(reader, "source");
  price.note = reader.text_or("note", "");
  reader.done();
  return price;
}

void read_device(config::Reader tiers, const std::string& device, std::vector<Price>& prices) {
  for (const auto& [name, tier] : kTiers) {
    std::vector<std::string> providers;
    for (config::Reader& offer : tiers.mappings(name)) {
      Price price = read_offer(offer, device, tier);
      if (std::find(providers.begin(), providers.end(), price.provider) != providers.end()) {
        offer.fail("provider", "'" + price.provider + "' has an offer in this tier already");
      }
      providers.push_back(price.provider);
      prices.push_back(std::move(price));
    }
  }
  tiers.done();
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

PriceBook PriceBook::load(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  config::Reader root = document.root();
  PriceBook book;
  book.name_ = stated_text(root, "name");
  if (root.text("currency") != "USD" && root.has("currency")) {
    root.fail("currency", "only USD is known", "convert the prices at a dated rate and note it");
  }
  config::Reader devices = root.mapping("devices");
  for (const std::string& device : devices.keys()) {
    read_device(devices.mapping(device), device, book.prices_);
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
