// Prices of devices with their dates and sources.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cost/currency.hpp"
#include "sim/cost/owned_device.hpp"
#include "sim/cost/price_date.hpp"
#include "sim/cost/resource.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::cost {

/// Hours of a month: 8,760 / 12.
inline constexpr double kHoursPerMonth = 730;

enum class Tier { on_demand, spot, reserved_1y, reserved_3y, owned };
/// "on_demand" and so on, as price books and scenarios write it.
[[nodiscard]] std::string_view name_of(Tier tier);
[[nodiscard]] std::optional<Tier> tier_named(std::string_view name);

using UsdPerJoule = decltype(Usd{} / Joules{});

/// A part of an hourly price.
struct RatePart {
  Resource resource = Resource::compute;
  UsdPerSecond rate{};
};

/// Energy that is paid beside the hourly price: what devices draw * overhead * tariff.
struct EnergyPrice {
  Watts idle{};         ///< of one device while nothing runs
  double overhead = 1;  ///< power of the building / power of the devices
  UsdPerJoule tariff{};
};

/// What one device costs for a time, from one row of a price book.
struct Price {
  std::string device{};  ///< name of the profile
  std::string provider{};
  std::string offer{};  ///< instance type or the like
  std::string region{};
  Tier tier = Tier::on_demand;
  UsdPerSecond per_device{};  ///< all that is paid by the hour; of owned devices only after `owned_price`
  std::vector<RatePart> made_of{};      ///< of per_device; empty: all of it is compute
  std::optional<EnergyPrice> energy{};  ///< absent: in the rent
  std::optional<Usd> purchase{};        ///< tier owned
  std::optional<OwnedDevice> owned{};   ///< of owned devices after `owned_price`
  bool whole_server = false;            ///< the purchase holds the device's part of the server
  std::string as_of{};  ///< a date or a span, as exact as the source is; "undated" when it has none
  std::string source{};
  std::string note{};  ///< what a reader of the bill must know about the row; may be empty
};

/// A sentence when the price is older than kOldPrice on that day, or has no date; else empty.
[[nodiscard]] std::string age_warning(const Price& price, Date today);

/// A price book (hwprofiles/prices/*.yaml): for each device one default offer and any number of others, each
/// with date and source. A book in another currency states the rate at which it became dollars.
class PriceBook {
 public:
  /// Throws config::Error: also for an offer without date or source.
  [[nodiscard]] static PriceBook load(const std::filesystem::path& path);
  /// The default offer of a device in a tier; nullopt when the book has none.
  [[nodiscard]] std::optional<Price> find(std::string_view device, Tier tier) const;
  /// The offer of one provider.
  [[nodiscard]] std::optional<Price> find(std::string_view device, Tier tier,
                                          std::string_view provider) const;
  [[nodiscard]] const std::vector<Price>& prices() const { return prices_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Absent for a book in dollars.
  [[nodiscard]] const std::optional<ExchangeRate>& exchange() const { return exchange_; }

 private:
  std::string name_;
  std::optional<ExchangeRate> exchange_;
  std::vector<Price> prices_;  ///< per device and tier the default offer first
};

}  // namespace mtok::cost
