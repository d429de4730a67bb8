// Amounts in other currencies than the dollar: they add to nothing, and become dollars only at a dated rate.
#pragma once

#include <cassert>
#include <string>
#include <utility>

#include "sim/units/quantity.hpp"

namespace mtok::cost {

/// What one unit of a currency was worth on a day.
struct ExchangeRate {
  std::string currency{};  ///< ISO 4217, "EUR"
  Usd per_unit{};
  std::string as_of{};
  std::string source{};
};

/// An amount as a foreign price list states it. It is no Usd and no Money: neither adds to it.
class ForeignAmount {
 public:
  ForeignAmount(double units, std::string currency) : units_(units), currency_(std::move(currency)) {}

  [[nodiscard]] const std::string& currency() const { return currency_; }
  /// Requires a rate of the same currency.
  [[nodiscard]] Usd at(const ExchangeRate& rate) const {
    assert(rate.currency == currency_);
    return rate.per_unit * units_;
  }

 private:
  double units_;
  std::string currency_;
};

}  // namespace mtok::cost
