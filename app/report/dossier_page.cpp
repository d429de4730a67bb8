// What stands behind the board's sheet: method, latency, fleet, assumptions, provenance, control sums.
#include "app/report/dossier_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "app/report/dossier_text.hpp"
#include "app/report/forecast_page.hpp"
#include "app/report/money_text.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

Section method_of(const Dossier& dossier) {
  Facts facts{
      {{"what ran", fmt::format("{} requests, of which {} completed, through a discrete-event simulation of "
                                "{} with {}",
                                fact_of(dossier, "requests.offered"), fact_of(dossier, "requests.completed"),
                                fleet_text(dossier), dossier.framework)},
       {"formats", dossier.run.formats},
       {"quality", dossier.run.quality},
       {"the bill",
        fmt::format("devices x price x time of the whole fleet, idle time included; split to input, "
                    "cached input, output and idle by {}",
                    dossier.allocation)},
       {"a month", "the same fleet for 730 h (8,760 / 12)"},
       {"labels",
        "simulated: from the run, hash and seed below; computed: arithmetic on it; assumed: "
        "stated in the scenario or by default"}}};
  return {.title = "Method", .blocks = {facts}};
}

Section latency_section(const Dossier& dossier) {
  Table table{.columns = {{"ms, simulated", Align::left}}};
  for (const char* column : kLatencyColumns) {
    table.columns.push_back({column});
  }
  for (const LatencyLine& line : dossier.latency) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(line.title);
    const int digits = line.key == "ttft_ms"                           ? dossier.precision.ttft
                       : line.key == "tpot_ms" || line.key == "itl_ms" ? dossier.precision.tpot
                                                                       : dossier.precision.coarsest();
    for (const std::optional<double>& ms : line.ms) {
      row.push_back(ms_text(ms, digits));
    }
  }
  return {.title = "Latency", .blocks = {table}};
}

Section fleet_section(const Dossier& dossier) {
  Table table{.columns = {{"pool", Align::left},
                          {"model", Align::left},
                          {"device", Align::left},
                          {"replicas"},
                          {"devices each"},
                          {"devices"},
                          {dossier.currency + " a device-hour"}}};
  for (const PoolLine& pool : dossier.pools) {
    table.rows.push_back({pool.name, pool.model, pool.device, grouped(pool.replicas),
                          grouped(pool.devices_per_replica), grouped(pool.devices()),
                          pool.device_hour ? pool.device_hour->to_decimal() : std::string(kNotThere)});
  }
  Facts facts{{{"price", price_words(dossier)},
               {"busy", share_text(dossier.run.busy) + " of the time that is paid for"},
               {"a request", dossier.per_request ? money(*dossier.per_request, dossier.currency)
                                                 : std::string(kNotThere)}}};
  if (dossier.kwh) {
    facts.lines.emplace_back("energy",
                             significant(*dossier.kwh, dossier.precision.rate) + " kWh in the run, modelled");
  }
  if (const auto& made = dossier.distillation) {
    facts.lines.emplace_back(
        "distillation",
        fmt::format("{} once (teacher {}, training {}); {} per million tokens with serving",
                    money(made->one_time, dossier.currency), money(made->teacher, dossier.currency),
                    money(made->training, dossier.currency), rate_text(made->with_serving, dossier)));
  }
  return {.title = "Fleet", .blocks = {table, facts}};
}

Section cases_section(const CaseTable& cases, const Dossier& dossier) {
  const std::string& currency = dossier.currency;
  const int decimals = rate_decimals(cases.cases, dossier.precision.rate);
  Table table{.columns = {{"", Align::left},
                          {"model", Align::left},
                          {"formats", Align::left},
                          {"device", Align::left},
                          {"devices"},
                          {currency + " a million tokens"},
                          {currency + " a month"},
                          {"busy"},
                          {"TTFT p99 ms"},
                          {"TPOT p99 ms"},
                          {"quality", Align::left},
                          {"remark", Align::left}}};
  for (const Case& entry : cases.cases) {
    const std::string month =
        entry.per_month
            ? money(*entry.per_month, currency, minor_digits(currency)).substr(currency.size() + 1)
            : std::string(kNotThere);
    table.rows.push_back({entry.name, entry.model, entry.formats, entry.device, grouped(entry.devices),
                          bare_rate(entry.blended, decimals), month, share_text(entry.busy),
                          ms_text(entry.ttft_p99_ms, dossier.precision.ttft),
                          ms_text(entry.tpot_p99_ms, dossier.precision.tpot), entry.quality,
                          (entry.feasible ? "" : "not feasible: ") + entry.reason});
  }
  const std::string title = cases.kind == "ladder" ? "The rungs of the ladder in full"
                                                   : fmt::format("{}: {}", cases.kind, cases.name);
  return {.title = title, .blocks = {table}};
}

/// The assumptions that share a source, in the order of the first of them.
std::vector<std::pair<std::string, std::vector<std::string>>> keys_by_source(
    const std::vector<planner::Assumption>& assumptions) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const planner::Assumption& item : assumptions) {
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& group) { return group.first == item.source; });
    if (found == groups.end()) {
      found = groups.insert(found, {item.source, {}});
    }
    found->second.push_back(item.key);
  }
  return groups;
}

/// What is known of the error of the simulation, as the assumptions in force state it.
Section accuracy_of(const Dossier& dossier) {
  Notes notes{
      {"Simulated figures are shown with as many digits as their known error bears: further digits stand "
       "only where columns must add up. How far the models are off, by device and metric, failures "
       "included, is measured in docs/accuracy.md. The bill itself is exact arithmetic on the fleet, the "
       "price and the time."}};
  if (!dossier.precision.reason.empty()) {
    notes.lines.push_back(dossier.precision.reason);
  }
  for (const auto& [source, keys] : keys_by_source(dossier.assumptions)) {
    if (source.find("error") != std::string::npos) {
      notes.lines.push_back(fmt::format("{}: {}", fmt::join(keys, ", "), source));
    }
  }
  return {.title = "Accuracy", .blocks = {notes}};
}

constexpr std::size_t kShortSource = 80;  // a source of one line may stand twice

Section assumptions_of(const Dossier& dossier) {
  Table table{.columns = {{"assumption", Align::left},
                          {"value", Align::left},
                          {"source", Align::left},
                          {"date", Align::left}}};
  std::map<std::string, std::string> said;  // source -> the assumption that it stands at in full
  for (const planner::Assumption& item : dossier.assumptions) {
    const auto [first, fresh] = said.try_emplace(item.source, item.key);
    const std::string source =
        fresh || item.source.size() <= kShortSource ? item.source : "as " + first->second;
    table.rows.push_back({item.key, item.value, source, item.date.empty() ? "undated" : item.date});
  }
  return {.title = "Assumptions in force", .blocks = {table}};
}

Section control_of(const Dossier& dossier, const std::vector<ControlSum>& sums) {
  Table table{.columns = {{"the same bill, added up", Align::left}, {dossier.currency}}};
  for (const ControlSum& sum : sums) {
    table.rows.push_back({sum.title, sum.amount.to_decimal()});
  }
  return {.title = "Control sums",
          .blocks = {table, Notes{{all_agree(sums) ? "They agree to the last 1e-12 " + dossier.currency + "."
                                                   : "They do NOT agree: this report must not be used."}}}};
}

Section provenance_of(const Dossier& dossier) {
  Facts facts{{{"written by", "mtok " MTOK_VERSION},
               {"seed", std::to_string(dossier.seed)},
               {"hash of the run", dossier.hash},
               {"options", ""},
               {"rounding", std::string(kShownRounding)}}};
  for (const auto& [key, value] : dossier.options) {
    facts.lines[3].second += (facts.lines[3].second.empty() ? "" : ", ") + key + " " + value;
  }
  if (facts.lines[3].second.empty()) {
    facts.lines[3].second = "none beside the scenario";
  }
  Table files{.columns = {{"input", Align::left}, {"SHA-256", Align::left}}};
  for (const planner::InputFile& input : dossier.inputs) {
    files.rows.push_back({input.path, input.sha256});
  }
  Table results{
      .columns = {
          {"result", Align::left}, {"schema", Align::left}, {"hash", Align::left}, {"state", Align::left}}};
  for (const ResultFile& file : dossier.results) {
    results.rows.push_back({file.title, file.schema, file.hash,
                            file.intact ? "hash fits the content" : "CHANGED after it was written"});
  }
  Section section{.title = "Where it comes from", .blocks = {facts, files, results}};
  if (!dossier.absent.empty()) {
    section.blocks.emplace_back(Notes{dossier.absent});
  }
  return section;
}

}  // namespace

std::vector<Section> detail_sections(const Dossier& dossier, const std::vector<ControlSum>& sums) {
  std::vector<Section> sections{method_of(dossier)};
  if (dossier.feasible) {
    sections.push_back(latency_section(dossier));
    sections.push_back(fleet_section(dossier));
    sections.push_back(control_of(dossier, sums));
  }
  if (dossier.ladder) {
    sections.push_back(cases_section(*dossier.ladder, dossier));
  }
  for (const CaseTable& table : dossier.tables) {
    sections.push_back(cases_section(table, dossier));
  }
  if (!dossier.further_runs.empty()) {
    CaseTable runs{.kind = "runs", .name = "as given"};
    runs.cases.push_back(dossier.run);
    for (const Dossier& further : dossier.further_runs) {
      runs.cases.push_back(further.run);
    }
    sections.push_back(cases_section(runs, dossier));
  }
  const auto append = [&](std::vector<Section> more) {
    sections.insert(sections.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  };
  if (dossier.sensitivity && dossier.sensitivity->feasible) {
    append(sensitivity_sections(*dossier.sensitivity, dossier));
  }
  if (dossier.capacity && dossier.capacity->feasible) {
    append(capacity_sections(*dossier.capacity, dossier));
  }
  sections.push_back(accuracy_of(dossier));
  sections.push_back(assumptions_of(dossier));
  sections.push_back(provenance_of(dossier));
  return sections;
}

Page dossier_page(const Dossier& dossier, const std::vector<ControlSum>& sums) {
  Page page = board_page(dossier);
  const std::vector<Section> details = detail_sections(dossier, sums);
  page.sections.insert(page.sections.end(), details.begin(), details.end());
  return page;
}

}  // namespace mtok::report
