// The JSON reader: RFC 8259 to the letter, with places, and the few liberties that it takes.
#include <gtest/gtest.h>

#include "sim/config/value.hpp"

namespace mtok::config {
namespace {

Value parsed(const std::string& text) {
  return parse_json(text, "f.json");
}

/// The first line of the error without the file's name, with the hint in brackets; empty when accepted.
std::string error_of(const std::string& text, int first_line = 1) {
  try {
    (void)parse_json(text, "f.json", first_line);
  } catch (const Error& e) {
    const Diagnostic& d = e.diagnostics().front();
    return std::to_string(d.at.line) + ":" + std::to_string(d.at.column) + " " + d.message +
           (d.hint.empty() ? "" : " (" + d.hint + ")");
  }
  return {};
}

TEST(Json, KeepsNumbersAsWrittenWithTheirPlace) {
  const Value root = parsed("{\n  \"a\": -0.5E+10,\n  \"b\": [1e-05, 0, true, null, \"x\"]\n}\n");
  ASSERT_EQ(root.entries.size(), 2U);
  EXPECT_EQ(root.entries[0].value.text, "-0.5E+10");
  EXPECT_EQ(root.entries[0].value.at, (Position{.line = 2, .column = 8}));
  const Value& list = root.entries[1].value;
  ASSERT_EQ(list.items.size(), 5U);
  EXPECT_EQ(list.items[0].text, "1e-05");
  EXPECT_EQ(list.items[2].kind, Value::Kind::plain);
  EXPECT_EQ(list.items[3].kind, Value::Kind::null);
  EXPECT_EQ(list.items[4].kind, Value::Kind::quoted);
  EXPECT_EQ(list.items[4].at, (Position{.line = 3, .column = 31}));
}

TEST(Json, DecodesEveryEscape) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t")").text, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parsed(R"("\u0041\u00e9\u20AC")").text, "A\u00e9\u20ac");
  EXPECT_EQ(parsed(R"("\ud83d\ude00")").text, "\U0001F600");
  EXPECT_EQ(parsed("\"\\u0000\"").text, std::string(1, '\0'));
  EXPECT_EQ(error_of(R"("\ud83d")"), "1:2 half of a surrogate pair is no character");
  EXPECT_EQ(error_of(R"("\ud83d\u0041")"), "1:2 half of a surrogate pair is no character");
  EXPECT_EQ(error_of(R"("\ude00")"), "1:2 half of a surrogate pair is no character");
  EXPECT_EQ(error_of(R"("\u12G4")"), "1:2 expected four hexadecimal digits after \\u");
  EXPECT_EQ(error_of(R"("\x41")"),
            "1:2 an unknown escape inside quotes (a backslash itself is written \\\\)");
}

TEST(Json, ToleratesPythonsSpecialNumbersUntilTheyAreRead) {
  const Value root = parsed("[NaN, Infinity, -Infinity]");
  for (const Value& item : root.items) {
    EXPECT_EQ(item.kind, Value::Kind::special);
  }
  EXPECT_EQ(root.items[2].text, "-Infinity");
  EXPECT_EQ(error_of("[nan]"), "1:2 expected a value, got 'nan' (put text in double quotes)");
  EXPECT_EQ(error_of("[-Inf]"), "1:2 expected a value, got '-Inf' (put text in double quotes)");
  EXPECT_EQ(error_of("[True]"), "1:2 expected a value, got 'True' (JSON writes true, false and null)");
}

TEST(Json, RefusesWhatOtherReadersLetPass) {
  EXPECT_EQ(error_of("{\"a\": 1,\n}"), "1:8 a ',' before '}' is not JSON (remove the comma)");
  EXPECT_EQ(error_of("[1,]"), "1:3 a ',' before ']' is not JSON (remove the comma)");
  EXPECT_EQ(error_of("[,1]"), "1:2 expected a value, got ','");
  EXPECT_EQ(error_of("{'a': 1}"),
            "1:2 expected a key or '}' (opened in line 1), got ''' (keys stand in double quotes)");
  EXPECT_EQ(error_of("{a: 1}"),
            "1:2 expected a key or '}' (opened in line 1), got 'a' (keys stand in double quotes)");
  EXPECT_EQ(error_of("{\"a\": 'x'}"), "1:7 expected a value, got ''' (JSON uses double quotes)");
  EXPECT_EQ(error_of("{\"a\": 1 // note\n}"), "1:9 expected ',' or '}' (opened in line 1), got '/'");
  EXPECT_EQ(error_of("// note\n{}"), "1:1 expected a value, got '/' (JSON has no comments)");
  EXPECT_EQ(error_of("[010]"), "1:2 a number with leading zeros is not JSON (remove the zeros)");
  EXPECT_EQ(error_of("[+1]"), "1:2 expected a value, got '+' (a number begins with a digit or '-')");
  EXPECT_EQ(error_of("[.5]"), "1:2 expected a value, got '.' (a number begins with a digit or '-')");
  EXPECT_EQ(error_of("[5.]"), "1:2 expected a digit after '5.'");
  EXPECT_EQ(error_of("[1e]"), "1:2 expected a digit after '1e'");
  EXPECT_EQ(error_of("[-]"), "1:2 expected a digit after '-'");
  EXPECT_EQ(error_of("[0x1F]"), "1:3 expected ',' or ']' (opened in line 1), got 'x'");
  EXPECT_EQ(error_of("{} {}"),
            "1:4 expected the end of the file after the value (a file holds exactly one value)");
  EXPECT_EQ(error_of("[\"a\tb\"]"), "1:4 a control character inside quotes is not JSON (write a tab as \\t)");
  EXPECT_EQ(error_of("[\"a\nb\"]"),
            "1:2 text in quotes must end on the line where it begins (close the double quote)");
}

TEST(Json, RefusesRepeatedKeysAlsoWhenWrittenDifferently) {
  EXPECT_EQ(error_of("{\"a\": 1, \"b\": 2, \"a\": 3}"), "1:18 the key 'a' stands here a second time");
  EXPECT_EQ(error_of("{\"a\": 1, \"\\u0061\": 3}"), "1:10 the key 'a' stands here a second time");
  EXPECT_EQ(error_of("{\"a\": {\"a\": 1}}"), "");
}

TEST(Json, NamesTheEndOfACutFile) {
  EXPECT_EQ(error_of("{\"a\": [1, 2"),
            "1:12 expected ',' or ']' (opened in line 1), got the end of the file");
  EXPECT_EQ(error_of("{\"a\""), "1:5 expected ':' after the key 'a'");
  EXPECT_EQ(error_of("{\"a\": "), "1:7 expected a value, got the end of the file");
  EXPECT_EQ(error_of("\"abc"),
            "1:1 text in quotes must end on the line where it begins (close the double quote)");
  EXPECT_EQ(error_of(""), "0:0 the file is empty");
}

TEST(Json, LimitsTheDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(error_of(nested(64)), "");
  EXPECT_EQ(error_of(nested(65)), "1:65 values are nested deeper than 64 levels");
  EXPECT_EQ(error_of(std::string(500'000, '[')), "1:65 values are nested deeper than 64 levels");
}

TEST(Json, CountsLinesFromTheFirstLineGiven) {
  EXPECT_EQ(error_of("{\"t\": 1, \"n\": }", 57), "57:15 expected a value, got '}'");
  EXPECT_EQ(error_of(" ", 57), "57:1 the file is empty");
  try {
    (void)parse_json("{\"t\": }", "t.jsonl", 57);
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "t.jsonl:57:7: error: expected a value, got '}'\n   57 | {\"t\": }\n      |       ^");
  }
}

TEST(Json, RefusesLargeAndBinaryFiles) {
  EXPECT_EQ(error_of("\"" + std::string(kMaxJsonBytes, 'x') + "\""),
            "0:0 the file is too large: 1048578 bytes, and at most 1048576 can be read");
  EXPECT_EQ(error_of("[\"\xFF\"]"), "1:3 expected UTF-8 text, got the byte 0xFF (save the file as UTF-8)");
  EXPECT_EQ(error_of("[1]\n\n \x01"), "3:2 expected text, got the control character U+0001");
}

}  // namespace
}  // namespace mtok::config
