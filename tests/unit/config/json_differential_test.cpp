// Two independent JSON readers agree on thousands of damaged documents: both refuse, or both give equal
// values.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/config/value.hpp"
#include "sim/units/text.hpp"

namespace mtok::config {
namespace {

using Theirs = nlohmann::json;

/// SplitMix64: a small generator whose numbers are the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  template <class Words>
  auto one_of(const Words& words) {
    return words[below(std::size(words))];
  }

 private:
  std::uint64_t state_;
};

constexpr std::string_view kScalars[] = {"0",
                                         "-1",
                                         "1.5",
                                         "1e-05",
                                         "1E+5",
                                         "true",
                                         "false",
                                         "null",
                                         "\"\"",
                                         "\"a\"",
                                         "\"\\u00e9\"",
                                         "\"\\ud83d\\ude00\"",
                                         "\"\\n\"",
                                         "12345",
                                         "-0.0e10",
                                         "\"\u20ac\"",
                                         "9007199254740993"};
constexpr std::string_view kSplices[] = {",", ":", "{",   "}",       "[",        "]",    "\"", "\\",   "0",
                                         "-", ".", "e",   "+",       " ",        "\n",   "\t", "true", "nul",
                                         "/", "'", "\\u", "\\ud83d", "\xE2\x82", "\x01", "1"};

std::string document(Random& random, int depth) {
  if (depth == 0 || random.below(3) == 0) {
    return std::string(random.one_of(kScalars));
  }
  const bool object = random.below(2) == 0;
  std::string out(1, object ? '{' : '[');
  const std::size_t n = random.below(4);
  for (std::size_t i = 0; i < n; ++i) {
    out += i == 0 ? "" : (random.below(2) == 0 ? "," : ", ");
    out += object ? "\"k" + std::to_string(i) + "\":" : "";
    out += document(random, depth - 1);
  }
  return out + (object ? '}' : ']');
}

/// Up to three damages: a byte removed, a piece put in, a piece doubled, or the end cut off.
std::string damaged(Random& random, std::string text) {
  for (std::size_t n = random.below(4); n > 0 && !text.empty(); --n) {
    const std::size_t at = random.below(text.size());
    switch (random.below(4)) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, random.one_of(kSplices));
        break;
      case 2:
        text.insert(at, text.substr(at, 1 + random.below(4)));
        break;
      default:
        text.resize(random.below(8) == 0 ? at : text.size());
    }
  }
  return text;
}

/// A number below the smallest double is 0 to them; for us it is text that no field takes as a number.
bool same_number(const std::string& ours, double theirs) {
  const std::optional<double> number = units::parse_number(ours);
  return number ? *number == theirs : theirs == 0;
}

/// Some number in the tree is well-formed and yet does not fit a double, such as 1e999.
bool holds_huge_number(const Value& value) {
  const bool literal = value.text == "true" || value.text == "false";
  return (value.kind == Value::Kind::plain && !literal && !units::parse_number(value.text)) ||
         std::any_of(value.items.begin(), value.items.end(), holds_huge_number) ||
         std::any_of(value.entries.begin(), value.entries.end(),
                     [](const Value::Entry& entry) { return holds_huge_number(entry.value); });
}

bool equal(const Value& ours, const Theirs& theirs) {
  switch (ours.kind) {
    case Value::Kind::null:
      return theirs.is_null();
    case Value::Kind::quoted:
      return theirs.is_string() && theirs.get<std::string>() == ours.text;
    case Value::Kind::plain:
      if (ours.text == "true" || ours.text == "false") {
        return theirs.is_boolean() && theirs.get<bool>() == (ours.text == "true");
      }
      return theirs.is_number() && same_number(ours.text, theirs.get<double>());
    case Value::Kind::list: {
      bool same = theirs.is_array() && theirs.size() == ours.items.size();
      for (std::size_t i = 0; same && i < ours.items.size(); ++i) {
        same = equal(ours.items[i], theirs[i]);
      }
      return same;
    }
    case Value::Kind::mapping: {
      bool same = theirs.is_object() && theirs.size() == ours.entries.size();
      for (std::size_t i = 0; same && i < ours.entries.size(); ++i) {
        const auto found = theirs.find(ours.entries[i].key);
        same = found != theirs.end() && equal(ours.entries[i].value, *found);
      }
      return same;
    }
    case Value::Kind::special:
      return false;
  }
  return false;
}

/// What we refuse and they let pass: repeated keys, and DEL or C1 control characters.
bool on_purpose(const std::string& error) {
  return error.find("a second time") != std::string::npos ||
         error.find("control character U+") != std::string::npos;
}

TEST(JsonVsNlohmann, BothRefuseOrGiveEqualValues) {
  constexpr int kDocuments = 60'000;
  Random random(20'240'611);
  int both_accept = 0;
  int both_refuse = 0;
  for (int i = 0; i < kDocuments; ++i) {
    const std::string text = damaged(random, document(random, 4));
    const Theirs theirs = Theirs::parse(text, nullptr, false);
    std::string error;
    Value ours;
    try {
      ours = parse_json(text, "f.json");
    } catch (const Error& e) {
      error = e.what();
    }
    if (theirs.is_discarded()) {
      EXPECT_TRUE(!error.empty() || holds_huge_number(ours)) << text;
      ++both_refuse;
    } else if (error.empty()) {
      EXPECT_TRUE(equal(ours, theirs)) << text;
      ++both_accept;
    } else {
      EXPECT_TRUE(on_purpose(error)) << text << "\n" << error;
    }
  }
  // The damage must neither spare nor ruin everything, or the test compares nothing.
  EXPECT_GT(both_accept, kDocuments / 5);
  EXPECT_GT(both_refuse, kDocuments / 5);
}

}  // namespace
}  // namespace mtok::config
