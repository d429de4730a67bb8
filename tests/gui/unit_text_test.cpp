// Tests what fields make of typed text.
#include "app/gui/models/unit_text.hpp"

#include <gtest/gtest.h>

namespace mtok::gui {
namespace {

QString file_text(FieldKind kind, const char* entered) {
  const FieldText text = to_file_text(kind, QString::fromUtf8(entered));
  return text.problem.isEmpty() ? text.text : QStringLiteral("problem");
}

TEST(UnitText, TakesUnitsAndGivesTheTextOfTheFile) {
  EXPECT_EQ(file_text(FieldKind::milliseconds, "4 s"), "4000");
  EXPECT_EQ(file_text(FieldKind::milliseconds, "100ms"), "100");
  EXPECT_EQ(file_text(FieldKind::milliseconds, "250"), "250");
  EXPECT_EQ(file_text(FieldKind::bytes, "80GB"), "80 GB");
  EXPECT_EQ(file_text(FieldKind::bandwidth, "1.2TB/s"), "1.2 TB/s");
  EXPECT_EQ(file_text(FieldKind::integer, "8k"), "8000");
  EXPECT_EQ(file_text(FieldKind::integer, "8,192"), "8192");
  EXPECT_EQ(file_text(FieldKind::share, "45 %"), "0.45");
  EXPECT_EQ(file_text(FieldKind::usd_per_hour, "$2.50"), "2.5");
  EXPECT_EQ(file_text(FieldKind::usd_per_hour, "2.5 USD/h"), "2.5");
  EXPECT_EQ(file_text(FieldKind::per_second, "4 req/s"), "4");
  // 2,500 in an hour are 2500 / 3600 = 0.694444... a second.
  EXPECT_EQ(file_text(FieldKind::per_second, "2.5k req/h"), "0.694444444444");
  EXPECT_EQ(file_text(FieldKind::number, ""), "");
}

TEST(UnitText, SaysWhatItExpectedInstead) {
  EXPECT_EQ(to_file_text(FieldKind::bytes, "80").problem.left(8), "expected");
  EXPECT_EQ(file_text(FieldKind::integer, "1.5"), "problem");
  EXPECT_EQ(file_text(FieldKind::milliseconds, "4 GB"), "problem");
  EXPECT_EQ(file_text(FieldKind::share, "half"), "problem");
  EXPECT_EQ(file_text(FieldKind::per_second, "e"), "problem");
}

TEST(UnitText, ShowsWhatItTakes) {
  for (const auto& [kind, text] :
       {std::pair{FieldKind::milliseconds, "4000"}, std::pair{FieldKind::share, "0.45"},
        std::pair{FieldKind::integer, "8192"}, std::pair{FieldKind::usd_per_hour, "2.5"},
        std::pair{FieldKind::per_second, "4"}}) {
    const QString shown = to_screen_text(kind, QString::fromUtf8(text));
    EXPECT_EQ(to_file_text(kind, shown).text, text) << shown.toStdString();
  }
  EXPECT_EQ(to_screen_text(FieldKind::milliseconds, "4000"), "4 s");
}

}  // namespace
}  // namespace mtok::gui
