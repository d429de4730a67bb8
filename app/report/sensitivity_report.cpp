// Lays out swings, percentiles and solutions as pages, JSON and a picture.
#include "app/report/sensitivity_report.hpp"

#include <fmt/format.h>

#include "app/report/shared_sections.hpp"
#include "app/report/sheet.hpp"
#include "app/report/svg_chart.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using planner::Input;
using planner::Outcome;
using planner::Percentiles;
using planner::Sensitivity;
using planner::Solution;
using planner::Swing;

std::string value_text(double value, const std::string& unit) {
  return significant(value) + (unit.empty() ? "" : " " + unit);
}

Json outcome_json(const Outcome& outcome) {
  return {{"usd_per_mtok", usd_per_mtok(outcome.per_token)},
          {"ttft_p99_ms", in_ms(outcome.ttft_p99)},
          {"tpot_p99_ms", in_ms(outcome.tpot_p99)},
          {"slo_met", outcome.slo_met},
          {"busy", number(outcome.busy)},
          {"prefix_hit_rate", number(outcome.hit_rate)}};
}

Json percentiles_json(const Percentiles& percentiles) {
  return {
      {"p10", number(percentiles.p10)}, {"p50", number(percentiles.p50)}, {"p90", number(percentiles.p90)}};
}

Json swing_json(const Swing& swing) {
  return {{"key", planner::name_of(swing.input)},
          {"unit", text_or_null(swing.unit)},
          {"base", number(swing.base)},
          {"low", number(swing.low)},
          {"high", number(swing.high)},
          {"sampled", swing.sampled},
          {"at_low", outcome_json(swing.at_low)},
          {"at_high", outcome_json(swing.at_high)},
          {"rank_correlation",
           {{"usd_per_mtok", number(swing.rank_usd)},
            {"ttft_p99_ms", number(swing.rank_ttft)},
            {"tpot_p99_ms", number(swing.rank_tpot)}}},
          {"source", swing.source}};
}

Json options_json(const planner::SensitivityOptions& options, const std::string& trace) {
  Json ranges = Json::object();
  for (const auto& [input, range] : options.ranges) {
    ranges[std::string(planner::name_of(input))] = {{"low", range.low}, {"high", range.high}};
  }
  return {{"trace", text_or_null(trace)}, {"samples", options.samples}, {"ranges", ranges}};
}

Json document_of(const Sensitivity& sensitivity, const std::string& trace) {
  Json json{{"schema", "mtok.sensitivity/1"},
            {"name", sensitivity.name},
            {"inputs", inputs_json(sensitivity.inputs)},
            {"options", options_json(sensitivity.options, trace)},
            {"feasible", !sensitivity.infeasible.has_value()}};
  if (sensitivity.infeasible) {
    json["reason"] = sensitivity.infeasible->reason;
  } else {
    json["base"] = outcome_json(sensitivity.base);
    json["swings"] = Json::array();
    for (const Swing& swing : sensitivity.swings) {
      json["swings"].push_back(swing_json(swing));
    }
    json["uncertainty"] = {{"samples", sensitivity.samples},
                           {"usd_per_mtok", percentiles_json(sensitivity.usd_per_mtok)},
                           {"ttft_p99_ms", percentiles_json(sensitivity.ttft_ms)},
                           {"tpot_p99_ms", percentiles_json(sensitivity.tpot_ms)},
                           {"slo_probability", number(sensitivity.slo_probability)}};
    json["partial"] = sensitivity.cancelled;
  }
  json["assumptions"] = assumptions_json(sensitivity.assumptions);
  json["warnings"] = sensitivity.warnings;
  return json;
}

std::string kept(const Outcome& outcome) {
  return outcome.slo_met ? "yes" : "no";
}

Table tornado_of(const Sensitivity& sensitivity) {
  Table table{.columns = {{"", Align::left},
                          {"from"},
                          {"to"},
                          {"USD/Mtok at from"},
                          {"at to"},
                          {"TTFT p99 ms"},
                          {""},
                          {"TPOT p99 ms"},
                          {""},
                          {"SLO", Align::left}}};
  for (const Swing& swing : sensitivity.swings) {
    table.rows.push_back({words_for(swing.input), value_text(swing.low, swing.unit),
                          value_text(swing.high, swing.unit), dollars_per_mtok(swing.at_low.per_token),
                          dollars_per_mtok(swing.at_high.per_token), milliseconds(swing.at_low.ttft_p99),
                          milliseconds(swing.at_high.ttft_p99), milliseconds(swing.at_low.tpot_p99),
                          milliseconds(swing.at_high.tpot_p99),
                          kept(swing.at_low) + ", " + kept(swing.at_high)});
  }
  return table;
}

std::string correlation(const std::optional<double>& rank) {
  return rank ? fmt::format("{:+.2f}", *rank) : std::string(kNone);
}

Table ranks_of(const Sensitivity& sensitivity) {
  Table table{
      .columns = {{"", Align::left}, {"USD/Mtok"}, {"TTFT p99"}, {"TPOT p99"}, {"range from", Align::left}}};
  for (const Swing& swing : sensitivity.swings) {
    if (swing.sampled) {
      table.rows.push_back({words_for(swing.input), correlation(swing.rank_usd), correlation(swing.rank_ttft),
                            correlation(swing.rank_tpot), swing.source});
    }
  }
  return table;
}

Table percentiles_of(const Sensitivity& sensitivity) {
  const auto row = [](const std::string& name, const Percentiles& of) {
    return std::vector<std::string>{name, significant(of.p10), significant(of.p50), significant(of.p90)};
  };
  return {.columns = {{"", Align::left}, {"P10"}, {"P50"}, {"P90"}},
          .rows = {row("USD/Mtok", sensitivity.usd_per_mtok), row("TTFT p99 ms", sensitivity.ttft_ms),
                   row("TPOT p99 ms", sensitivity.tpot_ms)}};
}

std::vector<std::string> headline_of(const Sensitivity& sensitivity) {
  if (sensitivity.infeasible) {
    return {"Not feasible: " + sensitivity.infeasible->reason};
  }
  std::vector<std::string> lines{
      fmt::format("{} per million tokens as it stands; {} to {} in 8 of 10 cases (P10 to P90 of {} samples)",
                  dollars_per_mtok(sensitivity.base.per_token),
                  dollars_per_mtok(UsdPerToken(sensitivity.usd_per_mtok.p10 / 1e6)),
                  dollars_per_mtok(UsdPerToken(sensitivity.usd_per_mtok.p90 / 1e6)), sensitivity.samples)};
  if (sensitivity.slo_probability) {
    lines.push_back(fmt::format("The promises hold in {} of the samples; as it stands they are {}",
                                percent(sensitivity.slo_probability),
                                sensitivity.base.slo_met ? "kept" : "broken"));
  }
  return lines;
}

Page page_of(const Sensitivity& sensitivity) {
  Page page{.title = sensitivity.name + ": what it depends on", .headline = headline_of(sensitivity)};
  if (!sensitivity.infeasible) {
    page.sections.push_back({.title = "One input at a time", .blocks = {tornado_of(sensitivity)}});
    page.sections.push_back({.title = "All at once", .blocks = {percentiles_of(sensitivity)}});
    page.sections.push_back(
        {.title = "Rank correlation of input and result (Spearman)", .blocks = {ranks_of(sensitivity)}});
  }
  page.sections.push_back(assumptions_section(sensitivity.assumptions));
  page.sections.push_back(warnings_section(sensitivity.warnings));
  return page;
}

std::string answer_of(const Solution& solution) {
  const std::string what = words_for(solution.input);
  const std::string target = dollars_per_mtok(solution.target);
  if (solution.infeasible) {
    return "Not feasible: " + solution.infeasible->reason;
  }
  if (!solution.value) {
    return fmt::format(
        "No {} between {} and {} gives {} per million tokens: it costs {} at one end and {} at the other",
        what, value_text(solution.low, solution.unit), value_text(solution.high, solution.unit), target,
        dollars_per_mtok(solution.at_low.per_token), dollars_per_mtok(solution.at_high.per_token));
  }
  const bool factor =
      solution.unit.empty() && solution.input != Input::hit_rate && solution.input != Input::replicas;
  return fmt::format(
      "{} per million tokens at {} {}{}, now {}; the fleet is then busy {} of its time, the promises are {}",
      target, what, value_text(*solution.value, solution.unit), factor ? " times what it is" : "",
      value_text(solution.base, solution.unit), percent(solution.at_value.busy),
      solution.at_value.slo_met ? "kept" : "BROKEN");
}

Json document_of(const Solution& solution) {
  Json json{{"schema", "mtok.solution/1"},
            {"key", planner::name_of(solution.input)},
            {"unit", text_or_null(solution.unit)},
            {"target_usd_per_mtok", usd_per_mtok(solution.target)},
            {"feasible", !solution.infeasible.has_value()}};
  if (solution.infeasible) {
    json["reason"] = solution.infeasible->reason;
    return json;
  }
  json["base"] = number(solution.base);
  json["at_base"] = outcome_json(solution.at_base);
  json["value"] = number(solution.value);
  json["at_value"] = solution.value ? outcome_json(solution.at_value) : Json(nullptr);
  json["searched"] = {{"low", number(solution.low)},
                      {"high", number(solution.high)},
                      {"at_low", outcome_json(solution.at_low)},
                      {"at_high", outcome_json(solution.at_high)}};
  return json;
}

Page page_of(const Solution& solution) {
  Table table{.columns = {{"", Align::left},
                          {words_for(solution.input)},
                          {"USD/Mtok"},
                          {"TTFT p99 ms"},
                          {"TPOT p99 ms"},
                          {"busy"},
                          {"hit rate"},
                          {"SLO", Align::left}}};
  const auto add = [&](const std::string& name, double value, const Outcome& at) {
    table.rows.push_back({name, value_text(value, solution.unit), dollars_per_mtok(at.per_token),
                          milliseconds(at.ttft_p99), milliseconds(at.tpot_p99), percent(at.busy),
                          percent(at.hit_rate), kept(at)});
  };
  Page page{.title = "What would make " + dollars_per_mtok(solution.target) + " per million tokens?",
            .headline = {answer_of(solution)}};
  if (!solution.infeasible) {
    add("as it stands", solution.base, solution.at_base);
    if (solution.value) {
      add("the answer", *solution.value, solution.at_value);
    }
    add("least tried", solution.low, solution.at_low);
    add("most tried", solution.high, solution.at_high);
    page.sections.push_back({.blocks = {table}});
  }
  return page;
}

}  // namespace

std::string words_for(Input input) {
  switch (input) {
    case Input::price:
      return "price of a device";
    case Input::energy_price:
      return "price of energy";
    case Input::volume:
      return "volume of requests";
    case Input::input_tokens:
      return "length of prompts";
    case Input::output_tokens:
      return "length of outputs";
    case Input::hit_rate:
      return "prefix hit rate";
    case Input::replicas:
      return "replicas";
    case Input::ttft_error:
      return "model error of TTFT";
    case Input::tpot_error:
      return "model error of TPOT";
    case Input::throughput_error:
      break;
  }
  return "model error of throughput";
}

std::string sensitivity_text(const Sensitivity& sensitivity, Form form, const std::string& trace) {
  if (form.format == Format::json) {
    return sealed(document_of(sensitivity, trace));
  }
  const bool any = !sensitivity.infeasible.has_value();
  return text_of({.page = page_of(sensitivity),
                  .document = document_of(sensitivity, trace),
                  .rows = any ? "swings" : ""},
                 form);
}

std::string sensitivity_svg(const Sensitivity& sensitivity) {
  const auto usd = [](const Outcome& outcome) {
    return outcome.per_token ? outcome.per_token->base() * 1e6 : 0;
  };
  std::vector<TornadoRow> rows;
  ChartHead head{.title = sensitivity.name + ": what the cost depends on",
                 .subtitle = "One input at a time from the low to the high end of its range",
                 .unit = "USD per million tokens, idle included"};
  for (const Swing& swing : sensitivity.swings) {
    rows.push_back({.name = words_for(swing.input),
                    .low = usd(swing.at_low),
                    .high = usd(swing.at_high),
                    .low_text = value_text(swing.low, swing.unit),
                    .high_text = value_text(swing.high, swing.unit)});
    head.description +=
        fmt::format("{}: {} at {}, {} at {}. ", rows.back().name, dollars_per_mtok(swing.at_low.per_token),
                    rows.back().low_text, dollars_per_mtok(swing.at_high.per_token), rows.back().high_text);
  }
  return tornado_chart(head, usd(sensitivity.base), dollars_per_mtok(sensitivity.base.per_token), rows);
}

std::string solution_text(const Solution& solution, Form form) {
  if (form.format == Format::json) {
    return sealed(document_of(solution));
  }
  return text_of({.page = page_of(solution), .document = document_of(solution)}, form);
}

}  // namespace mtok::report
