// Tests how pages are written for terminals and as Markdown.
#include "app/report/page.hpp"

#include <gtest/gtest.h>

namespace mtok::report {
namespace {

Page page_with(Table table) {
  return {.title = "title", .sections = {{.title = "part", .blocks = {std::move(table)}}}};
}

const Table kNumbers{.columns = {{"name", Align::left}, {"USD"}},
                     .rows = {{"a", "1.00"}, {"long name", "1,234.00"}}};

// Widths: "long name" 9 and "1,234.00" 8; two spaces in front and between.
TEST(TerminalPage, ColumnsAreAlignedAndNumbersStandToTheRight) {
  EXPECT_EQ(to_terminal(page_with(kNumbers), false),
            "title\n"
            "\n"
            "part\n"
            "  name            USD\n"
            "  a              1.00\n"
            "  long name  1,234.00\n");
}

TEST(TerminalPage, OnlyColourBringsEscapes) {
  EXPECT_EQ(to_terminal(page_with(kNumbers), false).find('\x1b'), std::string::npos);
  EXPECT_NE(to_terminal(page_with(kNumbers), true).find("\x1b[1mtitle\x1b[0m"), std::string::npos);
}

TEST(TerminalPage, ANameCannotSteerTheTerminal) {
  const Table table{.columns = {{"name", Align::left}}, .rows = {{"\x1b[2J"}}};
  EXPECT_EQ(to_terminal(page_with(table), false).find('\x1b'), std::string::npos);
}

TEST(TerminalPage, ASectionWithoutBlocksIsNotShown) {
  const Page page{.title = "title", .sections = {{.title = "empty"}}};
  EXPECT_EQ(to_terminal(page, false), "title\n");
}

TEST(TerminalPage, LabelsOfFactsAreOfOneWidth) {
  const Page page{.title = "t", .sections = {{.blocks = {Facts{{{"a", "1"}, {"bcd", "2"}}}}}}};
  EXPECT_EQ(to_terminal(page, false), "t\n\n  a    1\n  bcd  2\n");
}

// 120 words of "w" and a space are 239 columns: lines of 110 at most, each with the indent of two.
TEST(TerminalPage, LongNotesAreBrokenBetweenWords) {
  std::string note = "w";
  for (int i = 1; i < 120; ++i) {
    note += " w";
  }
  const std::string text = to_terminal({.title = "t", .sections = {{.blocks = {Notes{{note}}}}}}, false);
  std::size_t start = 0;
  int lines = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    EXPECT_LE(end - start, 110U);
    start = end + 1;
    ++lines;
  }
  EXPECT_EQ(lines, 2 + 3);  // title, blank line, then 239 columns in lines of 108
}

TEST(MarkdownPage, TablesHavePipesAndAlignment) {
  EXPECT_EQ(to_markdown(page_with(kNumbers)),
            "# title\n"
            "\n"
            "## part\n"
            "\n"
            "| name | USD |\n"
            "| :--- | ---: |\n"
            "| a | 1.00 |\n"
            "| long name | 1,234.00 |\n");
}

TEST(MarkdownPage, TextIsGuardedAndNumbersKeepTheirMinus) {
  const Table table{.columns = {{"name", Align::left}, {"USD"}}, .rows = {{"=evil|x", "-$1.00"}}};
  EXPECT_NE(to_markdown(page_with(table)).find("| '=evil\\|x | -$1.00 |"), std::string::npos);
}

}  // namespace
}  // namespace mtok::report
