// Words and numbers of a dossier as every page shows them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/report/dossier.hpp"

namespace mtok::report {

/// What stands where a number does not exist; "-" would be taken for a formula where cells get pasted.
inline constexpr std::string_view kNotThere = "n/a";

/// "USD 0.32": a rate per million tokens in the currency and with the digits of the dossier, at least two
/// decimals.
[[nodiscard]] std::string rate_text(std::optional<Money> rate, const Dossier& dossier);
/// The same without the currency, for columns that name it; `decimals` as rate_decimals gives them.
[[nodiscard]] std::string bare_rate(std::optional<Money> rate, int decimals);
/// Decimals at which the smallest of the rates has so many significant digits, from two to five.
[[nodiscard]] int rate_decimals(const std::vector<Money>& rates, int digits);
/// The decimals for the rates of all cases.
[[nodiscard]] int rate_decimals(const std::vector<Case>& cases, int digits);
/// Milliseconds with so many significant digits.
[[nodiscard]] std::string ms_text(std::optional<double> ms, int digits);
[[nodiscard]] std::string share_text(std::optional<double> share);
/// Shares of their sum in percent with one decimal, which add up to 100.0.
[[nodiscard]] std::vector<std::string> share_texts(const std::vector<Money>& parts);
/// "9 replicas of 4 x h100-sxm", pools joined by "; ".
[[nodiscard]] std::string fleet_text(const Dossier& dossier);
/// "USD 3.99 a device-hour, on_demand, Lambda ..., date, source".
[[nodiscard]] std::string price_words(const Dossier& dossier);
/// Marginal rates of a ladder, rounded so that, from the first rung, they add up to the last; absent where
/// there is none.
[[nodiscard]] std::vector<std::optional<Money>> shown_steps(const CaseTable& ladder, int decimals);
/// The feasible case with the lowest rate that keeps every promise; nullptr when there is none.
[[nodiscard]] const Case* cheapest(const CaseTable& table);

}  // namespace mtok::report
