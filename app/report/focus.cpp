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

/// What every row of the plan says alike.
Row common_row(const Dossier& dossier) {
  const std::string provider = dossier.price.provider.empty() ? "planned" : dossier.price.provider;
  return {{"BillingAccountId", slug_of(dossier.scenario)},
          {"BillingAccountName", dossier.scenario},
          {"BillingAccountType", "Plan"},
          {"BillingCurrency", dossier.currency},
          {"ChargeCategory", "Usage"},
          {"ChargeFrequency", "Usage-Based"},
          {"InvoiceIssuerName", provider},
          {"PricingCategory", pricing_category(dossier.price.tier)},
          {"PricingUnit", kUnit},
          {"ProviderName", provider},
          {"PublisherName", provider},
          {"RegionId", dossier.price.region},
          {"ResourceType", "Serving Pool"},
          {"ServiceCategory", "AI and Machine Learning"},
          {"ServiceSubcategory", "Generative AI"},
          {"x_IsForecast", "true"},
          {"x_Quantization", dossier.run.formats},
          {"x_RunHash", dossier.hash},
          {"x_Scenario", dossier.scenario}};
}

void name_pool(Row& row, const Dossier& dossier, const PoolLine& pool) {
  const std::string id = slug_of(dossier.scenario) + "/" + slug_of(pool.name);
  row["CapacityReservationId"] = id;
  row["ResourceId"] = id;
  row["ResourceName"] = pool.name;
  row["ServiceName"] = "LLM serving: " + pool.model;
  row["SkuId"] = dossier.price.offer.empty() ? pool.device : dossier.price.offer;
  row["SkuPriceId"] = pool.device + "/" + std::string(cost::name_of(dossier.price.tier));
  const Json details{{"GpuCount", pool.devices_per_replica},
                     {"InstanceType", row["SkuId"]},
                     {"x_Device", pool.device},
                     {"x_Replicas", pool.replicas}};
  row["SkuPriceDetails"] = details.dump(-1, ' ', false, Json::error_handler_t::replace);
  row["x_Accelerator"] = pool.device;
  row["x_ModelId"] = pool.model;
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

/// Energy of a pool and kind in a month: the run's, by pace, by devices, and by share of the bill.
std::string energy_of(const Dossier& dossier, const PoolLine& pool, std::uint64_t weight,
                      std::uint64_t weights) {
  const double hours = dossier.run.makespan_s.value_or(0) / 3600;
  if (!dossier.kwh || hours <= 0 || weights == 0) {
    return "";
  }
  const double devices = pool.mean_devices(dossier.makespan_ns) /
                         dossier.run.mean_devices.value_or(static_cast<double>(dossier.run.devices));
  const double kwh = *dossier.kwh * cost::kHoursPerMonth / hours * devices * static_cast<double>(weight) /
                     static_cast<double>(weights);
  return units::fixed(kwh, 3);
}

bool is_reserved(const Dossier& dossier) {
  return dossier.price.tier == cost::Tier::reserved_1y || dossier.price.tier == cost::Tier::reserved_3y;
}

/// Owned devices of one kind: of several the result does not tell what each was bought for.
bool is_bought(const Dossier& dossier) {
  return dossier.price.tier == cost::Tier::owned && dossier.pools.size() == 1;
}

double assumed(const Dossier& dossier, std::string_view key) {
  for (const planner::Assumption& item : dossier.assumptions) {
    if (item.key == key) {
      return units::parse_number(item.value).value_or(0);
    }
  }
  return 0;
}

/// What is paid at once for a device: as cost::OwnedDevice::purchase.
Money outlay_of(const Dossier& dossier) {
  const double server = assumed(dossier, "price.usd_per_device") *
                        (dossier.price.whole_server ? 1 : assumed(dossier, "prices.owned.server_ratio"));
  const double beside = assumed(dossier, "prices.owned.installation_share") +
                        assumed(dossier, "prices.owned.network_share") +
                        assumed(dossier, "prices.owned.spares_share");
  return Money::from_usd(Usd(server * (1 + beside)));
}

/// Of the price of an hour of an owned device, what is paid as it goes: support, colocation, staff.
Money running_hour(const Dossier& dossier, Money device_hour) {
  double running = 0;
  double all = 0;
  for (const cost::NamedResource& known : cost::kResources) {
    const std::string text = fact_of(dossier, "cost.resources_usd." + std::string(known.name));
    const double amount = text.empty() ? 0 : Money::from_decimal(text).usd().base();
    const bool later = known.resource == cost::Resource::support ||
                       known.resource == cost::Resource::colocation ||
                       known.resource == cost::Resource::staff;
    running += later ? amount : 0;
    all += known.resource == cost::Resource::energy ? 0 : amount;
  }
  return all > 0 ? Money::from_usd(device_hour.usd() * (running / all)) : Money{};
}

void name_commitment(Row& row, const Dossier& dossier) {
  const bool year = dossier.price.tier == cost::Tier::reserved_1y;
  row["CommitmentDiscountCategory"] = "Usage";
  row["CommitmentDiscountId"] = row["ResourceId"] + "/reservation";
  row["CommitmentDiscountName"] = year ? "one year, planned" : "three years, planned";
  row["CommitmentDiscountType"] = "Reservation";
}

/// What was paid for elsewhere costs nothing again where it is used, and the other way round.
void set_payment(Row& row, const Dossier& dossier, Money device_hour, std::int64_t quantity, bool idle) {
  if (is_reserved(dossier)) {
    name_commitment(row, dossier);
    row["CommitmentDiscountStatus"] = idle ? "Unused" : "Used";
    row["BilledCost"] = "0";
  } else if (is_bought(dossier)) {
    row["BilledCost"] = product(running_hour(dossier, device_hour), quantity);
  }
}

/// A purchase that covers the use in other rows: nothing of it is used up where it stands.
Row purchase_row(const Dossier& dossier, const PoolLine& pool) {
  Row row = common_row(dossier);
  name_pool(row, dossier, pool);
  row.erase("CapacityReservationId");
  row["ChargeCategory"] = "Purchase";
  return row;
}

Row bought_devices(const Dossier& dossier, const PoolLine& pool) {
  Row row = purchase_row(dossier, pool);
  row["ChargeFrequency"] = "One-Time";
  row["ChargeDescription"] = fmt::format(
      "Devices with their part of server, installation, network and spares, pool {}, planned", pool.name);
  row["PricingUnit"] = "Devices";
  price_row(row, outlay_of(dossier), pool.devices() * kMicro);
  row["EffectiveCost"] = "0";
  return row;
}

Row reserved_hours(const Dossier& dossier, const PoolLine& pool, std::int64_t hours) {
  Row row = purchase_row(dossier, pool);
  name_commitment(row, dossier);
  row["ChargeFrequency"] = "Recurring";
  row["ChargeDescription"] = fmt::format("Reserved device-hours of the month, pool {}, planned", pool.name);
  price_row(row, *pool.device_hour, hours);
  row["EffectiveCost"] = "0";
  return row;
}

/// The meter of the building, for devices whose energy is paid beside their hours.
Row energy_row(const Dossier& dossier, const PoolLine& pool) {
  Row row = common_row(dossier);
  name_pool(row, dossier, pool);
  row.erase("CapacityReservationId");
  const double hours = dossier.run.makespan_s.value_or(0) / 3600;
  const double kwh = units::parse_number(fact_of(dossier, "energy.facility_kwh")).value_or(0);
  const double month = hours > 0 ? kwh * cost::kHoursPerMonth / hours : 0;
  row["ChargeDescription"] = fmt::format("Energy at the meter of the building, pool {}, planned", pool.name);
  row["PricingUnit"] = "kWh";
  price_row(row, Money::from_usd(Usd(assumed(dossier, "prices.energy.usd_per_kwh"))),
            std::llround(month * static_cast<double>(kMicro)));
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
      if (is_reserved(dossier)) {
        append_month(reserved_hours(dossier, pool, hours));
      } else if (is_bought(dossier)) {
        if (month == 0) {
          append_month(bought_devices(dossier, pool));
        }
        append_month(energy_row(dossier, pool));
      }
      for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
        const auto quantity = static_cast<std::int64_t>(split[kind].pico_usd());
        if (quantity == 0) {
          continue;
        }
        Row row = common_row(dossier);
        name_pool(row, dossier, pool);
        row["ChargeDescription"] = fmt::format("{}, pool {}, planned", kKinds.at(kind).words, pool.name);
        row["CapacityReservationStatus"] = kind == kIdle ? "Unused" : "Used";
        row["x_EnergyKwh"] = energy_of(dossier, pool, weights[kind], sum);
        price_row(row, *pool.device_hour, quantity);
        set_payment(row, dossier, *pool.device_hour, quantity, kind == kIdle);
        if (kind != kIdle) {
          count_tokens(row, dossier, kind);
        }
        append_month(std::move(row));
      }
    }
  }
  return text;
}

}  // namespace mtok::report
