// The YAML reader: what it keeps, what it refuses and where.
#include <gtest/gtest.h>

#include "sim/config/value.hpp"

namespace mtok::config {
namespace {

Value parsed(const std::string& text) {
  return parse_yaml(text, "f.yaml");
}

/// The first line of the error without the file's name; empty when the text is accepted.
std::string error_of(const std::string& text) {
  try {
    (void)parsed(text);
  } catch (const Error& e) {
    const std::string what = e.what();
    const std::string line = what.substr(0, what.find('\n'));
    return line.substr(std::string("f.yaml:").size());
  }
  return {};
}

TEST(Yaml, KeepsTextAsWrittenWithItsPlace) {
  const Value root = parsed("a: 010\nb: NO\nc: '5'\nd:\n  - x\n  - {y: \"z\\n\"}\n");
  ASSERT_EQ(root.entries.size(), 4U);
  EXPECT_EQ(root.entries[0].value.text, "010");
  EXPECT_EQ(root.entries[0].value.kind, Value::Kind::plain);
  EXPECT_EQ(root.entries[1].value.text, "NO");
  EXPECT_EQ(root.entries[2].value.kind, Value::Kind::quoted);
  EXPECT_EQ(root.entries[2].value.at, (Position{.line = 3, .column = 4}));
  const Value& list = root.entries[3].value;
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].at, (Position{.line = 5, .column = 5}));
  EXPECT_EQ(list.items[1].entries[0].key, "y");
  EXPECT_EQ(list.items[1].entries[0].value.text, "z\n");
}

TEST(Yaml, ReadsTextThatOnlyLooksLikeMarkup) {
  const Value root = parsed(
      "a: it's [not & a *list\n"
      "b: see\n  \"this\" & that\n"
      "c: |\n  key: [\n  'open\n\n  & *\n"
      "d: >-\n    \"x\n"
      "e: ['b', c] # ' [ \"\n"
      "f: http://x/y?a&b\n"
      "g: 5 # {\n");
  ASSERT_EQ(root.entries.size(), 7U);
  EXPECT_EQ(root.entries[0].value.text, "it's [not & a *list");
  EXPECT_EQ(root.entries[1].value.text, "see \"this\" & that");
  EXPECT_EQ(root.entries[2].value.text, "key: [\n'open\n\n& *\n");
  EXPECT_EQ(root.entries[3].value.text, "\"x");
  EXPECT_EQ(root.entries[4].value.items[0].text, "b");
  EXPECT_EQ(root.entries[5].value.text, "http://x/y?a&b");
  EXPECT_EQ(root.entries[6].value.text, "5");
}

TEST(Yaml, AcceptsOneDocumentWithItsMarks) {
  EXPECT_EQ(error_of("---\na: 1\n...\n"), "");
  EXPECT_EQ(error_of("# note\n---\na: 1\n"), "");
  EXPECT_EQ(error_of("{\"a\": 1, \"b\": [1, 2]}\n"), "");
  EXPECT_EQ(error_of("\xEF\xBB\xBF"
                     "a: 1\r\nb: 2\r\n"),
            "");
}

TEST(Yaml, RefusesWhatIsNoSingleMapping) {
  EXPECT_EQ(error_of(""), "1:1: error: the file is empty");
  EXPECT_EQ(error_of("# only a comment\n"), "1:1: error: the file holds no values");
  EXPECT_EQ(error_of("- a\n- b\n"), "1:1: error: expected keys with values, such as 'name: chat'");
  EXPECT_EQ(error_of("hello\n"), "1:1: error: expected 'key: value', got 'hello'");
  EXPECT_EQ(error_of("a: 1\n---\nb: 2\n"), "2:1: error: a second document begins here");
  EXPECT_EQ(error_of("%YAML 1.2\n---\na: 1\n"), "1:1: error: directives are not supported");
}

TEST(Yaml, RefusesReferencesTagsAndMergeKeysByName) {
  EXPECT_EQ(error_of("a: &x 1\n"), "1:4: error: the anchor '&x' is not supported");
  EXPECT_EQ(error_of("a: [1, *x]\n"), "1:8: error: the alias '*x' is not supported");
  EXPECT_EQ(error_of("a: !!int 3\n"), "1:4: error: the tag '!!int' is not supported");
  EXPECT_EQ(error_of("a: ! 3\n"), "1:4: error: the tag '!' is not supported");
  EXPECT_EQ(error_of("a:\n  <<: {b: 1}\n"), "2:3: error: merge keys are not supported");
  EXPECT_EQ(error_of("? a\n: 1\n"), "1:1: error: keys marked with '?' are not supported");
  EXPECT_EQ(error_of("? [a]\n: 1\n"), "1:1: error: keys marked with '?' are not supported");
  EXPECT_EQ(error_of("[a, b]: 1\n"), "1:1: error: a key must be a word, not a list or a mapping");
}

TEST(Yaml, RefusesRepeatedKeysOnEveryLevel) {
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"),
            "3:1: error: the key 'a' stands here a second time; the first is in line 1");
  EXPECT_EQ(error_of("x: {a: 1, 'a': 2}\n"),
            "1:11: error: the key 'a' stands here a second time; the first is in line 1");
  std::string many;
  for (int i = 0; i < 100; ++i) {
    many += "k" + std::to_string(i) + ": 1\n";
  }
  EXPECT_EQ(error_of(many), "");
  EXPECT_EQ(error_of(many + "k57: 2\n"),
            "101:1: error: the key 'k57' stands here a second time; the first is in line 58");
}

TEST(Yaml, RefusesNullsAtTheirKey) {
  EXPECT_EQ(error_of("a: 1\nb:\n"), "2:1: error: b: expected a value, got nothing");
  EXPECT_EQ(error_of("a: ~\n"), "1:1: error: a: expected a value, got nothing");
  EXPECT_EQ(error_of("x:\n  a: null\n"), "2:3: error: x.a: expected a value, got nothing");
  EXPECT_EQ(error_of("a: 'null'\n"), "");
  EXPECT_EQ(error_of("a: [1,,2]\n").substr(0, 4), "1:7:");
  EXPECT_EQ(error_of("x: {tdp_w:700}\n"), "1:5: error: x.tdp_w:700: expected a value, got nothing");
  EXPECT_EQ(error_of("a: 1\ntdp_w:700\nb: 2\n"), "2:1: error: expected 'key: value', got 'tdp_w:700'");
}

TEST(Yaml, CollectsIndependentErrors) {
  try {
    (void)parsed("a: &x 1\nb: *x\nc: !t 2\n");
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.diagnostics().size(), 3U);
  }
  try {
    (void)parsed("a:\nb:\nc: 1\nc: 2\n");
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.diagnostics().size(), 3U);
  }
}

TEST(Yaml, RefusesQuotesAndBracketsThatDoNotClose) {
  EXPECT_EQ(error_of("a: \"x\nb: 1\n"), "1:4: error: quoted text must end on the line where it begins");
  EXPECT_EQ(error_of("a: 'x\n"), "1:4: error: quoted text must end on the line where it begins");
  EXPECT_EQ(error_of("a: 'it''s \"fine\"'\nb: \"say \\\"x\\\"\"\n"), "");
  EXPECT_EQ(error_of("a: [1, 2\nb: 3\n"), "1:4: error: '[' is never closed");
  EXPECT_EQ(error_of("a: [1, {b: 2]\n"), "1:13: error: ']' does not close the '{' of line 1");
}

TEST(Yaml, LimitsTheDepthOfBothStyles) {
  const auto flow = [](int depth) {
    const auto n = static_cast<std::size_t>(depth);
    return "a: " + std::string(n, '[') + "1" + std::string(n, ']') + "\n";
  };
  EXPECT_EQ(error_of(flow(kMaxDepth - 1)), "");  // the root mapping is the first level
  EXPECT_EQ(error_of(flow(kMaxDepth)), "1:67: error: values are nested deeper than 64 levels");
  EXPECT_EQ(error_of(flow(100'000)), "1:68: error: brackets are nested deeper than 64 levels");
  std::string dashes = "a:\n";
  for (int i = 0; i < 100'000; ++i) {
    dashes += "- ";
  }
  EXPECT_EQ(error_of(dashes + "1\n"), "2:127: error: values are nested deeper than 64 levels");
  std::string block;
  for (std::size_t i = 0; i < 1000; ++i) {
    block += std::string(i, ' ') + "k:\n";
  }
  EXPECT_EQ(error_of(block + std::string(1000, ' ') + "k: 1\n"),
            "65:65: error: values are nested deeper than 64 levels");
}

TEST(Yaml, SaysInOurWordsWhatTheLibraryRefuses) {
  EXPECT_EQ(error_of("a: 1\n\tb: 2\n"), "2:1: error: a tab in the indentation");
  EXPECT_EQ(error_of("a: @x\n"), "1:4: error: a value cannot begin with '@'");
  EXPECT_EQ(error_of("a: \"\\q\"\n").substr(5), "error: an unknown escape in a quoted text");
  EXPECT_EQ(error_of("a: b: c\n"), "1:5: error: a ':' where no value can follow");
  EXPECT_EQ(error_of("a: 1\n  b: 2\n"), "2:4: error: a ':' where no value can follow");
  EXPECT_EQ(error_of("a: {b: 1}}\n"), "1:10: error: text right behind a closing quote or bracket");
  EXPECT_EQ(error_of("a: 'b' c\n"), "1:8: error: text right behind a closing quote or bracket");
  EXPECT_EQ(error_of("a: b\nc: |x\n  d\n").substr(5), "error: only an indentation can follow '|' or '>'");
  EXPECT_EQ(error_of("a: 1\rb: 2\r"), "1:5: error: a carriage return without a line feed");
}

TEST(Yaml, RefusesHiddenCharacters) {
  EXPECT_EQ(error_of(std::string("a: x\0y\n", 7)),
            "1:5: error: expected text, got the control character U+0000");
  EXPECT_EQ(error_of("a: \x1B[2J\n"), "1:4: error: expected text, got the control character U+001B");
  EXPECT_EQ(error_of("a: x\xE2\x80\xAE"
                     "y\n"),
            "1:5: error: expected text, got U+202E, which reorders the characters around it");
  EXPECT_EQ(error_of("a: \xC0\xAF\n"), "1:4: error: expected UTF-8 text, got the byte 0xC0");  // overlong
  EXPECT_EQ(error_of("a: \xED\xA0\x80\n"),
            "1:4: error: expected UTF-8 text, got the byte 0xED");  // surrogate
  EXPECT_EQ(error_of("a: \xF4\x90\x80\x80\n"),
            "1:4: error: expected UTF-8 text, got the byte 0xF4");                           // > 10FFFF
  EXPECT_EQ(error_of("a: \xE2\x82"), "1:4: error: expected UTF-8 text, got the byte 0xE2");  // cut off
  EXPECT_EQ(error_of("\"a\\u0007\": 1\n"), "1:1: error: 'a ' cannot be a key");
}

TEST(Yaml, LimitsValuesAndTexts) {
  EXPECT_EQ(error_of("a: " + std::string(70'000, 'x') + "\n"),
            "1:4: error: a text of 70000 bytes; at most 65536 can be read");
}

}  // namespace
}  // namespace mtok::config
