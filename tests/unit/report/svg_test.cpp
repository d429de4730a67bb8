// Tests of the drawing kit: scales, escaping, and what charts show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/report/svg.hpp"
#include "app/report/svg_chart.hpp"

namespace mtok::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// 0 to 9.3 in about 6 steps is 1.55 each, rounded up to 2: ticks 0, 2, ... 10. 5 lies in the middle.
TEST(Scale, LinearTicksAreRoundAndCoverTheRange) {
  const Scale scale = Scale::linear(0, 9.3, 100, 200);
  EXPECT_THAT(scale.ticks(), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_DOUBLE_EQ(scale.at(5), 150);
  EXPECT_EQ(scale.label(4), "4");
}

// 0 to 0.31: steps of 0.1 (0.0517 rounded up), one decimal.
TEST(Scale, LabelsHaveAsManyDecimalsAsTheStep) {
  const Scale scale = Scale::linear(0, 0.31, 0, 1);
  EXPECT_THAT(scale.label(scale.ticks()[1]), "0.1");
  EXPECT_EQ(Scale::linear(0, 5e6, 0, 1).label(5e6), "5.00 M");
}

// 3 to 200 lies in the decades 1, 10, 100, 1000; 10 is a third of the way.
TEST(Scale, LogarithmicTicksAreDecades) {
  const Scale scale = Scale::logarithmic(3, 200, 0, 300);
  EXPECT_THAT(scale.ticks(), ElementsAre(1, 10, 100, 1000));
  EXPECT_NEAR(scale.at(10), 100, 1e-9);
}

TEST(Scale, AnEmptyRangeStillHasAWidth) {
  const Scale zero = Scale::linear(0, 0, 0, 1);
  EXPECT_LT(zero.ticks().front(), zero.ticks().back());
  const Scale same = Scale::linear(7, 7, 0, 1);
  EXPECT_LT(same.ticks().front(), 7);
  EXPECT_GT(same.ticks().back(), 7);
}

TEST(Drawing, TextsFromFilesCannotBecomeMarkup) {
  Drawing drawing;
  drawing.text({0, 0}, "<script>\"a & b\"\x1b", {});
  const std::string svg = drawing.finish(10, 10, "t<", "d>");
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;&quot;a &amp; b&quot;"));
  EXPECT_THAT(svg, HasSubstr("<title>t&lt;</title>"));
  EXPECT_THAT(svg, HasSubstr("<desc>d&gt;</desc>"));
  EXPECT_THAT(svg, Not(HasSubstr("\x1b")));
}

TEST(WaterfallChart, StepsThatCannotBeDrawnSayWhy) {
  const std::string svg =
      waterfall_chart({.title = "W", .unit = "USD"}, {{.name = "base", .to = 2, .label = "$2"},
                                                      {.name = "none", .label = "no model"},
                                                      {.name = "less", .from = 2, .to = 1}});
  EXPECT_THAT(svg, HasSubstr("no model"));
  EXPECT_THAT(svg, HasSubstr("#009e73"));  // less is green
}

// 100 beside 2 and 1: the axis ends a little beyond 2, and two white strokes cut the long bar.
TEST(WaterfallChart, AFirstValueThatDwarfsTheOthersIsCut) {
  const auto chart = [](double first) {
    return waterfall_chart({.title = "W"},
                           {{.name = "a", .to = first}, {.name = "b", .from = first, .to = 2}});
  };
  EXPECT_THAT(chart(100), HasSubstr("#ffffff\" stroke-width"));
  EXPECT_THAT(chart(4), Not(HasSubstr("#ffffff\" stroke-width")));
}

TEST(XyChart, LeavesOutWhatALogarithmCannotShow) {
  const std::string svg = xy_chart({.title = "X"}, {.title = "x", .logarithmic = true}, {.title = "y"},
                                   {{.name = "s", .points = {{0, 1, "zero"}, {10, 2, "ten"}}, .dots = true}});
  EXPECT_THAT(svg, HasSubstr("ten"));
  EXPECT_THAT(svg, Not(HasSubstr("zero")));
}

TEST(BarChart, AnEmptyListIsStillADrawing) {
  EXPECT_THAT(bar_chart({.title = "B"}, {"a"}, {}), HasSubstr("</svg>"));
  EXPECT_THAT(tornado_chart({.title = "T"}, 1, "base", {}), HasSubstr("</svg>"));
}

}  // namespace
}  // namespace mtok::report
