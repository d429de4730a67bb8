// What a person types into a field, with or without a unit, as the text that a scenario file holds.
#pragma once

#include <QString>
#include <optional>

namespace mtok::gui {

/// What a field holds. The unit that a scenario file has in its key is left out there and shown here.
enum class FieldKind {
  text,
  file,
  integer,       ///< "8k" is 8000
  number,        ///< a plain factor
  share,         ///< "45 %" is 0.45
  milliseconds,  ///< "4 s" is 4000
  per_second,    ///< "2.5k req/h" is 0.694444
  usd_per_hour,  ///< "$2.50", "2.50 USD/h"
  bytes,         ///< "80GB" is "80 GB"
  bandwidth,     ///< "1.2TB/s" is "1.2 TB/s"
  choice,
  flag,
  model,
  device
};

/// Either the text for the file or what is wrong, in words for a person.
struct FieldText {
  QString text{};
  QString problem{};
};

/// Numbers are read in the C locale and in that of the screen. Empty text stays empty: the default is meant.
[[nodiscard]] FieldText to_file_text(FieldKind kind, const QString& entered);
/// The way back: "4000" of milliseconds is "4 s". Text that is not understood is returned as it is.
[[nodiscard]] QString to_screen_text(FieldKind kind, const QString& file_text);
/// An example that `to_file_text` takes, for tooltips; empty for choices.
[[nodiscard]] QString example_of(FieldKind kind);

}  // namespace mtok::gui
