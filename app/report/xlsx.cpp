// Builds the tabs of the workbook one after the other.
#include "app/report/xlsx.hpp"

#include <locale.h>  // NOLINT: newlocale is POSIX

#include "app/report/money_text.hpp"
#include "app/report/xlsx_tabs.hpp"

namespace mtok::report {
namespace {

/// While it lives this thread writes numbers as C does: the library prints them with snprintf, and a window
/// toolkit may have set the locale of the program.
class PlainNumbers {
 public:
  PlainNumbers() : plain_(newlocale(LC_ALL_MASK, "C", nullptr)), before_(uselocale(plain_)) {}
  ~PlainNumbers() {
    uselocale(before_);
    freelocale(plain_);
  }
  PlainNumbers(const PlainNumbers&) = delete;
  PlainNumbers& operator=(const PlainNumbers&) = delete;

 private:
  locale_t plain_;
  locale_t before_;
};

}  // namespace

std::int64_t write_xlsx(const Dossier& dossier, const std::vector<ControlSum>& sums,
                        const std::filesystem::path& file) {
  const PlainNumbers plain;
  Book book(file, dossier.currency, minor_digits(dossier.currency));
  book.properties(dossier.scenario, "run " + dossier.hash);
  WorkbookParts parts{.book = book, .dossier = dossier, .sums = sums, .cases = all_cases(dossier)};
  std::erase_if(parts.cases, [](const Case& entry) { return !entry.total || !entry.device_hour; });
  add_read_me(parts);
  if (!parts.cases.empty()) {
    add_assumptions(parts);
    add_scenarios(parts);
    add_traffic(parts);
    add_capacity(parts);
    add_costs(parts);
    add_cash_flow(parts);
    add_capacity_plan(parts);
    add_unit_economics(parts);
    add_ladder(parts);
    add_sensitivity(parts);
  }
  add_provenance(parts);
  add_checks(parts);
  book.close();
  return book.formulas();
}

}  // namespace mtok::report
