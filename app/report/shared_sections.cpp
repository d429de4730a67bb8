// Builds the sections that several pages end with.
#include "app/report/shared_sections.hpp"

#include <array>

#include "app/report/text.hpp"

namespace mtok::report {
namespace {

/// The beginning of a text, up to `most` columns; cut at a character of UTF-8.
std::string shortened(const std::string& text, std::size_t most) {
  if (width_of(text) <= most) {
    return text;
  }
  std::string cut = text;
  while (width_of(cut) > most - 3 || (static_cast<unsigned char>(cut.back()) & 0xc0U) == 0x80U) {
    cut.pop_back();
  }
  return cut + "...";
}

}  // namespace

std::string price_text(const cost::Price& price) {
  std::string text = price.per_device > UsdPerSecond{} || !price.purchase
                         ? dollars(price.per_device * Seconds(3600)) + " a device-hour, "
                         : "";
  text += std::string(cost::name_of(price.tier));
  text += price.purchase ? ", " + dollars(*price.purchase) + " a device to buy" : "";
  const std::array<const std::string*, 6> parts{&price.provider, &price.offer,  &price.region,
                                                &price.as_of,    &price.source, &price.note};
  for (const std::string* part : parts) {
    text += part->empty() ? "" : ", " + *part;
  }
  return text;
}

Section assumptions_section(const std::vector<planner::Assumption>& assumptions) {
  constexpr std::size_t kLongestValue = 32;
  constexpr std::size_t kLongestSource = 60;
  Table table{.columns = {{"key", Align::left}, {"value", Align::left}, {"source", Align::left}}};
  for (const planner::Assumption& item : assumptions) {
    const std::string source = item.date + (item.date.empty() ? "" : ", ") + item.source;
    table.rows.push_back({item.key, shortened(item.value, kLongestValue), shortened(source, kLongestSource)});
  }
  Section section{.title = "Assumptions in force (in full with --format json)"};
  if (!table.rows.empty()) {
    section.blocks.emplace_back(table);
  }
  return section;
}

Section tenants_section(const std::vector<planner::RequestGroup>& tenants) {
  Table table{.columns = {{"tenant", Align::left},
                          {"weight"},
                          {"completed"},
                          {"input tokens"},
                          {"output tokens"},
                          {"share"},
                          {"TTFT p99 ms"},
                          {"TPOT p99 ms"},
                          {"USD"},
                          {"USD/Mtok"}}};
  for (const planner::RequestGroup& tenant : tenants) {
    const engine::Metrics& metrics = tenant.metrics;
    const bool any = metrics.completed > 0;
    const auto p99 = [&](const engine::Distribution& latency) {
      return milliseconds(any ? std::optional(latency.p99) : std::nullopt);
    };
    table.rows.push_back({tenant.name, significant(tenant.weight), grouped(metrics.completed),
                          grouped(metrics.input_tokens), grouped(metrics.output_tokens),
                          percent(tenant.token_share), p99(metrics.ttft), p99(metrics.tpot),
                          dollars(tenant.cost.sum()), dollars_per_mtok(tenant.per_token)});
  }
  Section section{.title = "Tenants"};
  if (!table.rows.empty()) {
    section.blocks.emplace_back(table);
  }
  return section;
}

Section warnings_section(const std::vector<std::string>& warnings) {
  Section section{.title = "Warnings"};
  if (!warnings.empty()) {
    section.blocks.emplace_back(Notes{warnings});
  }
  return section;
}

}  // namespace mtok::report
