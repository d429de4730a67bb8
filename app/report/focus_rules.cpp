// Formats, allowed values and identities of FOCUS 1.2.
#include "app/report/focus_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "app/report/focus_columns.hpp"
#include "app/report/json.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits from `at` on; false when there is none.
bool skip_digits(std::string_view text, std::size_t& at) {
  const std::size_t start = at;
  while (at < text.size() && is_digit(text[at])) {
    ++at;
  }
  return at > start;
}

/// -?digits[.digits][E-?digits]: no plus sign, no grouping, no currency (FOCUS, NumericFormat).
bool is_decimal(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  if (!skip_digits(text, at)) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!skip_digits(text, at)) {
      return false;
    }
  }
  if (at < text.size() && (text[at] == 'E' || text[at] == 'e')) {
    ++at;
    at += at < text.size() && text[at] == '-' ? 1U : 0U;
    if (!skip_digits(text, at)) {
      return false;
    }
  }
  return at == text.size();
}

int two(std::string_view text, std::size_t at) {
  return (text[at] - '0') * 10 + text[at + 1] - '0';
}

/// YYYY-MM-DDTHH:mm:ssZ with a day that exists.
bool is_time(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != kShape.size()) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kShape[i]) {
      return false;
    }
  }
  const int year = two(text, 0) * 100 + two(text, 2);
  const int month = two(text, 5);
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) {
    return false;
  }
  const bool leap = month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
  const int days = kDays.at(static_cast<std::size_t>(month - 1)) + (leap ? 1 : 0);
  return two(text, 8) >= 1 && two(text, 8) <= days && two(text, 11) < 24 && two(text, 14) < 60 &&
         two(text, 17) < 60;
}

/// An object whose values are numbers, texts, booleans or null.
bool is_flat_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  return json.is_object() &&
         std::none_of(json.begin(), json.end(), [](const Json& value) { return value.is_structured(); });
}

/// A decimal number as an integer and the power of ten below it.
struct Exact {
  Int128 digits = 0;
  int scale = 0;
};

/// Up to 36 digits without an exponent; what is longer is not compared exactly.
std::optional<Exact> exact_of(const std::string& text) {
  Exact value;
  int count = 0;
  bool after_point = false;
  for (const char c : text) {
    if (c == '.') {
      after_point = true;
    } else if (is_digit(c)) {
      value.digits = value.digits * 10 + (c - '0');
      value.scale += after_point ? 1 : 0;
      count += value.digits > 0 ? 1 : 0;
    } else if (c != '-') {
      return std::nullopt;
    }
  }
  value.digits = text.starts_with('-') ? -value.digits : value.digits;
  return count > 36 ? std::nullopt : std::optional(value);
}

int length_of(Int128 value) {
  int count = 0;
  for (Int128 rest = value < 0 ? -value : value; rest > 0; rest /= 10) {
    ++count;
  }
  return count;
}

bool same(Exact a, Exact b) {
  while (a.scale < b.scale && length_of(a.digits) < 37) {
    a.digits *= 10;
    ++a.scale;
  }
  while (b.scale < a.scale && length_of(b.digits) < 37) {
    b.digits *= 10;
    ++b.scale;
  }
  return a.scale == b.scale && a.digits == b.digits;
}

/// price * quantity = cost: to the last digit where 128 bits hold it, else to 1e-12.
bool is_product(const std::string& cost, const std::string& price, const std::string& quantity) {
  const auto c = exact_of(cost);
  const auto p = exact_of(price);
  const auto q = exact_of(quantity);
  if (c && p && q && length_of(p->digits) + length_of(q->digits) <= 37) {
    return same(*c, {p->digits * q->digits, p->scale + q->scale});
  }
  constexpr double kNoise = 1e-12;
  const double product = units::parse_number(price).value_or(0) * units::parse_number(quantity).value_or(0);
  return std::abs(units::parse_number(cost).value_or(0) - product) <= kNoise * std::abs(product);
}

class Rules {
 public:
  explicit Rules(const FocusRow& row) : row_(row) {}

  std::vector<FocusFinding> findings() {
    identities();
    units();
    states();
    periods();
    if (has("x_IsForecast") && text("x_IsForecast") != "true") {
      note("x_IsForecast", "a plan must say true");
    }
    return std::move(found_);
  }

 private:
  /// Present and not null.
  [[nodiscard]] bool has(std::string_view column) const {
    const auto cell = row_.find(column);
    return cell != row_.end() && !cell->second->text.empty();
  }
  [[nodiscard]] bool in_file(std::string_view column) const { return row_.contains(column); }
  [[nodiscard]] std::string text(std::string_view column) const {
    return has(column) ? row_.at(column)->text : std::string();
  }
  void note(std::string_view column, const std::string& message) {
    found_.push_back({row_.contains(column) ? row_.at(column)->at : config::Position{},
                      std::string(column) + ": " + message});
  }

  void identities() {
    if (text("ChargeClass") == "Correction") {
      return;
    }
    const auto check = [&](const char* cost, const char* price) {
      if (has(cost) && has(price) && has("PricingQuantity") && is_decimal(text(cost)) &&
          is_decimal(text(price)) && is_decimal(text("PricingQuantity")) &&
          !is_product(text(cost), text(price), text("PricingQuantity"))) {
        note(cost, fmt::format("is not {} x PricingQuantity ({} x {})", price, text(price),
                               text("PricingQuantity")));
      }
    };
    check("ListCost", "ListUnitPrice");
    check("ContractedCost", "ContractedUnitPrice");
  }

  void both_or_none(const char* a, const char* b) {
    if (in_file(a) && in_file(b) && has(a) != has(b)) {
      note(has(a) ? b : a, fmt::format("must not be null beside {}", has(a) ? a : b));
    }
  }

  void units() {
    both_or_none("PricingQuantity", "PricingUnit");
    both_or_none("ConsumedQuantity", "ConsumedUnit");
    const bool usage = text("ChargeCategory") == "Usage";
    if (!usage && has("ConsumedQuantity")) {
      note("ConsumedQuantity", "must be null unless ChargeCategory is Usage");
    }
    if (text("CommitmentDiscountStatus") == "Unused" && has("ConsumedQuantity")) {
      note("ConsumedQuantity", "must be null where a commitment is unused");
    }
    const bool purchase = usage || text("ChargeCategory") == "Purchase";
    if (purchase && text("ChargeClass") != "Correction" && !has("PricingQuantity")) {
      note("PricingQuantity", "must not be null for usage and purchases");
    }
    if (text("ChargeCategory") == "Usage" && text("ChargeFrequency") == "One-Time") {
      note("ChargeFrequency", "usage is no one-time charge");
    }
  }

  void states() {
    const bool usage = text("ChargeCategory") == "Usage";
    if (in_file("CapacityReservationStatus") && usage &&
        has("CapacityReservationId") != has("CapacityReservationStatus")) {
      note("CapacityReservationStatus", "must stand with a CapacityReservationId, and only then");
    }
    if (in_file("CommitmentDiscountStatus") && usage &&
        has("CommitmentDiscountId") != has("CommitmentDiscountStatus")) {
      note("CommitmentDiscountStatus", "must stand with a CommitmentDiscountId, and only then");
    }
    const auto effective = units::parse_number(text("EffectiveCost"));
    if (text("ChargeCategory") == "Purchase" && has("CommitmentDiscountId") && effective.value_or(0) != 0) {
      note("EffectiveCost", "must be 0 where a purchase covers charges of other rows");
    }
    if (has("CommitmentDiscountId") && in_file("CommitmentDiscountCategory") &&
        !has("CommitmentDiscountCategory")) {
      note("CommitmentDiscountCategory", "must not be null beside a CommitmentDiscountId");
    }
  }

  void periods() {
    const auto ordered = [&](const char* start, const char* end) {
      if (is_time(text(start)) && is_time(text(end)) && text(start) >= text(end)) {
        note(end, fmt::format("is not after {}; ends are exclusive", start));
      }
    };
    ordered("BillingPeriodStart", "BillingPeriodEnd");
    ordered("ChargePeriodStart", "ChargePeriodEnd");
  }

  const FocusRow& row_;
  std::vector<FocusFinding> found_;
};

}  // namespace

std::string broken_format(std::string_view column, const std::string& text) {
  const FocusColumn* const rule = focus_column(column);
  if (rule == nullptr) {
    return "";
  }
  switch (rule->type) {
    case FocusType::decimal:
      if (!is_decimal(text)) {
        return "expected a number such as -1234.5 or 1.2E-7, got '" + text + "'";
      }
      if (rule->not_negative && text.starts_with('-')) {
        return "must not be negative";
      }
      break;
    case FocusType::date_time:
      if (!is_time(text)) {
        return "expected a time such as 2026-01-31T00:00:00Z, got '" + text + "'";
      }
      break;
    case FocusType::json:
      if (!is_flat_json(text)) {
        return "expected a flat JSON object";
      }
      break;
    case FocusType::text:
      break;
  }
  if (!rule->allowed.empty() &&
      std::find(rule->allowed.begin(), rule->allowed.end(), text) == rule->allowed.end()) {
    return "'" + text + "' is not among the allowed values";
  }
  const bool code =
      text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (column == "BillingCurrency" && !code) {
    return "expected a code of ISO 4217 such as USD, got '" + text + "'";
  }
  return "";
}

std::vector<FocusFinding> broken_rules(const FocusRow& row) {
  return Rules(row).findings();
}

}  // namespace mtok::report
