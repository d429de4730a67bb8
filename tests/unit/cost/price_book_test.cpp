// Price books: what the shipped one holds, and what the loader refuses.
#include "sim/cost/price_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "sim/config/diagnostic.hpp"

namespace mtok::cost {
namespace {

using testing::HasSubstr;

const std::filesystem::path kHwprofiles = std::filesystem::path(MTOK_SOURCE_DIR) / "hwprofiles";

/// A price book in a file of the test's own folder, gone with the object.
class BookFile {
 public:
  explicit BookFile(const std::string& text)
      : path_(std::filesystem::path(testing::TempDir()) /
              (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".prices.yaml")) {
    std::ofstream(path_) << text;
  }
  ~BookFile() { std::filesystem::remove(path_); }
  BookFile(const BookFile&) = delete;
  BookFile& operator=(const BookFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The message with which a book is refused; empty when it is accepted.
std::string refusal(const std::string& text) {
  const BookFile file(text);
  try {
    (void)PriceBook::load(file.path());
    return "";
  } catch (const config::Error& error) {
    return error.what();
  }
}

const std::string kHead = "name: small\ncurrency: USD\ndevices:\n  d1:\n    on_demand:\n";
const std::string kTail = ", region: here, as_of: 2026-01-01, source: a page}\n";

TEST(PriceBook, TheFirstOfferOfATierIsItsDefault) {
  const BookFile file(kHead + "      - {provider: A, offer: a1, usd_per_device_hour: 3.6" + kTail +
                      "      - {provider: B, offer: b1, usd_per_device_hour: 1.8" + kTail +
                      "    spot:\n      - {provider: B, offer: b1, usd_per_device_hour: 0.36" + kTail);
  const PriceBook book = PriceBook::load(file.path());
  EXPECT_EQ(book.name(), "small");
  ASSERT_TRUE(book.find("d1", Tier::on_demand));
  EXPECT_EQ(book.find("d1", Tier::on_demand)->provider, "A");
  EXPECT_DOUBLE_EQ(book.find("d1", Tier::on_demand)->per_device.base(), 0.001);
  EXPECT_EQ(book.find("d1", Tier::on_demand)->as_of, "2026-01-01");
  EXPECT_DOUBLE_EQ(book.find("d1", Tier::on_demand, "B")->per_device.base(), 0.0005);
  EXPECT_EQ(book.find("d1", Tier::spot)->provider, "B");
  EXPECT_EQ(book.prices().size(), 3U);
}

TEST(PriceBook, WhatIsNotInTheBookIsNotFound) {
  const BookFile file(kHead + "      - {provider: A, offer: a1, usd_per_device_hour: 3.6" + kTail);
  const PriceBook book = PriceBook::load(file.path());
  EXPECT_FALSE(book.find("d2", Tier::on_demand));
  EXPECT_FALSE(book.find("d1", Tier::spot));
  EXPECT_FALSE(book.find("d1", Tier::on_demand, "B"));
}

TEST(PriceBook, AnOfferWithoutSourceOrDateIsRefused) {
  const std::string offer = kHead + "      - {provider: A, offer: a1, region: here, usd_per_device_hour: 3.6";
  EXPECT_THAT(refusal(offer + ", as_of: 2026-01-01}\n"), HasSubstr("source"));
  EXPECT_THAT(refusal(offer + ", source: a page}\n"), HasSubstr("as_of"));
  EXPECT_THAT(refusal(offer + ", as_of: 2026-01-01, source: \"\"}\n"), HasSubstr("empty"));
}

TEST(PriceBook, PricesThatCannotBeAreRefused) {
  for (const char* price : {"0", "-1", "20000", "nan", "2,5", "\"2.5\"", "$2.5", "010"}) {
    EXPECT_THAT(refusal(kHead + "      - {provider: A, offer: a1, usd_per_device_hour: " + price + kTail),
                HasSubstr("usd_per_device_hour"))
        << price;
  }
}

TEST(PriceBook, UnknownTiersKeysAndCurrenciesAreRefused) {
  const std::string offer = "      - {provider: A, offer: a1, usd_per_device_hour: 3.6" + kTail;
  EXPECT_THAT(refusal(kHead + offer + "    sopt:\n" + offer), HasSubstr("sopt"));
  EXPECT_THAT(
      refusal(kHead + "      - {provider: A, offer: a1, colour: red, usd_per_device_hour: 3.6" + kTail),
      HasSubstr("colour"));
  EXPECT_THAT(refusal("name: small\ncurrency: euros\ndevices:\n  d1:\n    on_demand:\n" + offer),
              HasSubstr("three capital letters"));
}

/// Can two things be added?
template <class A, class B>
concept Adds = requires(A a, B b) {
  a + b;
};

TEST(PriceBook, OtherCurrenciesBecomeDollarsOnlyAtADatedRate) {
  const std::string offers =
      "devices:\n  d1:\n    on_demand:\n      - {provider: A, offer: a1, eur_per_device_hour: 2" + kTail;
  EXPECT_THAT(refusal("name: small\ncurrency: EUR\n" + offers), HasSubstr("exchange"));
  EXPECT_THAT(refusal("name: small\ncurrency: EUR\nexchange: {usd_per_unit: 1.1, source: a bank}\n" + offers),
              HasSubstr("as_of"));
  const BookFile file(
      "name: small\ncurrency: EUR\nexchange: {usd_per_unit: 1.25, as_of: 2026-01-02, source: a bank}\n" +
      offers);
  const PriceBook book = PriceBook::load(file.path());
  const std::optional<Price> price = book.find("d1", Tier::on_demand);
  EXPECT_DOUBLE_EQ(price->per_device.base() * 3600, 2.5);
  EXPECT_EQ(price->note, "EUR at 1.25 USD of 2026-01-02 (a bank)");
  static_assert(!Adds<ForeignAmount, Usd> && !Adds<ForeignAmount, Money> &&
                !Adds<ForeignAmount, ForeignAmount>);
}

TEST(PriceBook, OwnedDevicesHaveAPurchasePrice) {
  const BookFile file(
      "name: small\ncurrency: USD\ndevices:\n  d1:\n    owned:\n"
      "      - {provider: A, offer: a1, usd_per_device: 28750, whole_server: true" +
      kTail);
  const std::optional<Price> price = PriceBook::load(file.path()).find("d1", Tier::owned);
  ASSERT_TRUE(price && price->purchase);
  EXPECT_DOUBLE_EQ(price->purchase->base(), 28'750);
  EXPECT_TRUE(price->whole_server);
}

TEST(PriceBook, APriceIsOldAfterAHundredAndEightyDays) {
  const Price price{.device = "d1", .provider = "A", .as_of = "2026-01-01"};
  EXPECT_EQ(age_warning(price, *parse_date("2026-06-30")), "");
  EXPECT_THAT(age_warning(price, *parse_date("2026-07-01")), HasSubstr("181 days old"));
  EXPECT_THAT(age_warning({.device = "d1", .as_of = "undated"}, *parse_date("2026-01-01")),
              HasSubstr("no date"));
}

TEST(PriceBook, AProviderHasOneOfferInATier) {
  const std::string offer = "      - {provider: A, offer: a1, usd_per_device_hour: 3.6" + kTail;
  EXPECT_THAT(refusal(kHead + offer + offer), HasSubstr("'A' has an offer in this tier already"));
}

TEST(PriceBook, TierNamesLeadToTiersAndBack) {
  for (const Tier tier : {Tier::on_demand, Tier::spot, Tier::reserved_1y, Tier::reserved_3y, Tier::owned}) {
    EXPECT_EQ(tier_named(name_of(tier)), tier);
  }
  EXPECT_FALSE(tier_named("reserved"));
}

TEST(DefaultPriceBook, EveryPriceHasProviderOfferRegionDateAndSource) {
  const PriceBook book = PriceBook::load(kHwprofiles / "prices" / "default.yaml");
  EXPECT_EQ(book.name(), "default");
  EXPECT_GE(book.prices().size(), 80U);
  for (const Price& price : book.prices()) {
    EXPECT_FALSE(price.provider.empty() || price.offer.empty() || price.region.empty()) << price.device;
    EXPECT_TRUE(price.as_of.starts_with("20") || price.as_of == "undated")
        << price.device << " " << price.as_of;
    EXPECT_FALSE(price.source.empty()) << price.device;
    if (price.tier == Tier::owned) {
      EXPECT_TRUE(price.purchase && price.purchase->base() > 1000 && price.purchase->base() < 100'000);
      continue;
    }
    const double usd_per_device_hour = price.per_device.base() * 3600;
    EXPECT_TRUE(usd_per_device_hour > 0.1 && usd_per_device_hour < 20)
        << price.device << " " << price.provider;
  }
}

TEST(DefaultPriceBook, AnUndatedPriceIsADefaultOnlyWhereNothingElseIsKnown) {
  const PriceBook book = PriceBook::load(kHwprofiles / "prices" / "default.yaml");
  for (const Price& price : book.prices()) {
    if (book.find(price.device, price.tier)->as_of == "undated") {
      EXPECT_EQ(price.as_of, "undated") << price.device;
    }
  }
}

TEST(DefaultPriceBook, EveryPricedDeviceHasAProfile) {
  const PriceBook book = PriceBook::load(kHwprofiles / "prices" / "default.yaml");
  std::set<std::string> devices;
  for (const Price& price : book.prices()) {
    devices.insert(price.device);
  }
  for (const std::string& device : devices) {
    EXPECT_TRUE(std::filesystem::exists(kHwprofiles / "devices" / (device + ".yaml"))) << device;
  }
}

// Providers of an H100 SXM by price: 2.29, 2.40, 2.95, 3.99, 6.88, 10.00, 11.06: the middle one is 3.99. The
// market median, a statistic, does not count.
TEST(DefaultPriceBook, TheDefaultIsTheMiddleProviderByPrice) {
  const PriceBook book = PriceBook::load(kHwprofiles / "prices" / "default.yaml");
  const std::optional<Price> price = book.find("h100-sxm", Tier::on_demand);
  ASSERT_TRUE(price);
  EXPECT_EQ(price->provider, "Lambda");
  EXPECT_DOUBLE_EQ(price->per_device.base() * 3600, 3.99);
}

TEST(DefaultPriceBook, SpotIsCheaperThanOnDemandOfTheSameProvider) {
  const PriceBook book = PriceBook::load(kHwprofiles / "prices" / "default.yaml");
  for (const Price& price : book.prices()) {
    const std::optional<Price> spot = book.find(price.device, Tier::spot, price.provider);
    if (price.tier == Tier::on_demand && spot) {
      EXPECT_LT(spot->per_device, price.per_device) << price.device << " " << price.provider;
    }
  }
}

}  // namespace
}  // namespace mtok::cost
