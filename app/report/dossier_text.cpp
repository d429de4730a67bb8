// Turns figures of a dossier into words.
#include "app/report/dossier_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/report/money_text.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

constexpr int kMostRateDecimals = 5;

/// Decimals at which an amount shows `digits` significant digits, between `fewest` and the most of a rate.
int decimals_of(Money amount, int digits, int fewest) {
  const double size = std::abs(amount.usd().base());
  if (size == 0) {
    return fewest;
  }
  const int magnitude = static_cast<int>(std::floor(std::log10(size)));
  return std::clamp(digits - 1 - magnitude, fewest, kMostRateDecimals);
}

/// A price is shown as it is stated, at least to cents; one that is worked out to six decimals.
int price_decimals(Money price) {
  const std::string text = price.to_decimal();
  return std::clamp(static_cast<int>(text.size() - text.find('.') - 1), 2, 6);
}

/// The value with so many significant digits, zeros behind them.
double cut_to(double value, int digits) {
  if (value == 0) {
    return 0;
  }
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) + 1 - digits);
  return std::round(value / unit) * unit;
}

}  // namespace

std::string rate_text(std::optional<Money> rate, const Dossier& dossier) {
  return rate ? money(*rate, dossier.currency, decimals_of(*rate, dossier.precision.rate, 2))
              : std::string(kNotThere);
}

std::string bare_rate(std::optional<Money> rate, int decimals) {
  return rate ? rounded(*rate, decimals) : std::string(kNotThere);
}

int rate_decimals(const std::vector<Money>& rates, int digits) {
  int decimals = 2;
  for (const Money rate : rates) {
    decimals = std::max(decimals, decimals_of(rate, digits, 2));
  }
  return decimals;
}

int rate_decimals(const std::vector<Case>& cases, int digits) {
  std::vector<Money> rates;
  for (const Case& entry : cases) {
    if (entry.blended) {
      rates.push_back(*entry.blended);
    }
  }
  return rate_decimals(rates, digits);
}

std::string ms_text(std::optional<double> ms, int digits) {
  return ms ? significant(cut_to(*ms, digits), digits) : std::string(kNotThere);
}

std::string share_text(std::optional<double> share) {
  return share ? grouped(*share * 100, 1) + " %" : std::string(kNotThere);
}

std::vector<std::string> share_texts(const std::vector<Money>& parts) {
  Money sum;
  for (const Money part : parts) {
    sum += part;
  }
  std::vector<std::string> texts(parts.size(), std::string(kNotThere));
  if (sum <= Money{}) {
    return texts;
  }
  std::vector<Money> percents;
  for (const Money part : parts) {
    percents.push_back(Money::from_usd(Usd(part.usd().base() / sum.usd().base() * 100)));
  }
  const std::vector<Money> shown = rounded_parts(percents, 1);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    texts[i] = rounded(shown[i], 1) + " %";
  }
  return texts;
}

std::string fleet_text(const Dossier& dossier) {
  std::string text;
  for (const PoolLine& pool : dossier.pools) {
    text += text.empty() ? "" : "; ";
    text += fmt::format("{} replica{} of {} x {}", grouped(pool.replicas), pool.replicas == 1 ? "" : "s",
                        pool.devices_per_replica, pool.device);
    text += dossier.pools.size() > 1 ? " (" + pool.name + ")" : "";
  }
  return text;
}

std::string price_words(const Dossier& dossier) {
  std::string text;
  for (const PoolLine& pool : dossier.pools) {
    const std::string one =
        pool.device_hour
            ? fmt::format("{} an hour of {}",
                          money(*pool.device_hour, dossier.currency, price_decimals(*pool.device_hour)),
                          pool.device)
            : "";
    if (text.find(one) == std::string::npos) {
      text += (text.empty() ? "" : "; ") + one;
    }
  }
  const cost::Price& price = dossier.price;
  const std::array<std::string, 6> parts{std::string(cost::name_of(price.tier)),
                                         price.provider,
                                         price.offer,
                                         price.region,
                                         price.as_of,
                                         price.source};
  for (const std::string& part : parts) {
    text += part.empty() ? "" : ", " + part;
  }
  return text;
}

std::vector<std::optional<Money>> shown_steps(const CaseTable& ladder, int decimals) {
  std::vector<Money> amounts;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < ladder.cases.size(); ++i) {
    const Case& rung = ladder.cases[i];
    if (amounts.empty() && rung.feasible && rung.blended) {
      amounts.push_back(*rung.blended);
    } else if (rung.marginal) {
      amounts.push_back(*rung.marginal);
      rows.push_back(i);
    }
  }
  const std::vector<Money> shown = rounded_parts(amounts, decimals);
  std::vector<std::optional<Money>> steps(ladder.cases.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    steps[rows[i]] = shown[i + 1];
  }
  return steps;
}

const Case* cheapest(const CaseTable& table) {
  const Case* best = nullptr;
  for (const Case& entry : table.cases) {
    const bool counts = entry.feasible && entry.reason.empty() && entry.blended.has_value();
    if (counts && (best == nullptr || *entry.blended < *best->blended)) {
      best = &entry;
    }
  }
  return best;
}

}  // namespace mtok::report
