// Writes a price with where it is from, and what an owned device costs at once and as it runs.
#include "app/report/price_json.hpp"

namespace mtok::report {

Json offer_json(const cost::Price& price) {
  Json json{{"tier", cost::name_of(price.tier)},  {"provider", text_or_null(price.provider)},
            {"offer", text_or_null(price.offer)}, {"region", text_or_null(price.region)},
            {"as_of", text_or_null(price.as_of)}, {"source", text_or_null(price.source)}};
  if (price.purchase) {
    json["purchase_covers"] = price.whole_server ? "device and its part of the server" : "device";
  }
  if (price.owned && price.energy) {
    constexpr double kJoulesPerKwh = 3.6e6;
    json["owned"] = {
        {"outlay_usd_per_device", usd(std::optional(price.owned->purchase()))},
        {"running_usd_per_device_hour", usd(std::optional(price.owned->running() * Seconds(3600)))},
        {"power_overhead", number(price.energy->overhead)},
        {"usd_per_kwh", usd(std::optional(price.energy->tariff * Joules(kJoulesPerKwh)))}};
  }
  return json;
}

Json price_json(const cost::Price& price) {
  Json json{{"device", text_or_null(price.device)},
            {"usd_per_device_hour", usd(std::optional(price.per_device * Seconds(3600)))}};
  json.update(offer_json(price));
  return json;
}

}  // namespace mtok::report
