// Prices of devices with their dates and sources.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/units/quantity.hpp"

namespace mtok::cost {

enum class Tier { on_demand, spot, reserved_1y, reserved_3y };
/// "on_demand" and so on, as price books and scenarios write it.
[[nodiscard]] std::string_view name_of(Tier tier);
[[nodiscard]] std::optional<Tier> tier_named(std::string_view name);

/// What one device costs for a time, from one row of a price book.
struct Price {
  std::string device{};  ///< name of the profile
  std::string provider{};
  std::string offer{};  ///< instance type or the like
  std::string region{};
  Tier tier = Tier::on_demand;
  UsdPerSecond per_device{};
  std::string as_of{};  ///< a date or a span, as exact as the source is; "undated" when it has none
  std::string source{};
  std::string note{};  ///< what a reader of the bill must know about the row; may be empty
};

/// A price book (hwprofiles/prices/*.yaml): for each device one default offer and any number of others, each
/// with date and source.
class PriceBook {
 public:
  /// Throws config::Error: also for an offer without date or source, and for a currency other than USD.
  [[nodiscard]] static PriceBook load(const std::filesystem::path& path);
  /// The default offer of a device in a tier; nullopt when the book has none.
  [[nodiscard]] std::optional<Price> find(std::string_view device, Tier tier) const;
  /// The offer of one provider.
  [[nodiscard]] std::optional<Price> find(std::string_view device, Tier tier,
                                          std::string_view provider) const;
  [[nodiscard]] const std::vector<Price>& prices() const { return prices_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::vector<Price> prices_;  ///< per device and tier the default offer first
};

}  // namespace mtok::cost
