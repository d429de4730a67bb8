// Writes planned months as rows of FOCUS 1.2.
#include "app/report/focus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "app/report/focus_columns.hpp"
#include "app/report/json.hpp"
#include "app/report/text.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

constexpr std::array<std::string_view, 43> kWritten{"BilledCost",
                                                    "BillingAccountId",
                                                    "BillingAccountName",
                                                    "BillingAccountType",
                                                    "BillingCurrency",
                                                    "BillingPeriodEnd",
                                                    "BillingPeriodStart",
                                                    "CapacityReservationId",
                                                    "CapacityReservationStatus",
                                                    "ChargeCategory",
                                                    "ChargeClass",
                                                    "ChargeDescription",
                                                    "ChargeFrequency",
                                                    "ChargePeriodEnd",
                                                    "ChargePeriodStart",
                                                    "CommitmentDiscountCategory",
                                                    "CommitmentDiscountId",
                                                    "CommitmentDiscountName",
                                                    "CommitmentDiscountStatus",
                                                    "CommitmentDiscountType",
                                                    "ConsumedQuantity",
                                                    "ConsumedUnit",
                                                    "ContractedCost",
                                                    "ContractedUnitPrice",
                                                    "EffectiveCost",
                                                    "InvoiceIssuerName",
                                                    "ListCost",
                                                    "ListUnitPrice",
                                                    "PricingCategory",
                                                    "PricingQuantity",
                                                    "PricingUnit",
                                                    "ProviderName",
                                                    "PublisherName",
                                                    "RegionId",
                                                    "ResourceId",
                                                    "ResourceName",
                                                    "ResourceType",
                                                    "ServiceCategory",
                                                    "ServiceName",
                                                    "ServiceSubcategory",
                                                    "SkuId",
                                                    "SkuPriceDetails",
                                                    "SkuPriceId"};
constexpr std::array<std::string_view, 11> kOwn{"x_Accelerator", "x_CachedTokens", "x_CostPerMillionTokens",
                                                "x_EnergyKwh",   "x_InputTokens",  "x_IsForecast",
                                                "x_ModelId",     "x_OutputTokens", "x_Quantization",
                                                "x_RunHash",     "x_Scenario"};

constexpr std::int64_t kMicro = 1'000'000;  // quantities are whole millionths of a device-hour
constexpr const char* kUnit = "Device-Hours";

/// Cells of one row by column; what is not there is null.
using Row = std::map<std::string_view, std::string>;

std::string month_start(int year, int month) {
  const int index = year * 12 + month - 1;
  return fmt::format("{:04}-{:02}-01T00:00:00Z", index / 12, index % 12 + 1);
}

/// A whole number of 10^-places as decimal text without trailing zeros.
std::string decimal(Int128 value, int places) {
  std::string digits;
  for (Int128 rest = value; rest > 0 || static_cast<int>(digits.size()) <= places; rest /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  digits.insert(digits.size() - static_cast<std::size_t>(places), ".");
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) {
    digits.pop_back();
  }
  return digits;
}

/// The parts of the bill as weights of 64 bits.
std::vector<std::uint64_t> weights_of(const cost::Parts& parts) {
  constexpr Int128 kMost = 1'000'000'000'000'000'000;
  const std::array<Money, 4> amounts{parts.input, parts.cached_input, parts.output, parts.idle};
  Int128 shrink = 1;
  while (parts.sum().pico_usd() / shrink > kMost) {
    shrink *= 10;
  }
  std::vector<std::uint64_t> weights;
  for (const Money amount : amounts) {
    weights.push_back(static_cast<std::uint64_t>(amount.pico_usd() / shrink));
  }
  return weights;
}

/// Lower case, with '-' for what is neither a letter nor a digit: an identifier out of a name.
std::string slug_of(const std::string& name) {
  std::string slug;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    slug += upper ? static_cast<char>(c - 'A' + 'a') : plain ? c : '-';
  }
  return slug.empty() ? "plan" : slug;
}

std::string pricing_category(cost::Tier tier) {
  if (tier == cost::Tier::on_demand) {
    return "Standard";
  }
  if (tier == cost::Tier::spot) {
    return "Dynamic";
  }
  return tier == cost::Tier::reserved_1y || tier == cost::Tier::reserved_3y ? "Committed" : "Other";
}

struct Kind {
  std::string_view key;
  std::string_view words;
};
constexpr std::array<Kind, 4> kKinds{{{"input", "Input tokens, computed"},
                                      {"cached-input", "Input tokens from the prefix cache"},
                                      {"output", "Output tokens"},
                                      {"idle", "Unused capacity: paid for and idle"}}};
constexpr std::size_t kIdle = 3;

/// What every row of a pool says alike.
Row common_row(const Dossier& dossier, const PoolLine& pool) {
  const std::string provider = pool.price.provider.empty() ? "planned" : pool.price.provider;
  const std::string id = slug_of(dossier.scenario) + "/" + slug_of(pool.name);
  const std::string offer = pool.price.offer.empty() ? pool.device : pool.price.offer;
  const Json details{{"GpuCount", pool.devices_per_replica},
                     {"InstanceType", offer},
                     {"x_Device", pool.device},
                     {"x_Replicas", pool.replicas}};
  return {{"BillingAccountId", slug_of(dossier.scenario)},
          {"BillingAccountName", dossier.scenario},
          {"BillingAccountType", "Plan"},
          {"BillingCurrency", dossier.currency},
          {"ChargeCategory", "Usage"},
          {"ChargeFrequency", "Usage-Based"},
          {"InvoiceIssuerName", provider},
          {"PricingCategory", pricing_category(pool.price.tier)},
          {"PricingUnit", kUnit},
          {"ProviderName", provider},
          {"PublisherName", provider},
          {"RegionId", pool.price.region},
          {"ResourceId", id},
          {"ResourceName", pool.name},
          {"ResourceType", "Serving Pool"},
          {"ServiceCategory", "AI and Machine Learning"},
          {"ServiceName", "LLM serving: " + pool.model},
          {"ServiceSubcategory", "Generative AI"},
          {"SkuId", offer},
          {"SkuPriceDetails", details.dump(-1, ' ', false, Json::error_handler_t::replace)},
          {"SkuPriceId", pool.device + "/" + std::string(cost::name_of(pool.price.tier))},
          {"x_Accelerator", pool.device},
          {"x_IsForecast", "true"},
          {"x_ModelId", pool.model},
          {"x_Quantization", dossier.run.formats},
          {"x_RunHash", dossier.hash},
          {"x_Scenario", dossier.scenario}};
}

/// Tokens that a month at the pace of the run holds.
std::int64_t month_of(std::int64_t in_run, const Dossier& dossier) {
  const double hours = dossier.run.makespan_s.value_or(0) / 3600;
  return hours > 0 ? std::llround(static_cast<double>(in_run) * cost::kHoursPerMonth / hours) : 0;
}

constexpr int kPicoDecimals = 12;
constexpr int kMicroDecimals = 6;

/// A price of `quantity` millionths of a unit.
std::string product(Money price, std::int64_t quantity) {
  return decimal(price.pico_usd() * quantity, kPicoDecimals + kMicroDecimals);
}

/// Quantity, price and the amounts, which are their product to the last digit.
void price_row(Row& row, Money unit_price, std::int64_t quantity) {
  const std::string cost = product(unit_price, quantity);
  for (const char* column : {"BilledCost", "ContractedCost", "EffectiveCost", "ListCost"}) {
    row[column] = cost;
  }
  const std::string price = decimal(unit_price.pico_usd(), kPicoDecimals);
  row["ContractedUnitPrice"] = price;
  row["ListUnitPrice"] = price;
  row["PricingQuantity"] = decimal(quantity, kMicroDecimals);
}

/// Tokens and rates of one kind; nothing of the like for idle time.
void count_tokens(Row& row, const Dossier& dossier, std::size_t kind) {
  const std::array<std::int64_t, 3> tokens{dossier.run.input_tokens - dossier.run.cached_input_tokens,
                                           dossier.run.cached_input_tokens, dossier.run.output_tokens};
  constexpr std::array<std::string_view, 3> kColumns{"x_InputTokens", "x_CachedTokens", "x_OutputTokens"};
  const std::string count = std::to_string(month_of(tokens.at(kind), dossier));
  row["ConsumedQuantity"] = count;
  row["ConsumedUnit"] = "Tokens";
  row[kColumns.at(kind)] = count;
  if (const auto& rate = dossier.bill.at(kind).per_mtok) {
    row["x_CostPerMillionTokens"] = decimal(rate->pico_usd(), 12);
  }
}

void append(std::string& text, const Row& row) {
  const auto cell = [&](std::string_view column) {
    const auto found = row.find(column);
    return found == row.end() || found->second.empty() ? std::string() : csv_cell(printable(found->second));
  };
  std::string line;
  for (const std::string_view column : kWritten) {
    line += (line.empty() ? "" : ",") + cell(column);
  }
  for (const std::string_view column : kOwn) {
    line += "," + cell(column);
  }
  text += line + "\n";
}

std::string header() {
  std::string text;
  for (const std::string_view column : kWritten) {
    text += (text.empty() ? "" : ",") + std::string(column);
  }
  for (const std::string_view column : kOwn) {
    text += "," + std::string(column);
  }
  return text + "\n";
}

/// What the devices of a pool draw in a month at the pace of the run.
std::optional<double> kwh_of_month(const Dossier& dossier, const PoolLine& pool) {
  const double hours = dossier.run.makespan_s.value_or(0) / 3600;
  return pool.kwh && hours > 0 ? std::optional(*pool.kwh * cost::kHoursPerMonth / hours) : std::nullopt;
}

/// The part of a kind of charge in it, by its share of the bill.
std::string energy_of(const Dossier& dossier, const PoolLine& pool, std::uint64_t weight,
                      std::uint64_t weights) {
  const std::optional<double> kwh = kwh_of_month(dossier, pool);
  return kwh && weights > 0
             ? units::fixed(*kwh * static_cast<double>(weight) / static_cast<double>(weights), 3)
             : "";
}

bool is_reserved(const PoolLine& pool) {
  return pool.price.tier == cost::Tier::reserved_1y || pool.price.tier == cost::Tier::reserved_3y;
}

void name_commitment(Row& row, const PoolLine& pool) {
  const bool year = pool.price.tier == cost::Tier::reserved_1y;
  row["CommitmentDiscountCategory"] = "Usage";
  row["CommitmentDiscountId"] = row["ResourceId"] + "/reservation";
  row["CommitmentDiscountName"] = year ? "one year, planned" : "three years, planned";
  row["CommitmentDiscountType"] = "Reservation";
}

/// What was paid for elsewhere costs nothing again where it is used, and the other way round.
void set_payment(Row& row, const PoolLine& pool, std::int64_t quantity, bool idle) {
  if (is_reserved(pool)) {
    name_commitment(row, pool);
    row["CommitmentDiscountStatus"] = idle ? "Unused" : "Used";
    row["BilledCost"] = "0";
  } else if (pool.owned) {
    row["BilledCost"] = product(pool.owned->running_hour, quantity);
  }
}

/// A purchase that covers the use in other rows: nothing of it is used up where it stands.
Row purchase_row(const Dossier& dossier, const PoolLine& pool) {
  Row row = common_row(dossier, pool);
  row["ChargeCategory"] = "Purchase";
  return row;
}

Row bought_devices(const Dossier& dossier, const PoolLine& pool) {
  Row row = purchase_row(dossier, pool);
  row["ChargeFrequency"] = "One-Time";
  row["ChargeDescription"] = fmt::format(
      "Devices with their part of server, installation, network and spares, pool {}, planned", pool.name);
  row["PricingUnit"] = "Devices";
  price_row(row, pool.owned->outlay, pool.devices() * kMicro);
  row["EffectiveCost"] = "0";
  return row;
}

Row reserved_hours(const Dossier& dossier, const PoolLine& pool, std::int64_t hours) {
  Row row = purchase_row(dossier, pool);
  name_commitment(row, pool);
  row["ChargeFrequency"] = "Recurring";
  row["ChargeDescription"] = fmt::format("Reserved device-hours of the month, pool {}, planned", pool.name);
  price_row(row, *pool.device_hour, hours);
  row["EffectiveCost"] = "0";
  return row;
}

/// The meter of the building, for devices whose energy is paid beside their hours.
Row energy_row(const Dossier& dossier, const PoolLine& pool) {
  Row row = common_row(dossier, pool);
  const double month = kwh_of_month(dossier, pool).value_or(0) * pool.owned->power_overhead;
  row["ChargeDescription"] = fmt::format("Energy at the meter of the building, pool {}, planned", pool.name);
  row["PricingUnit"] = "kWh";
  price_row(row, pool.owned->per_kwh, std::llround(month * static_cast<double>(kMicro)));
  return row;
}

/// Some of the hours of a pool, as what they were used for.
Row usage_row(const Dossier& dossier, const PoolLine& pool, std::size_t kind, std::int64_t quantity) {
  Row row = common_row(dossier, pool);
  row["ChargeDescription"] = fmt::format("{}, pool {}, planned", kKinds.at(kind).words, pool.name);
  row["CapacityReservationId"] = row["ResourceId"];
  row["CapacityReservationStatus"] = kind == kIdle ? "Unused" : "Used";
  price_row(row, *pool.device_hour, quantity);
  set_payment(row, pool, quantity, kind == kIdle);
  if (kind != kIdle) {
    count_tokens(row, dossier, kind);
  }
  return row;
}

/// Millionths of the device-hours of a month for which a pool is paid.
std::int64_t device_hours_of_month(const Dossier& dossier, const PoolLine& pool) {
  const auto hours = static_cast<std::int64_t>(cost::kHoursPerMonth);
  return pool.paid_ns
             ? std::llround(pool.mean_devices(dossier.makespan_ns) * static_cast<double>(hours * kMicro))
             : hours * pool.devices() * kMicro;
}

}  // namespace

std::optional<FocusPeriod> focus_period(std::string_view start, int months) {
  const bool shape = start.size() == 7 && start[4] == '-';
  const auto year = shape ? units::parse_integer(start.substr(0, 4)) : std::nullopt;
  const bool tens = shape && (start[5] == '0' || start[5] == '1');
  const auto month = tens ? units::parse_integer(start.substr(start[5] == '0' ? 6 : 5)) : std::nullopt;
  if (!year || !month || *year < 1900 || *month < 1 || *month > 12) {
    return std::nullopt;
  }
  return FocusPeriod{.year = static_cast<int>(*year), .month = static_cast<int>(*month), .months = months};
}

std::string focus_csv(const Dossier& dossier, const FocusPeriod& period) {
  std::string text = header();
  if (!dossier.run.total) {
    return text;
  }
  const std::vector<std::uint64_t> weights = weights_of(dossier.run.parts);
  std::uint64_t sum = 0;
  for (const std::uint64_t weight : weights) {
    sum += weight;
  }
  for (int month = 0; month < period.months; ++month) {
    const std::string start = month_start(period.year, period.month + month);
    const std::string end = month_start(period.year, period.month + month + 1);
    const auto append_month = [&](Row row) {
      row["BillingPeriodStart"] = row["ChargePeriodStart"] = start;
      row["BillingPeriodEnd"] = row["ChargePeriodEnd"] = end;
      append(text, row);
    };
    for (const PoolLine& pool : dossier.pools) {
      if (!pool.device_hour) {
        continue;
      }
      const std::int64_t hours = device_hours_of_month(dossier, pool);
      const std::vector<Money> split = allocate(Money::from_pico_usd(hours), weights);
      if (is_reserved(pool)) {
        append_month(reserved_hours(dossier, pool, hours));
      } else if (pool.owned) {
        if (month == 0) {
          append_month(bought_devices(dossier, pool));
        }
        append_month(energy_row(dossier, pool));
      }
      for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
        if (const auto quantity = static_cast<std::int64_t>(split[kind].pico_usd()); quantity > 0) {
          Row row = usage_row(dossier, pool, kind, quantity);
          row["x_EnergyKwh"] = energy_of(dossier, pool, weights[kind], sum);
          append_month(std::move(row));
        }
      }
    }
  }
  return text;
}

}  // namespace mtok::report
