// What a device costs by the hour when it is owned, or rented where it can be taken away.
#pragma once

#include "sim/cost/cost_terms.hpp"
#include "sim/cost/price_book.hpp"

namespace mtok::cost {

/// Share of a sum that is paid at the end of each of `years` years to pay it back with interest:
/// w / (1 - (1 + w)^-n), 1/n without interest. Capital recovery factor, any textbook of engineering
/// economics.
[[nodiscard]] double annuity_factor(double interest, double years);
/// Share of a sum that is put aside at the end of each year to have it after `years`: w / ((1 + w)^n - 1),
/// which is the annuity factor minus w.
[[nodiscard]] double sinking_factor(double interest, double years);

/// `price`: an offer of tier owned. `tdp`: of the device, colocation is paid for tdp * server_power_ratio.
[[nodiscard]] OwnedDevice owned_device(const Price& price, const CostTerms& terms, Watts tdp);

/// The hourly price of a bought device: purchases as annuities over its years at the cost of capital, less
/// the residual value of the server as a sinking fund, and the running costs; energy beside it. Hours of a
/// year: 8,760. `idle`: power of the device while nothing runs.
[[nodiscard]] Price owned_price(const Price& price, const CostTerms& terms, Watts tdp, Watts idle);

/// A spot price with the time that interruptions waste: of each hour the share
/// u = interruptions_per_month * (restart + lost minutes) / 730 h is paid for and useless, so a useful hour
/// costs 1 / (1 - u) as much. Left out: requests that fail, and waiting for devices that cannot be had;
/// requires u < 1, else u counts as 0.99.
[[nodiscard]] Price with_interruptions(const Price& price, const CostTerms& terms);

}  // namespace mtok::cost
