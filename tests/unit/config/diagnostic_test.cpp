// How errors are printed: place, line, caret, hint; and that no file can steer the terminal through them.
#include "sim/config/diagnostic.hpp"

#include <gtest/gtest.h>

namespace mtok::config {
namespace {

std::string printed(const Diagnostic& d) {
  return to_text(std::vector<Diagnostic>{d});
}

TEST(Diagnostic, ShowsTheLineTheCaretsAndTheHint) {
  EXPECT_EQ(printed({.file = "plans/chat.yaml",
                     .at = {.line = 14, .column = 9},
                     .message = "unknown key 'tensor_paralel_size'",
                     .excerpt = "        tensor_paralel_size: 4",
                     .width = 19,
                     .hint = "did you mean 'tensor_parallel_size'?"}),
            "plans/chat.yaml:14:9: error: unknown key 'tensor_paralel_size'\n"
            "   14 |         tensor_paralel_size: 4\n"
            "      |         ^^^^^^^^^^^^^^^^^^^ did you mean 'tensor_parallel_size'?");
}

TEST(Diagnostic, PrintsThePlaceOfAWholeFileAsItsBeginning) {
  EXPECT_EQ(printed({.file = "a.yaml", .message = "there is no such file"}),
            "a.yaml:1:1: error: there is no such file");
  EXPECT_EQ(printed({.file = "a.yaml", .message = "m", .hint = "h"}), "a.yaml:1:1: error: m\n      hint: h");
}

// U+00E9 takes two bytes and one column: byte column 8 is screen column 6.
TEST(Diagnostic, PutsTheCaretUnderTheCharacterNotTheByte) {
  EXPECT_EQ(printed({.file = "f",
                     .at = {.line = 1, .column = 8},
                     .message = "m",
                     .excerpt = "\u00e9\u00e9 : \u00e9x",
                     .width = 3}),
            "f:1:8: error: m\n    1 | \u00e9\u00e9 : \u00e9x\n      |      ^^");
}

TEST(Diagnostic, ShowsControlAndDirectionCharactersAsSpaces) {
  const std::string text = printed({.file = "f",
                                    .at = {.line = 1, .column = 2},
                                    .message = "got '\x1B[2J\u202E\n'",
                                    .excerpt = "a\tb\x1B[31m\u2066c\xFF\u009B"});
  EXPECT_EQ(text, "f:1:2: error: got ' [2J  '\n    1 | a b [31m c? \n      |  ^");
}

// The window begins 50 characters before the place and is 100 wide; "..." stands for what is cut.
TEST(Diagnostic, CutsALongLineAroundThePlace) {
  const std::string line = std::string(1000, 'a') + "X" + std::string(1000, 'b');
  EXPECT_EQ(
      printed(
          {.file = "f", .at = {.line = 1, .column = 1001}, .message = "m", .excerpt = line, .width = 500}),
      "f:1:1001: error: m\n    1 | ..." + std::string(50, 'a') + "X" + std::string(49, 'b') +
          "...\n      | " + std::string(53, ' ') + std::string(50, '^'));
}

TEST(Diagnostic, StaysInsideAnExcerptThatIsShorterThanThePlace) {
  EXPECT_EQ(printed({.file = "f", .at = {.line = 1, .column = 500}, .message = "m", .excerpt = "ab"}),
            "f:1:500: error: m\n    1 | ab\n      |   ^");
}

TEST(Diagnostic, SortsTheErrorsOfAFileAndCountsThem) {
  const Error error(
      std::vector<Diagnostic>{{.file = "f", .at = {.line = 9, .column = 1}, .message = "late"},
                              {.file = "f", .at = {.line = 2, .column = 5}, .message = "early"}});
  EXPECT_STREQ(error.what(), "f:2:5: error: early\nf:9:1: error: late\n2 errors.");
  EXPECT_EQ(error.diagnostics().front().message, "early");
}

TEST(Diagnostic, QuotesAFileBriefly) {
  EXPECT_EQ(shown("short"), "short");
  EXPECT_EQ(shown(std::string(500, 'x')), std::string(60, 'x') + "...");
  EXPECT_EQ(shown("a\nb"), "a b");
}

}  // namespace
}  // namespace mtok::config
