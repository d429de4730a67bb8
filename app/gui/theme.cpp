// Makes palettes and the style sheet.
#include "app/gui/theme.hpp"

#include <QApplication>
#include <QFont>
#include <QStyleFactory>

namespace mtok::gui {
namespace {

Theme light() {
  return {.dark = false,
          .window = "#f4f5f7",
          .card = "#ffffff",
          .border = "#d9dce1",
          .text = "#1c2026",
          .muted = "#5c6570",
          .grid = "#e4e7eb",
          .accent = "#0072b2",
          .better = "#00639c",
          .worse = "#b84a00",
          .series = {"#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#7f7f7f"}};
}

Theme dark() {
  return {.dark = true,
          .window = "#16191d",
          .card = "#1f2329",
          .border = "#363c45",
          .text = "#e7eaee",
          .muted = "#9aa4b0",
          .grid = "#2c323a",
          .accent = "#56b4e9",
          .better = "#6cc3f5",
          .worse = "#f2a33a",
          .series = {"#56b4e9", "#e69f00", "#2bbf94", "#f07c2e", "#d98fb8", "#8fcdf2", "#a6adb6"}};
}

QString style_sheet(const Theme& theme) {
  return QStringLiteral(R"(
QFrame#card { background: %1; border: 1px solid %2; border-radius: 8px; }
QFrame#card QLabel { background: transparent; }
QLabel[role="title"] { font-weight: bold; font-size: 12pt; }
QLabel[role="value"] { font-weight: bold; font-size: 19pt; }
QLabel[role="value"][tight="true"] { font-size: 15pt; }
QLabel[role="muted"] { color: %3; }
QLabel[role="small"] { color: %3; font-size: 9pt; }
QLabel[role="problem"] { color: %5; font-size: 9pt; }
QLabel[tone="better"] { color: %4; font-weight: bold; }
QLabel[tone="worse"] { color: %5; font-weight: bold; }
QFrame#messageBar { background: %6; border: 1px solid %5; border-radius: 6px; }
QToolButton#groupHeader { border: none; font-weight: bold; padding: 5px 2px; }
QListWidget#viewList { border: none; background: transparent; outline: none; }
QListWidget#viewList::item { padding: 5px 8px; border-radius: 5px; color: %7; }
QListWidget#viewList::item:selected { background: %8; color: %9; }
QListWidget#viewList::item:disabled { color: %3; padding-top: 12px; }
QTableView { background: %1; alternate-background-color: %10; border: none; gridline-color: %2; }
QHeaderView::section { background: %1; color: %3; border: none; border-bottom: 1px solid %2; padding: 4px 8px; font-weight: bold; }
QScrollArea { border: none; background: transparent; }
QLineEdit[problem="true"] { border: 1px solid %5; border-radius: 3px; }
QStatusBar::item { border: none; }
QStatusBar QLabel { padding-left: 8px; }
QToolTip { color: %7; background: %1; border: 1px solid %2; }
)")
      .arg(theme.card.name(), theme.border.name(), theme.muted.name(), theme.better.name(),
           theme.worse.name(), theme.dark ? QStringLiteral("#3a2a16") : QStringLiteral("#fff4e6"),
           theme.text.name(), theme.accent.name(),
           theme.dark ? QStringLiteral("#0c1116") : QStringLiteral("#ffffff"))
      .arg(theme.dark ? QStringLiteral("#23282f") : QStringLiteral("#f8f9fa"));
}

QPalette palette_of(const Theme& theme) {
  QPalette palette;
  palette.setColor(QPalette::Window, theme.window);
  palette.setColor(QPalette::WindowText, theme.text);
  palette.setColor(QPalette::Base, theme.card);
  palette.setColor(QPalette::AlternateBase, theme.dark ? QColor("#23282f") : QColor("#f8f9fa"));
  palette.setColor(QPalette::Text, theme.text);
  palette.setColor(QPalette::PlaceholderText, theme.muted);
  palette.setColor(QPalette::Button, theme.dark ? QColor("#2a2f37") : QColor("#eceef1"));
  palette.setColor(QPalette::ButtonText, theme.text);
  palette.setColor(QPalette::BrightText, theme.worse);
  palette.setColor(QPalette::ToolTipBase, theme.card);
  palette.setColor(QPalette::ToolTipText, theme.text);
  palette.setColor(QPalette::Link, theme.accent);
  palette.setColor(QPalette::Highlight, theme.accent);
  palette.setColor(QPalette::HighlightedText, theme.dark ? QColor("#0c1116") : QColor("#ffffff"));
  for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, theme.muted);
  }
  return palette;
}

}  // namespace

Theme theme_of(const QPalette& palette) {
  return palette.color(QPalette::Window).lightness() < 128 ? dark() : light();
}

void apply_theme(QApplication& application, bool is_dark) {
  const Theme theme = is_dark ? dark() : light();
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QApplication::setPalette(palette_of(theme));
  QFont font = QApplication::font();
  font.setPointSizeF(10);
  QApplication::setFont(font);
  application.setStyleSheet(style_sheet(theme));
}

}  // namespace mtok::gui
