// Writes a capacity plan: the answer first, then options, commitments, staircase and months.
#include "app/report/capacity_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/report/json.hpp"
#include "app/report/page.hpp"
#include "app/report/shared_sections.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using planner::Capacity;
using planner::CapacityMonth;
using planner::CapacityOption;

constexpr double kMillion = 1e6;

Json option_json(const CapacityOption& option) {
  const bool priced = option.missing.empty();
  return {{"name", option.name},
          {"basis", text_or_null(option.basis)},
          {"missing", text_or_null(option.missing)},
          {"total_usd", usd(priced ? std::optional(option.total) : std::nullopt)},
          {"resale_usd", usd(priced ? std::optional(option.resale) : std::nullopt)},
          {"present_value_usd", usd(priced ? std::optional(option.present_value) : std::nullopt)},
          {"usd_per_mtok", usd_per_mtok(option.per_token)},
          {"payback_months", number(option.payback_months)},
          {"break_even_requests_per_s", number(option.break_even_requests_per_s)},
          {"break_even_mtok_per_month",
           number(option.break_even_tokens_per_month
                      ? std::optional(option.break_even_tokens_per_month->base() / kMillion)
                      : std::nullopt)}};
}

/// A month with what each option costs in it.
Json month_json(const Capacity& capacity, std::size_t index) {
  const CapacityMonth& month = capacity.months[index];
  Json json{{"month", month.month},
            {"mean_requests_per_s", number(month.mean_requests_per_s)},
            {"peak_requests_per_s", number(month.peak_requests_per_s)},
            {"mtok", number(month.tokens.base() / kMillion)},
            {"replicas", month.replicas},
            {"spare_replicas", month.spares},
            {"devices", month.devices},
            {"power_w", number(month.power.base())},
            {"usd", Json::object()},
            {"usd_at_start", Json::object()}};
  for (const CapacityOption& option : capacity.options) {
    if (option.missing.empty()) {
      const cost::MonthlyCost& cost = option.months[index];
      json["usd"][option.name] = usd(std::optional(cost.at_start + cost.at_end));
      json["usd_at_start"][option.name] = usd(std::optional(cost.at_start));
    }
  }
  return json;
}

Json commitment_json(const planner::Commitment& commitment) {
  Json rungs = Json::array();
  for (const cost::CommitmentRung& rung : commitment.rungs) {
    rungs.push_back({{"replica", rung.unit},
                     {"needed_share", number(rung.needed_share)},
                     {"on_demand_usd", usd(std::optional(rung.on_demand))},
                     {"reserved_usd", usd(std::optional(rung.reserved))},
                     {"reserve", rung.worth_reserving()}});
  }
  return {{"term", commitment.term},
          {"price_ratio", number(commitment.price_ratio)},
          {"source", commitment.source},
          {"replicas_to_reserve", commitment.worth_reserving()},
          {"rungs", std::move(rungs)}};
}

Json document_of(const Capacity& capacity) {
  Json json{{"schema", "mtok.capacity/1"},
            {"scenario", capacity.name},
            {"inputs", inputs_json(capacity.inputs)},
            {"feasible", capacity.feasible},
            {"reason", text_or_null(capacity.reason)},
            {"device", capacity.device},
            {"devices_per_replica", capacity.devices_per_replica},
            {"discount_rate_per_year", number(capacity.choice.discount_rate_per_year)}};
  json["rows"] = Json::array();
  for (std::size_t i = 0; i < capacity.months.size() && !capacity.options.empty(); ++i) {
    json["rows"].push_back(month_json(capacity, i));
  }
  json["options"] = Json::array();
  for (const CapacityOption& option : capacity.options) {
    json["options"].push_back(option_json(option));
  }
  json["commitments"] = Json::array();
  for (const planner::Commitment& commitment : capacity.commitments) {
    json["commitments"].push_back(commitment_json(commitment));
  }
  json["staircase"] = Json::array();
  for (const planner::FleetStep& step : capacity.staircase) {
    json["staircase"].push_back({{"replicas", step.replicas},
                                 {"devices", step.devices},
                                 {"peak_requests_per_s", number(step.requests_per_s)}});
  }
  json["assumptions"] = assumptions_json(capacity.assumptions);
  json["warnings"] = capacity.warnings;
  return json;
}

std::string months_text(std::optional<double> months) {
  return months ? significant(*months) : std::string(kNone);
}

Section options_of(const Capacity& capacity) {
  Table table{.columns = {{"", Align::left},
                          {"USD in all"},
                          {"present value"},
                          {"USD/Mtok"},
                          {"payback, months"},
                          {"break-even, req/s"},
                          {"Mtok a month"}}};
  Facts basis;
  for (const CapacityOption& option : capacity.options) {
    if (!option.missing.empty()) {
      basis.lines.emplace_back(option.name, "not priced: " + option.missing);
      continue;
    }
    const std::optional<Tokens>& volume = option.break_even_tokens_per_month;
    table.rows.push_back({option.name, dollars(option.total), dollars(option.present_value),
                          dollars_per_mtok(option.per_token), months_text(option.payback_months),
                          months_text(option.break_even_requests_per_s),
                          volume ? significant(volume->base() / kMillion) : std::string(kNone)});
    basis.lines.emplace_back(option.name, option.basis);
  }
  return {
      .title = "Ways to pay, all months together",
      .blocks = {
          table,
          Notes{{"payback: months until the way has cost no more than the first one, without what devices "
                 "are sold for;",
                 "break-even: volume from which the fleet of the first month's prices costs no more than "
                 "the cheapest API"}},
          basis}};
}

Section commitments_of(const Capacity& capacity) {
  Table table{.columns = {{"term", Align::left},
                          {"reserved / on demand"},
                          {"replicas to reserve"},
                          {"of"},
                          {"share"},
                          {"source", Align::left}}};
  for (const planner::Commitment& commitment : capacity.commitments) {
    const std::int64_t reserve = commitment.worth_reserving();
    const auto all = static_cast<std::int64_t>(commitment.rungs.size());
    const double share = all > 0 ? static_cast<double>(reserve) / static_cast<double>(all) : 0;
    table.rows.push_back({commitment.term, percent(commitment.price_ratio), grouped(reserve), grouped(all),
                          percent(share), commitment.source});
  }
  Section section{.title = "What to reserve: replicas needed in more hours than the price ratio"};
  if (!table.rows.empty()) {
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

Section staircase_of(const Capacity& capacity) {
  Table table{.columns = {{"replicas"}, {"devices with spares"}, {"enough up to req/s"}}};
  for (const planner::FleetStep& step : capacity.staircase) {
    table.rows.push_back({grouped(step.replicas), grouped(step.devices), significant(step.requests_per_s)});
  }
  return {.title = "Staircase of devices", .blocks = {table}};
}

Section months_of(const Capacity& capacity) {
  Table table{.columns = {{"month"}, {"req/s"}, {"peak"}, {"Mtok"}, {"replicas"}, {"spare"}, {"devices"}}};
  for (const CapacityOption& option : capacity.options) {
    if (option.missing.empty()) {
      table.columns.push_back({option.name});
    }
  }
  for (std::size_t i = 0; i < capacity.months.size(); ++i) {
    const CapacityMonth& month = capacity.months[i];
    std::vector<std::string> row{grouped(month.month),
                                 significant(month.mean_requests_per_s),
                                 significant(month.peak_requests_per_s),
                                 significant(month.tokens.base() / kMillion),
                                 grouped(month.replicas),
                                 grouped(month.spares),
                                 grouped(month.devices)};
    for (const CapacityOption& option : capacity.options) {
      if (option.missing.empty()) {
        row.push_back(grouped((option.months[i].at_start + option.months[i].at_end).base(), 0));
      }
    }
    table.rows.push_back(std::move(row));
  }
  return {.title = "Month by month, USD", .blocks = {table}};
}

Page page_of(const Capacity& capacity) {
  Page page{.title = fmt::format("{}: capacity for {} months", capacity.name, capacity.choice.months)};
  if (!capacity.feasible) {
    page.headline.push_back("The promises cannot be kept: " + capacity.reason);
  } else {
    const CapacityMonth& first = capacity.months.front();
    const CapacityMonth& last = capacity.months.back();
    page.headline.push_back(fmt::format("{} x {} in the first month, {} in month {}, {} of them spare",
                                        grouped(first.devices), capacity.device, grouped(last.devices),
                                        last.month, grouped(last.spares * capacity.devices_per_replica)));
    const CapacityOption* best = nullptr;
    for (const CapacityOption& option : capacity.options) {
      if (option.missing.empty() && (best == nullptr || option.present_value < best->present_value)) {
        best = &option;
      }
    }
    if (best != nullptr) {
      page.headline.push_back(fmt::format("least present value: {}, {}, {} per million tokens", best->name,
                                          dollars(best->present_value), dollars_per_mtok(best->per_token)));
    }
    page.sections = {options_of(capacity), commitments_of(capacity), staircase_of(capacity),
                     months_of(capacity)};
  }
  page.sections.push_back(assumptions_section(capacity.assumptions));
  page.sections.push_back(warnings_section(capacity.warnings));
  return page;
}

}  // namespace

std::string capacity_text(const Capacity& capacity, Form form) {
  switch (form.format) {
    case Format::json:
      return sealed(document_of(capacity));
    case Format::csv:
      return rows_csv(document_of(capacity).at("rows"));
    case Format::markdown:
      return to_markdown(page_of(capacity));
    case Format::table:
      break;
  }
  return to_terminal(page_of(capacity), form.colour);
}

}  // namespace mtok::report
