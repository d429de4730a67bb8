// Lists the columns of FOCUS 1.2 with their rules.
#include "app/report/focus_columns.hpp"

#include <algorithm>
#include <array>

namespace mtok::report {
namespace {

using Words = std::span<const std::string_view>;
constexpr std::array<std::string_view, 5> kChargeCategories{"Usage", "Purchase", "Tax", "Credit",
                                                            "Adjustment"};
constexpr std::array<std::string_view, 1> kChargeClasses{"Correction"};
constexpr std::array<std::string_view, 3> kFrequencies{"One-Time", "Recurring", "Usage-Based"};
constexpr std::array<std::string_view, 4> kPricing{"Standard", "Dynamic", "Committed", "Other"};
constexpr std::array<std::string_view, 2> kUse{"Used", "Unused"};
constexpr std::array<std::string_view, 2> kCommitment{"Spend", "Usage"};
constexpr std::array<std::string_view, 19> kServices{"AI and Machine Learning",
                                                     "Analytics",
                                                     "Business Applications",
                                                     "Compute",
                                                     "Databases",
                                                     "Developer Tools",
                                                     "Multicloud",
                                                     "Identity",
                                                     "Integration",
                                                     "Internet of Things",
                                                     "Management and Governance",
                                                     "Media",
                                                     "Migration",
                                                     "Mobile",
                                                     "Networking",
                                                     "Security",
                                                     "Storage",
                                                     "Web",
                                                     "Other"};

constexpr FocusColumn must(std::string_view name, FocusType type, bool nulls = false, Words allowed = {}) {
  return {.name = name, .type = type, .level = FocusLevel::mandatory, .nulls = nulls, .allowed = allowed};
}
constexpr FocusColumn may(std::string_view name, FocusType type = FocusType::text, Words allowed = {},
                          bool not_negative = false) {
  return {.name = name, .type = type, .allowed = allowed, .not_negative = not_negative};
}
constexpr FocusColumn should(std::string_view name, bool nulls, Words allowed = {}) {
  return {.name = name, .level = FocusLevel::recommended, .nulls = nulls, .allowed = allowed};
}
constexpr auto kDecimal = FocusType::decimal;
constexpr auto kTime = FocusType::date_time;
constexpr auto kText = FocusType::text;

constexpr std::array<FocusColumn, 57> kColumns{{should("AvailabilityZone", true),
                                                must("BilledCost", kDecimal),
                                                must("BillingAccountId", kText),
                                                must("BillingAccountName", kText, true),
                                                {.name = "BillingAccountType", .nulls = false},
                                                must("BillingCurrency", kText),
                                                must("BillingPeriodEnd", kTime),
                                                must("BillingPeriodStart", kTime),
                                                may("CapacityReservationId"),
                                                may("CapacityReservationStatus", kText, kUse),
                                                must("ChargeCategory", kText, false, kChargeCategories),
                                                must("ChargeClass", kText, true, kChargeClasses),
                                                must("ChargeDescription", kText, true),
                                                should("ChargeFrequency", false, kFrequencies),
                                                must("ChargePeriodEnd", kTime),
                                                must("ChargePeriodStart", kTime),
                                                may("CommitmentDiscountCategory", kText, kCommitment),
                                                may("CommitmentDiscountId"),
                                                may("CommitmentDiscountName"),
                                                may("CommitmentDiscountQuantity", kDecimal),
                                                may("CommitmentDiscountStatus", kText, kUse),
                                                may("CommitmentDiscountType"),
                                                may("CommitmentDiscountUnit"),
                                                may("ConsumedQuantity", kDecimal),
                                                may("ConsumedUnit"),
                                                must("ContractedCost", kDecimal),
                                                may("ContractedUnitPrice", kDecimal, {}, true),
                                                must("EffectiveCost", kDecimal),
                                                should("InvoiceId", true),
                                                must("InvoiceIssuerName", kText),
                                                must("ListCost", kDecimal),
                                                may("ListUnitPrice", kDecimal, {}, true),
                                                may("PricingCategory", kText, kPricing),
                                                may("PricingCurrency"),
                                                may("PricingCurrencyContractedUnitPrice", kDecimal, {}, true),
                                                may("PricingCurrencyEffectiveCost", kDecimal),
                                                may("PricingCurrencyListUnitPrice", kDecimal, {}, true),
                                                must("PricingQuantity", kDecimal, true),
                                                must("PricingUnit", kText, true),
                                                must("ProviderName", kText),
                                                must("PublisherName", kText),
                                                may("RegionId"),
                                                may("RegionName"),
                                                may("ResourceId"),
                                                may("ResourceName"),
                                                may("ResourceType"),
                                                must("ServiceCategory", kText, false, kServices),
                                                must("ServiceName", kText),
                                                should("ServiceSubcategory", false),
                                                may("SkuId"),
                                                may("SkuMeter"),
                                                may("SkuPriceDetails", FocusType::json),
                                                may("SkuPriceId"),
                                                may("SubAccountId"),
                                                may("SubAccountName"),
                                                may("SubAccountType"),
                                                may("Tags", FocusType::json)}};

}  // namespace

std::span<const FocusColumn> focus_columns() {
  return kColumns;
}

const FocusColumn* focus_column(std::string_view name) {
  const auto* const found = std::find_if(kColumns.begin(), kColumns.end(),
                                         [&](const FocusColumn& column) { return column.name == name; });
  return found == kColumns.end() ? nullptr : found;
}

}  // namespace mtok::report
