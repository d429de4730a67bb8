// Which fields the inputs panel has: groups, titles, paths in a scenario file, kinds, hints.
#pragma once

#include <QString>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/unit_text.hpp"
#include "sim/planner/catalogue.hpp"

namespace mtok::gui {

/// Ends of a slider beside a field, in the unit of the file.
struct SliderRange {
  double least = 0;
  double most = 1;
  double step = 0.01;
  bool logarithmic = false;
};

struct Field {
  std::string path{};  ///< "engine.max_num_seqs"
  QString title{};
  FieldKind kind = FieldKind::text;
  QString tip{};                        ///< one sentence: what it is
  std::vector<QString> choices{};       ///< of FieldKind::choice
  std::optional<SliderRange> slider{};  ///< shown beside the field
  std::string only_with{};              ///< shown only when this path is present
};

struct FieldGroup {
  QString title{};
  std::vector<Field> fields{};
  /// A block that may be absent: the path that is erased when the group is switched off, and the values that
  /// it starts with. Empty: always there.
  std::string block{};
  std::vector<std::pair<std::string, std::string>> start_values{};
};

/// In the order of the panel. Names of frameworks and price books are those of the catalogue.
[[nodiscard]] std::vector<FieldGroup> input_fields(const planner::Catalogue& catalogue);

/// The path of the field that a message of the planner speaks of: "engine.max_num_seqs: expected ..." is
/// about engine.max_num_seqs; empty when the message names no key.
[[nodiscard]] std::string path_in_message(const std::string& message);

}  // namespace mtok::gui
