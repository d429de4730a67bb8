// Cost terms: the table of their keys, and the reading of hwprofiles/cost_terms.yaml.
#include "sim/cost/cost_terms.hpp"

#include <array>
#include <optional>

#include "sim/cost/stated_text.hpp"

namespace mtok::cost {
namespace {

constexpr config::Range kShare{.least = 0, .most = 1};
constexpr config::Range kRatio{.least = 1, .most = 10};
constexpr config::Range kYears{.least = 0.25, .most = 30};
constexpr config::Range kMinutes{.least = 0, .most = 1440};
constexpr config::Range kAmount{.least = 0, .most = 1e6};

constexpr std::array<TermKey, 18> kTerms{
    {{"spot", "interruptions_per_month", &CostTerms::interruptions_per_month, {.least = 0, .most = 10'000}},
     {"spot", "restart_minutes", &CostTerms::restart_minutes, kMinutes},
     {"spot", "lost_minutes", &CostTerms::lost_minutes, kMinutes},
     {"owned", "server_ratio", &CostTerms::server_ratio, kRatio},
     {"owned", "installation_share", &CostTerms::installation_share, kShare},
     {"owned", "network_share", &CostTerms::network_share, kShare},
     {"owned", "spares_share", &CostTerms::spares_share, kShare},
     {"owned", "support_share_per_year", &CostTerms::support_share_per_year, kShare},
     {"owned", "residual_share", &CostTerms::residual_share, kShare},
     {"owned", "years", &CostTerms::years, kYears},
     {"owned", "cost_of_capital", &CostTerms::cost_of_capital, kShare},
     {"owned", "colocation_usd_per_kw_month", &CostTerms::colocation_usd_per_kw_month, kAmount},
     {"owned", "staff_usd_per_device_year", &CostTerms::staff_usd_per_device_year, kAmount},
     {"energy", "server_power_ratio", &CostTerms::server_power_ratio, kRatio},
     {"energy", "pue", &CostTerms::pue, kRatio},
     {"energy", "usd_per_kwh", &CostTerms::usd_per_kwh, {.least = 0, .most = 100}},
     {"carbon", "grid_kg_per_kwh", &CostTerms::grid_kg_per_kwh, {.least = 0, .most = 5}},
     {"carbon", "embodied_kg_per_device", &CostTerms::embodied_kg_per_device, kAmount}}};

Fact read_fact(config::Reader reader, const config::Range& range) {
  Fact fact;
  fact.value = reader.number("value", range);
  fact.source = stated_text(reader, "source");
  fact.as_of = reader.text_or("as_of", "");
  reader.done();
  return fact;
}

}  // namespace

std::span<const TermKey> term_keys() {
  return kTerms;
}

CostTerms load_cost_terms(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  config::Reader root = document.root();
  static_cast<void>(root.integer("mtok", {.least = 1, .most = 1}));
  CostTerms terms;
  std::string_view group;
  std::optional<config::Reader> reader;
  for (const TermKey& term : kTerms) {
    if (term.group != group) {
      if (reader) {
        reader->done();
      }
      group = term.group;
      reader = root.mapping(group);
    }
    terms.*term.fact = read_fact(reader->mapping(term.key), term.range);
  }
  reader->done();
  root.done();
  document.finish();
  return terms;
}

}  // namespace mtok::cost
