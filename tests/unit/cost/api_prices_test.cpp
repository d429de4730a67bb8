// API list prices: what a use costs, which entry of a model counts, and that the shipped list is sound.
#include "sim/cost/api_prices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sim/config/diagnostic.hpp"

namespace mtok::cost {
namespace {

const std::filesystem::path kModels = std::filesystem::path(MTOK_SOURCE_DIR) / "models";

ApiPriceList list_of(const std::string& entries) {
  const std::filesystem::path file =
      std::filesystem::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".api.yaml");
  std::ofstream(file) << "mtok: 1\ncurrency: USD\nprices:\n" << entries;
  ApiPriceList list = ApiPriceList::load(file);
  std::filesystem::remove(file);
  return list;
}

Date day(int year, unsigned month, unsigned number) {
  return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(number);
}

// 1e6 * 2 + 3e6 * 0.5 + 2e6 * 8 USD per million = 2 + 1.5 + 16 = 19.5; without a cached price 2 + 6 + 16 =
// 24; in batch (1 + 3) * 1 + 2 * 4 = 12
TEST(ApiPrices, CachedTokensHaveTheirOwnPriceOnlyWhereItIsListed) {
  ApiPrice price{
      .input = Usd(2) / Tokens(1e6), .output = Usd(8) / Tokens(1e6), .cached_input = Usd(0.5) / Tokens(1e6)};
  ApiUse use{.input = Tokens(1e6), .cached_input = Tokens(3e6), .output = Tokens(2e6)};
  EXPECT_DOUBLE_EQ(api_cost(price, use)->base(), 19.5);
  price.cached_input.reset();
  EXPECT_DOUBLE_EQ(api_cost(price, use)->base(), 24);
  use.batch = true;
  EXPECT_FALSE(api_cost(price, use));
  price.batch_input = Usd(1) / Tokens(1e6);
  price.batch_output = Usd(4) / Tokens(1e6);
  EXPECT_DOUBLE_EQ(api_cost(price, use)->base(), 12);
}

const std::string kEntries =
    "  - {vendor: a, model: m, input: 4, output: 8, valid_to: 2025-01-01, as_of: 2026-01-01, source: s}\n"
    "  - {vendor: a, model: m, input: 3, output: 6, valid_from: 2025-01-01, as_of: 2026-01-01, source: s}\n"
    "  - {vendor: a, model: m, input: 1, output: 2, as_of: 2026-02-01, source: s, doubtful: true}\n"
    "  - {vendor: b, model: m2, network: n, input: 2, output: 2, as_of: 2026-01-01, source: s}\n"
    "  - {vendor: c, model: m3, network: n, input: 1, output: 1, as_of: 2026-01-01, source: s}\n"
    "  - {vendor: b, model: m4, network: n, input: 3, output: 3, as_of: 2026-03-01, source: s}\n";

TEST(ApiPrices, HistoryIsLookedUpByDayAndDoubtIsPassedOver) {
  const ApiPriceList list = list_of(kEntries);
  EXPECT_DOUBLE_EQ(list.find("m", day(2024, 12, 31))->input.base(), 4e-6);
  EXPECT_DOUBLE_EQ(list.find("m", day(2025, 1, 1))->input.base(), 3e-6);
  EXPECT_DOUBLE_EQ(list.find("a/m")->input.base(), 3e-6);
  EXPECT_FALSE(list.find("b/m"));
}

// Vendor b is seen twice: the later list counts, 6 USD against the 2 of c.
TEST(ApiPrices, OfANetworkEachVendorCountsOnceCheapestFirst) {
  const std::vector<ApiPrice> prices = list_of(kEntries).of_network("n");
  ASSERT_EQ(prices.size(), 2U);
  EXPECT_EQ(prices[0].vendor, "c");
  EXPECT_EQ(prices[1].model, "m4");
}

TEST(ApiPrices, APriceWithoutDateOrSourceIsAnErrorOfTheFile) {
  for (const char* missing : {"as_of: 2026-01-01", "source: s"}) {
    try {
      (void)list_of("  - {vendor: a, model: m, input: 4, output: 8, " + std::string(missing) + "}\n");
      ADD_FAILURE() << "accepted with only " << missing;
    } catch (const config::Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("missing"));
    }
  }
}

TEST(ApiPriceListShipped, EveryEntryIsDatedAndNamesNetworksThatExist) {
  const ApiPriceList list = ApiPriceList::load(kModels / "api_prices.yaml");
  EXPECT_GE(list.prices().size(), 230U);
  for (const ApiPrice& price : list.prices()) {
    EXPECT_TRUE(parse_date(price.as_of)) << price.model;
    EXPECT_FALSE(price.source.empty()) << price.model;
    EXPECT_TRUE(price.network.empty() || std::filesystem::exists(kModels / (price.network + ".yaml")))
        << price.network;
  }
  EXPECT_DOUBLE_EQ(list.find("gpt-4o")->output.base(), 10e-6);
  EXPECT_EQ(list.of_network("llama-3.3-70b").front().vendor, "groq (host)");
}

}  // namespace
}  // namespace mtok::cost
