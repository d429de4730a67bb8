// The tabs of the workbook, in the order in which they are built: each uses cells of those before.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/report/control.hpp"
#include "app/report/dossier.hpp"
#include "app/report/xlsx_book.hpp"

namespace mtok::report {

/// Named cells of the tab Assumptions.
struct AssumptionCells {
  std::map<std::string, Term> prices{};  ///< by price_key
  std::optional<Term> per_kwh{};         ///< of what owned devices draw, at the meter of the building
  Term hours_per_month{};
  Term growth{};         ///< of demand, a month
  Term decline{};        ///< of prices, a month
  Term discount{};       ///< a year
  Term horizon{};        ///< months
  Term one_time{};       ///< spent before the first month
  Term exchange{};       ///< local currency for one unit of the report's
  Term teacher_rate{};   ///< distillation: per million tokens of the teacher
  Term spread_months{};  ///< distillation
  bool distilled = false;
};

/// The figures of the scenario that the selector names.
struct SelectedCells {
  Term devices{};
  Term price{};                         ///< of a device-hour
  Term hours{};                         ///< of the run
  Term energy{};                        ///< paid beside the price of devices, in the run
  std::array<Term, 4> energy_shares{};  ///< of it: input, cached input, output, idle
  Term input{};                         ///< tokens computed
  Term cached{};
  Term output{};
  Term requests{};
  Term input_share{};  ///< of devices x price x hours
  Term cached_share{};
  Term output_share{};
  Term idle_share{};
  Term replicas{};
  std::string name_formula{};
  std::string name{};
};

/// Rows of the tab Scenarios.
struct ScenarioCells {
  SelectedCells selected{};
  Range names{};
  std::vector<std::string> name_texts{};
  Range months{};  ///< cost of a month
  std::vector<Term> total{};
  std::vector<Term> rate{};  ///< per million tokens
  std::vector<Term> month{};
};

struct CostCells {
  Term total{};
  Term month{};
  Range parts{};  ///< input, cached, output, idle
  Range month_parts{};
};

struct WorkbookParts {
  Book& book;
  const Dossier& dossier;
  const std::vector<ControlSum>& sums;
  std::vector<Case> cases{};
  AssumptionCells assumptions{};
  ScenarioCells scenarios{};
  CostCells costs{};
  std::vector<std::pair<std::string, Term>> checks{};  ///< must not be 0
};

struct Input {
  std::string title{};
  std::string name{};
  std::string unit{};
  double low = 0;
  double base = 0;
  double high = 0;
  std::string source{};
  std::string date{};
  Look look = Look::input;
};

/// Rows of the tab Assumptions, each with a named cell for the value in force.
class InputTable {
 public:
  InputTable(WorkbookParts& parts, Tab& sheet, std::uint32_t row, Term chosen)
      : parts_(parts), sheet_(sheet), row_(row), case_(std::move(chosen)) {}

  /// The value in force follows the case that is chosen.
  Term add(const Input& input);
  /// The value follows from other rows.
  Term add_result(const Input& input, const Term& term);
  [[nodiscard]] std::uint32_t row() const { return row_; }

 private:
  WorkbookParts& parts_;
  Tab& sheet_;
  std::uint32_t row_;
  Term case_;
};

/// Letters, digits and underscores, as names of cells must have.
[[nodiscard]] std::string word_of(const std::string& text);
/// Devices of one price share a cell.
[[nodiscard]] std::string price_key(const Case& entry);

/// The terms of owned devices as named cells, and the price of an hour that follows from them; nothing when
/// the run's devices are not owned, are of several kinds, or the result does not state all of it.
void add_owned_terms(WorkbookParts& parts, InputTable& table);
/// Is it one of the assumptions that add_owned_terms makes cells of?
[[nodiscard]] bool is_owned_term(const WorkbookParts& parts, std::string_view key);

void add_read_me(WorkbookParts& parts);
void add_assumptions(WorkbookParts& parts);
void add_scenarios(WorkbookParts& parts);
void add_traffic(WorkbookParts& parts);
void add_capacity(WorkbookParts& parts);
void add_costs(WorkbookParts& parts);
void add_cash_flow(WorkbookParts& parts);
/// Only where the dossier has a capacity plan.
void add_capacity_plan(WorkbookParts& parts);
void add_unit_economics(WorkbookParts& parts);
void add_ladder(WorkbookParts& parts);
void add_sensitivity(WorkbookParts& parts);
/// What runs have shown of the inputs, from a row of the tab Sensitivity on, where the dossier has it.
void add_swings(WorkbookParts& parts, Tab& sheet, std::uint32_t row);
void add_provenance(WorkbookParts& parts);
void add_checks(WorkbookParts& parts);

}  // namespace mtok::report
