// Colours of the window, light and dark; series in the colours of Okabe and Ito, safe for the colour-blind.
#pragma once

#include <QColor>
#include <QPalette>
#include <array>

class QApplication;

namespace mtok::gui {

struct Theme {
  bool dark = false;
  QColor window{};
  QColor card{};
  QColor border{};
  QColor text{};
  QColor muted{};
  QColor grid{};
  QColor accent{};
  QColor better{};
  QColor worse{};
  /// Source: Okabe, Ito, "Color Universal Design", 2008; without yellow on white and black on black.
  std::array<QColor, 7> series{};
};

/// The theme that a palette belongs to.
[[nodiscard]] Theme theme_of(const QPalette& palette);
/// Style, palette, font size and style sheet of the program.
void apply_theme(QApplication& application, bool dark);

}  // namespace mtok::gui
