// Writes every figure of a dossier on a line of its own.
#include <fmt/format.h>

#include "app/report/dossier_data.hpp"
#include "app/report/money_text.hpp"
#include "app/report/text.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

/// Where the number comes from.
const char* kind_of(const std::string& key) {
  const bool computed = key.find("cost.") == 0 || key.find("distillation.") == 0 || key.find("models.") == 0;
  const bool stated = key.find("deployment.") == 0 || key == "seed" || key.find("options.") == 0 ||
                      key.find("speculation.") == 0 || key == "cost.usd_per_device_hour";
  return stated ? "assumed" : computed ? "computed" : "simulated";
}

class Lines {
 public:
  void add(const std::string& section, const std::string& item, const std::string& figure,
           const std::string& value, const std::string& unit, const std::string& kind,
           const std::string& source) {
    for (const std::string* cell : {&section, &item, &figure, &value, &unit, &kind}) {
      text_ += csv_cell(*cell) + ",";
    }
    text_ += csv_cell(source) + "\n";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_ = "section,item,figure,value,unit,kind,source\n";
};

void add_case(Lines& lines, const std::string& section, const Case& entry, const std::string& currency,
              const std::string& source) {
  const std::string rate = currency + " per million tokens";
  const auto add = [&](const char* figure, const std::string& value, const std::string& unit,
                       const char* kind) {
    lines.add(section, entry.name, figure, value, unit, kind, source);
  };
  const auto amount = [](std::optional<Money> m) { return m ? m->to_decimal() : std::string(); };
  const auto real = [](std::optional<double> x) { return x ? units::shortest(*x) : std::string(); };
  add("feasible", entry.feasible ? "true" : "false", "", "simulated");
  add("reason", entry.reason, "", "simulated");
  add("model", entry.model, "", "assumed");
  add("device", entry.device, "", "assumed");
  add("devices", std::to_string(entry.devices), "devices", "simulated");
  add("usd_per_mtok", amount(entry.blended), rate, "computed");
  add("marginal_usd_per_mtok", amount(entry.marginal), rate, "computed");
  add("alone_usd_per_mtok", amount(entry.alone), rate, "computed");
  add("total_usd", amount(entry.total), currency, "computed");
  add("usd_per_month", amount(entry.per_month), currency, "computed");
  add("ttft_p99_ms", real(entry.ttft_p99_ms), "ms", "simulated");
  add("tpot_p99_ms", real(entry.tpot_p99_ms), "ms", "simulated");
  add("busy", real(entry.busy), "share", "simulated");
  add("quality", entry.quality, "", "assumed");
}

std::string amount_of(std::optional<Money> amount) {
  return amount ? amount->to_decimal() : std::string();
}

void add_swings(Lines& lines, const SensitivityFacts& facts, const std::string& currency) {
  const std::string rate = currency + " per million tokens";
  for (const SwingLine& swing : facts.swings) {
    for (const auto& [end, name] : {std::pair{&swing.low, "low"}, std::pair{&swing.high, "high"}}) {
      const std::string item = swing.key + " " + name;
      lines.add("sensitivity", item, "input", units::shortest(end->input), swing.unit, "assumed",
                swing.source);
      lines.add("sensitivity", item, "usd_per_mtok", amount_of(end->rate), rate, "simulated", facts.name);
    }
  }
  for (const SpreadLine& line : facts.spreads) {
    const std::string unit = line.key == "usd_per_mtok" ? rate : "ms";
    lines.add("sensitivity", line.key, "p10", units::shortest(line.p10), unit, "simulated", facts.name);
    lines.add("sensitivity", line.key, "p50", units::shortest(line.p50), unit, "simulated", facts.name);
    lines.add("sensitivity", line.key, "p90", units::shortest(line.p90), unit, "simulated", facts.name);
  }
}

void add_months(Lines& lines, const CapacityFacts& facts, const std::string& currency) {
  for (const CapacityOptionLine& option : facts.options) {
    lines.add("capacity", option.name, "total_usd", amount_of(option.total), currency, "computed",
              option.basis);
    lines.add("capacity", option.name, "present_value_usd", amount_of(option.present_value), currency,
              "computed", option.basis);
  }
  for (const CapacityMonthLine& month : facts.months) {
    lines.add("capacity", "month " + std::to_string(month.month), "devices", std::to_string(month.devices),
              "devices", "simulated", facts.name);
  }
}

}  // namespace

std::string dossier_csv(const Dossier& dossier, const std::vector<ControlSum>& sums) {
  Lines lines;
  const std::string run = "run " + dossier.hash;
  lines.add("head", dossier.scenario, "written_by", "mtok " MTOK_VERSION, "", "stated", "");
  lines.add("head", dossier.scenario, "rounding", std::string(kShownRounding), "", "stated", "");
  for (const planner::InputFile& input : dossier.inputs) {
    lines.add("input", input.path, "sha256", input.sha256, "", "stated", "");
  }
  for (const Fact& fact : dossier.facts) {
    lines.add("run", dossier.scenario, fact.key, fact.value, fact.unit, kind_of(fact.key), run);
  }
  for (const ControlSum& sum : sums) {
    lines.add("control", sum.title, sum.key, sum.amount.to_decimal(), dossier.currency, "computed", run);
  }
  for (const Dossier& further : dossier.further_runs) {
    add_case(lines, "run", further.run, dossier.currency, "run " + further.hash);
  }
  if (dossier.ladder) {
    for (const Case& rung : dossier.ladder->cases) {
      add_case(lines, "ladder", rung, dossier.currency, dossier.ladder->name);
    }
  }
  for (const CaseTable& table : dossier.tables) {
    for (const Case& entry : table.cases) {
      add_case(lines, table.kind, entry, dossier.currency, table.name);
    }
  }
  if (dossier.sensitivity) {
    add_swings(lines, *dossier.sensitivity, dossier.currency);
  }
  if (dossier.capacity) {
    add_months(lines, *dossier.capacity, dossier.currency);
  }
  for (const planner::Assumption& item : dossier.assumptions) {
    lines.add("assumption", item.key, "value", item.value, "", "assumed",
              item.source + (item.date.empty() ? "" : ", " + item.date));
  }
  for (const std::string& warning : dossier.warnings) {
    lines.add("warning", "", "text", warning, "", "stated", "");
  }
  return lines.text();
}

}  // namespace mtok::report
