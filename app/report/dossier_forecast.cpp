// Reads sensitivities and capacity plans into a dossier.
#include "app/report/dossier_forecast.hpp"

#include "app/report/dossier_fields.hpp"
#include "app/report/sensitivity_report.hpp"

namespace mtok::report {
namespace {

SwingEnd end_of(config::Reader& swing, const char* input, const char* outcome) {
  SwingEnd end{.input = swing.number(input)};
  config::Reader at = swing.mapping(outcome);
  end.rate = money_or_none(at, "usd_per_mtok");
  end.ttft_p99_ms = number_or_none(at, "ttft_p99_ms");
  end.tpot_p99_ms = number_or_none(at, "tpot_p99_ms");
  end.promises_kept = at.flag("slo_met");
  return end;
}

SwingLine swing_of(config::Reader& swing) {
  SwingLine line{.key = swing.text("key"),
                 .unit = text_or_empty(swing, "unit"),
                 .base = swing.number("base"),
                 .low = end_of(swing, "low", "at_low"),
                 .high = end_of(swing, "high", "at_high"),
                 .source = text_or_empty(swing, "source")};
  const std::optional<planner::Input> input = planner::input_named(line.key);
  line.title = input ? words_for(*input) : line.key;
  config::Reader ranks = swing.mapping("rank_correlation");
  line.rank = number_or_none(ranks, "usd_per_mtok");
  return line;
}

CapacityOptionLine option_of(config::Reader& option) {
  return {.name = option.text("name"),
          .basis = text_or_empty(option, "basis"),
          .missing = text_or_empty(option, "missing"),
          .total = money_or_none(option, "total_usd"),
          .resale = money_or_none(option, "resale_usd"),
          .present_value = money_or_none(option, "present_value_usd"),
          .rate = money_or_none(option, "usd_per_mtok"),
          .payback_months = number_or_none(option, "payback_months"),
          .break_even_requests_per_s = number_or_none(option, "break_even_requests_per_s")};
}

CapacityMonthLine month_of(config::Reader& row, const std::vector<CapacityOptionLine>& options) {
  CapacityMonthLine month{.month = row.integer("month"),
                          .mean_requests_per_s = row.number("mean_requests_per_s"),
                          .peak_requests_per_s = row.number("peak_requests_per_s"),
                          .mtok = row.number("mtok"),
                          .replicas = row.integer("replicas"),
                          .spares = row.integer("spare_replicas"),
                          .devices = row.integer("devices")};
  config::Reader paid = row.mapping("usd");
  config::Reader at_start = row.mapping("usd_at_start");
  for (const CapacityOptionLine& option : options) {
    month.paid.push_back(option.priced() ? money_of(paid, option.name) : Money{});
    month.paid_at_start.push_back(option.priced() ? money_of(at_start, option.name) : Money{});
  }
  return month;
}

}  // namespace

SensitivityFacts read_sensitivity(ResultDocument& result) {
  config::Reader root = result.document.root();
  SensitivityFacts facts{
      .name = root.text("name"), .hash = text_or_empty(root, "hash"), .feasible = root.flag("feasible")};
  if (!facts.feasible) {
    return facts;
  }
  config::Reader base = root.mapping("base");
  facts.base_rate = money_or_none(base, "usd_per_mtok");
  for (config::Reader swing : root.mappings("swings")) {
    facts.swings.push_back(swing_of(swing));
  }
  config::Reader all = root.mapping("uncertainty");
  facts.samples = all.integer("samples");
  for (const char* key : {"usd_per_mtok", "ttft_p99_ms", "tpot_p99_ms"}) {
    config::Reader spread = all.mapping(key);
    facts.spreads.push_back(
        {.key = key, .p10 = spread.number("p10"), .p50 = spread.number("p50"), .p90 = spread.number("p90")});
  }
  facts.slo_probability = number_or_none(all, "slo_probability");
  return facts;
}

CapacityFacts read_capacity(ResultDocument& result) {
  config::Reader root = result.document.root();
  CapacityFacts facts{.name = root.text("scenario"),
                      .hash = text_or_empty(root, "hash"),
                      .device = root.text("device"),
                      .devices_per_replica = root.integer("devices_per_replica"),
                      .discount_per_year = root.number("discount_rate_per_year"),
                      .feasible = root.flag("feasible"),
                      .reason = text_or_empty(root, "reason")};
  for (config::Reader option : root.mappings("options")) {
    facts.options.push_back(option_of(option));
  }
  for (config::Reader row : root.mappings("rows")) {
    facts.months.push_back(month_of(row, facts.options));
  }
  for (config::Reader commitment : root.mappings("commitments")) {
    facts.commitments.push_back({.term = commitment.text("term"),
                                 .price_ratio = commitment.number("price_ratio"),
                                 .reserve = commitment.integer("replicas_to_reserve"),
                                 .of = static_cast<std::int64_t>(commitment.mappings("rungs").size()),
                                 .source = text_or_empty(commitment, "source")});
  }
  if (facts.feasible && facts.months.empty() && root.ok()) {
    root.fail("rows", "expected at least one month");
  }
  return facts;
}

}  // namespace mtok::report
