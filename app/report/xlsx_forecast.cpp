// The tab Capacity plan, and the simulated part of the tab Sensitivity.
#include <fmt/format.h>

#include <array>

#include "app/report/xlsx_tabs.hpp"

namespace mtok::report {
namespace {

constexpr std::uint32_t kSummary = 7;  ///< first row of the ways to pay
constexpr std::uint32_t kChartRows = 20;

double real(std::optional<Money> amount) {
  return amount ? amount->usd().base() : 0;
}

/// Sums that agree but for the order of their additions.
Term agree(const Term& a, const Term& b) {
  constexpr double kRounding = 1e-9;
  return at_most(absolute(a - b), constant(kRounding) * larger(absolute(b), constant(1)));
}

/// The ways to pay first, then the fleet by month, then one block each of what is paid when, a column an
/// option.
class CapacityTab {
 public:
  CapacityTab(WorkbookParts& parts, const CapacityFacts& facts)
      : parts_(parts),
        facts_(facts),
        sheet_(parts.book.add("Capacity plan")),
        months_(static_cast<std::uint32_t>(facts.months.size())) {
    for (std::size_t i = 0; i < facts.options.size(); ++i) {
      if (facts.options[i].priced()) {
        priced_.push_back(i);
      }
    }
    const std::size_t lines = facts.options.size() + facts.commitments.size();
    chart_ = kSummary + static_cast<std::uint32_t>(lines) + 1;
    fleet_ = chart_ + kChartRows + 2;
  }

  void build() {
    head();
    fleet();
    payments();
    options();
    chart();
  }

 private:
  /// First row of the blocks below the fleet, from 0.
  [[nodiscard]] std::uint32_t block(std::uint32_t which) const {
    return fleet_ + (which + 1) * (months_ + 3);
  }
  [[nodiscard]] Range column(std::uint32_t first, int at) const {
    return sheet_.range(first, at, first + months_ - 1, at, {});
  }

  void head() {
    sheet_.widths({34, 20, 20, 20, 20, 20, 20, 20, 60});
    sheet_.text(0, 0, "Capacity plan", Look::title);
    sheet_.text(1, 0, facts_.name + ", on " + facts_.device, Look::bold);
    sheet_.text(2, 0,
                "Fleets are simulated month by month for the busiest hour (mtok capacity, hash " +
                    facts_.hash.substr(0, 16) +
                    "); grey numbers are pasted from there, black ones computed here.",
                Look::note);
    sheet_.text(3, 0, "devices a replica");
    each_ = sheet_.number(3, 1, static_cast<double>(facts_.devices_per_replica), Look::simulated_count);
    sheet_.text(4, 0, "discount rate a year");
    discount_ = sheet_.number(4, 1, facts_.discount_per_year, Look::input);
  }

  [[nodiscard]] Term worth(const Term& months) const {
    return constant(1) / power(constant(1) + discount_, months / constant(12));
  }

  void fleet() {
    sheet_.headers(fleet_ - 1,
                   {">month", ">requests/s", ">in the busiest hour", ">million tokens", ">replicas", ">spare",
                    ">devices", ">worth at its start", ">worth at its end"});
    tokens_ = column(fleet_, 3);
    at_start_ = column(fleet_, 7);
    at_end_ = column(fleet_, 8);
    for (std::uint32_t m = 0; m < months_; ++m) {
      const CapacityMonthLine& month = facts_.months[m];
      const std::uint32_t row = fleet_ + m;
      const Term number = sheet_.number(row, 0, static_cast<double>(month.month), Look::count);
      sheet_.number(row, 1, month.mean_requests_per_s, Look::simulated);
      sheet_.number(row, 2, month.peak_requests_per_s, Look::simulated);
      tokens_.values.push_back(sheet_.number(row, 3, month.mtok, Look::simulated).value);
      const Term replicas = sheet_.number(row, 4, static_cast<double>(month.replicas), Look::simulated_count);
      const Term spares = sheet_.number(row, 5, static_cast<double>(month.spares), Look::simulated_count);
      const Term devices = sheet_.formula(row, 6, (replicas + spares) * each_, Look::count);
      if (m == 0) {
        parts_.checks.emplace_back("Capacity plan: the devices of the first month are those of the plan",
                                   agree(devices, constant(static_cast<double>(month.devices))));
      }
      at_start_.values.push_back(sheet_.formula(row, 7, worth(number - constant(1)), Look::real).value);
      at_end_.values.push_back(sheet_.formula(row, 8, worth(number), Look::real).value);
    }
  }

  void payments() {
    constexpr std::array<const char*, 3> kTitles{"paid at the start of month", "paid at the end of month",
                                                 "paid so far, by month"};
    for (std::uint32_t which = 0; which < kTitles.size(); ++which) {
      std::vector<std::string> titles{std::string(">") + kTitles.at(which)};
      for (const std::size_t i : priced_) {
        titles.push_back(">" + facts_.options[i].name);
      }
      sheet_.headers(block(which) - 1, titles);
    }
    for (std::size_t k = 0; k < priced_.size(); ++k) {
      const int at = static_cast<int>(k) + 1;
      starts_.push_back(column(block(0), at));
      ends_.push_back(column(block(1), at));
      Term so_far = constant(0);
      for (std::uint32_t m = 0; m < months_; ++m) {
        const CapacityMonthLine& month = facts_.months[m];
        const Money start = month.paid_at_start[priced_[k]];
        const Money end = month.paid[priced_[k]] - start;
        const Term first = sheet_.number(block(0) + m, at, real(start), Look::simulated);
        const Term last = sheet_.number(block(1) + m, at, real(end), Look::simulated);
        starts_[k].values.push_back(first.value);
        ends_[k].values.push_back(last.value);
        so_far = sheet_.formula(block(2) + m, at, so_far + first + last, Look::money);
      }
    }
    for (std::uint32_t which = 0; which < kTitles.size(); ++which) {
      for (std::uint32_t m = 0; m < months_; ++m) {
        sheet_.number(block(which) + m, 0, static_cast<double>(facts_.months[m].month), Look::count);
      }
    }
  }

  void options() {
    std::uint32_t row = kSummary;
    sheet_.headers(row - 1,
                   {"way to pay", ">in all", ">sold for at the end", ">present value", ">a million tokens",
                    ">more than the first", ">paid back, months", ">break-even, requests/s", "basis"});
    Term first;
    const Term end_worth = sheet_.at(fleet_ + months_ - 1, 8, at_end_.values.back());
    for (std::size_t k = 0; k < priced_.size(); ++k) {
      const CapacityOptionLine& option = facts_.options[priced_[k]];
      sheet_.text(row, 0, option.name, Look::wrapped);
      const Term resale = sheet_.number(row, 2, real(option.resale), Look::input_money);
      const Term total = sheet_.formula(row, 1, sum(starts_[k]) + sum(ends_[k]) - resale, Look::money);
      const Term present = sheet_.formula(
          row, 3,
          sum_of_products(starts_[k], at_start_) + sum_of_products(ends_[k], at_end_) - resale * end_worth,
          Look::money);
      sheet_.formula(row, 4, quotient(total, sum(tokens_)), Look::rate);
      first = k == 0 ? total : first;
      sheet_.formula(row, 5, total - first, Look::money);
      pasted(row, 6, option.payback_months);
      pasted(row, 7, option.break_even_requests_per_s);
      sheet_.text(row, 8, option.basis, Look::wrapped);
      parts_.checks.emplace_back("Capacity plan: " + option.name + ": months add up to the plan's total",
                                 agree(total, constant(real(option.total))));
      parts_.checks.emplace_back("Capacity plan: " + option.name + ": present value is the plan's",
                                 agree(present, constant(real(option.present_value))));
      ++row;
    }
    for (const CapacityOptionLine& option : facts_.options) {
      if (!option.priced()) {
        sheet_.text(row, 0, option.name);
        sheet_.text(row++, 1, "not priced: " + option.missing, Look::note);
      }
    }
    for (const CommitmentLine& line : facts_.commitments) {
      sheet_.text(
          row++, 0,
          fmt::format("to reserve for {}: {} of {} replicas (a reserved hour costs {:.0f} % of one on "
                      "demand)",
                      line.term, line.reserve, line.of, line.price_ratio * 100),
          Look::note);
    }
  }

  void chart() {
    lxw_chart* const chart = parts_.book.chart(LXW_CHART_LINE, "Paid so far");
    for (std::size_t k = 0; k < priced_.size(); ++k) {
      lxw_chart_series* const line =
          chart_add_series(chart, ("=" + column(block(2), 0).reference).c_str(),
                           ("=" + column(block(2), static_cast<int>(k) + 1).reference).c_str());
      chart_series_set_name(line, facts_.options[priced_[k]].name.c_str());
    }
    chart_legend_set_position(chart, LXW_CHART_LEGEND_RIGHT);
    sheet_.chart(chart_, 0, chart, 1000, 380);
  }

  void pasted(std::uint32_t row, int column, std::optional<double> value) {
    if (value) {
      sheet_.number(row, column, *value, Look::simulated);
    }
  }

  WorkbookParts& parts_;
  const CapacityFacts& facts_;
  Tab& sheet_;
  std::uint32_t months_ = 0;
  std::vector<std::size_t> priced_{};
  std::uint32_t chart_ = 0;  ///< row of the chart
  std::uint32_t fleet_ = 0;  ///< first row of the fleet by month
  Term each_{};
  Term discount_{};
  Range tokens_{};
  Range at_start_{};
  Range at_end_{};
  std::vector<Range> starts_{};
  std::vector<Range> ends_{};
};

}  // namespace

void add_capacity_plan(WorkbookParts& parts) {
  const std::optional<CapacityFacts>& facts = parts.dossier.capacity;
  if (facts && facts->feasible) {
    CapacityTab(parts, *facts).build();
  }
}

void add_swings(WorkbookParts& parts, Tab& sheet, std::uint32_t row) {
  const std::optional<SensitivityFacts>& facts = parts.dossier.sensitivity;
  if (!facts || !facts->feasible) {
    return;
  }
  sheet.text(row++, 0, "One input at a time, simulated", Look::bold);
  sheet.text(row++, 0,
             "Grey numbers are pasted from mtok sensitivity (hash " + facts->hash.substr(0, 16) +
                 "), each a run of its own; black ones are computed here.",
             Look::note);
  sheet.text(row, 0, "a million tokens as it stands");
  const Term base = sheet.number(row++, 1, real(facts->base_rate), Look::simulated);
  sheet.headers(row++, {"input", ">from", ">to", ">a million tokens at from", ">at to", ">change at from",
                        ">change at to", ">swing", "promises at from, at to", ">rank correlation"});
  const std::uint32_t first = row;
  for (const SwingLine& swing : facts->swings) {
    sheet.text(row, 0, swing.title + (swing.unit.empty() ? "" : ", " + swing.unit));
    sheet.number(row, 1, swing.low.input, Look::simulated);
    sheet.number(row, 2, swing.high.input, Look::simulated);
    const Term low = sheet.number(row, 3, real(swing.low.rate), Look::simulated);
    const Term high = sheet.number(row, 4, real(swing.high.rate), Look::simulated);
    sheet.formula(row, 5, quotient(low, base, 1) - constant(1), Look::percent);
    sheet.formula(row, 6, quotient(high, base, 1) - constant(1), Look::percent);
    sheet.formula(row, 7, absolute(high - low), Look::rate);
    const auto kept = [](bool is) { return is ? "kept" : "broken"; };
    sheet.text(row, 8, fmt::format("{}, {}", kept(swing.low.promises_kept), kept(swing.high.promises_kept)));
    if (swing.rank) {
      sheet.number(row, 9, *swing.rank, Look::simulated);
    }
    ++row;
  }
  const std::uint32_t last = row - 1;
  ++row;
  sheet.headers(row++, {"all inputs at once, simulated", ">P10", ">P50", ">P90", ">P90 / P10"});
  for (const SpreadLine& line : facts->spreads) {
    sheet.text(row, 0, line.key);
    const Term low = sheet.number(row, 1, line.p10, Look::simulated);
    sheet.number(row, 2, line.p50, Look::simulated);
    const Term high = sheet.number(row, 3, line.p90, Look::simulated);
    sheet.formula(row, 4, quotient(high, low), Look::real);
    ++row;
  }
  if (facts->slo_probability) {
    sheet.text(row, 0, "share of the samples in which the promises hold", Look::wrapped);
    sheet.number(row++, 1, *facts->slo_probability, Look::simulated_percent);
  }
  if (last >= first) {
    lxw_chart* const chart =
        parts.book.chart(LXW_CHART_BAR, "Change of the cost of a token at both ends of each input");
    const Range names = sheet.range(first, 0, last, 0, {});
    Book::series(chart, names, sheet.range(first, 5, last, 5, {}), "at from", 0x0072B2);
    Book::series(chart, names, sheet.range(first, 6, last, 6, {}), "at to", 0xD55E00);
    chart_axis_set_reverse(chart->y_axis);  // of a bar chart the axis of names
    chart_axis_set_label_position(chart->y_axis, LXW_CHART_AXIS_LABEL_POSITION_LOW);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
    sheet.chart(row + 1, 0, chart, 760, 420);
  }
}

}  // namespace mtok::report
