// The two ways in which a bill splits into parts, for bars and tables alike.
#pragma once

#include <QString>
#include <functional>
#include <vector>

#include "app/gui/models/result_sheets.hpp"

namespace mtok::gui {

enum class BillSplit {
  tokens,    ///< input, cached input, output and idle: what the devices did
  resources  ///< hardware, energy, staff, ...: what was bought
};

struct BillPart {
  QString name{};
  QString key{};  ///< in the JSON of `mtok run`
  std::function<Money(const cost::Bill&)> amount{};
};

/// Of what was bought, only parts that some scenario pays for, and hardware always.
[[nodiscard]] std::vector<BillPart> bill_parts(BillSplit split, const std::vector<NamedResult>& scenarios);

/// Parts of the bill, one row a scenario.
[[nodiscard]] Sheet parts_sheet(const std::vector<NamedResult>& scenarios, BillSplit split);

}  // namespace mtok::gui
