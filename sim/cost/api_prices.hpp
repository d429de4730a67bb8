// List prices of models behind an API, with their dates and sources.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cost/price_date.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::cost {

/// What a vendor's list asks for the tokens of one model.
struct ApiPrice {
  std::string vendor{};
  std::string model{};    ///< as the vendor calls it
  std::string network{};  ///< the same model in models/; empty when it is none of these, or its insides are
                          ///< not public
  UsdPerToken input{};
  UsdPerToken output{};
  std::optional<UsdPerToken> cached_input{};  ///< absent: not listed, cached input costs what input costs
  std::optional<UsdPerToken> batch_input{};   ///< absent: not listed
  std::optional<UsdPerToken> batch_output{};
  std::optional<Date> valid_from{};  ///< inclusive; absent: open
  std::optional<Date> valid_to{};    ///< exclusive; absent: open
  std::string as_of{};
  std::string source{};
  bool doubtful = false;  ///< contradicted by another source
  std::string note{};
};

/// How many tokens of which kind are bought. Batch and interactive never mix.
struct ApiUse {
  Tokens input{};         ///< computed
  Tokens cached_input{};  ///< repeated from earlier prompts
  Tokens output{};
  bool batch = false;  ///< answers within a day; the price list must have batch prices
};

/// What the list asks for that use: cached tokens at their own price where it is listed, else as input. In
/// batch there is no discount for cached tokens. nullopt for a batch that is not listed.
[[nodiscard]] std::optional<Usd> api_cost(const ApiPrice& price, const ApiUse& use);

/// models/api_prices.yaml.
class ApiPriceList {
 public:
  /// Throws config::Error: also for a price without date or source.
  [[nodiscard]] static ApiPriceList load(const std::filesystem::path& path);

  [[nodiscard]] const std::vector<ApiPrice>& prices() const { return prices_; }
  /// The price of "model" or "vendor/model" on a day: of the entries that are valid then and not doubtful the
  /// one seen last, of these the first listed. Without a day, of all entries that are still open.
  [[nodiscard]] std::optional<ApiPrice> find(std::string_view model, std::optional<Date> on = {}) const;
  /// All prices of a network of models/ on a day, cheapest first by input + output, one for each vendor.
  [[nodiscard]] std::vector<ApiPrice> of_network(std::string_view network, std::optional<Date> on = {}) const;
  /// Names as `find` takes them, for messages.
  [[nodiscard]] std::vector<std::string> models() const;

 private:
  std::vector<ApiPrice> prices_;
};

}  // namespace mtok::cost
