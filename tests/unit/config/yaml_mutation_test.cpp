// Damaged YAML ends in a value or in an Error that names a place; in nothing else.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <regex>

#include "sim/config/value.hpp"

namespace mtok::config {
namespace {

constexpr std::string_view kSeed =
    "mtok: 1\n"
    "name: support chat   # note: [\n"
    "workload:\n"
    "  trace: 'it''s.csv'\n"
    "  load: {closed: {concurrency: 64}}\n"
    "  note: |\n"
    "    free text: & [\n"
    "\n"
    "    more\n"
    "tiers:\n"
    "- name: dram\n"
    "  sizes: [1, 2,\n"
    "    3]\n"
    "- - a\n"
    "  - \"b \\\" c\"\n"
    "text: goes\n"
    "  on here\n";
constexpr std::string_view kSplices[] = {":",  ": ",  "- ",  "? ",    "[",    "]",   "{", "}",   ",",
                                         "\"", "'",   "\n",  "\r",    "  ",   "\t",  "#", " #",  "&a ",
                                         "*a", "!t",  "<<:", "---\n", "|",    ">",   "%", "...", "@",
                                         "\\", "\\x", "\0",  "~",     "\xE2", "null"};

/// The error that reading ends with; empty when the text is accepted. Anything but Error fails the test.
std::string error_of(const std::string& text) {
  try {
    (void)parse_yaml(text, "f.yaml");
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

TEST(YamlMutation, EndsInAValueOrInAnErrorWithAPlace) {
  constexpr int kTexts = 20'000;
  static const std::regex kPlace(R"(^f\.yaml:\d+:\d+: error: [^\n]+)");
  std::mt19937_64 random(7);  // its numbers are fixed by the standard
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  int accepted = 0;
  for (int i = 0; i < kTexts; ++i) {
    std::string text(kSeed);
    for (std::size_t n = below(4); n > 0; --n) {
      const std::size_t at = below(text.size());
      switch (below(3)) {
        case 0:
          text.erase(at, 1 + below(8));
          break;
        case 1:
          text.insert(at, kSplices[below(std::size(kSplices))]);
          break;
        default:
          text.insert(below(text.size()), text.substr(at, below(40)));
      }
    }
    const std::string error = error_of(text);
    accepted += error.empty() ? 1 : 0;
    EXPECT_TRUE(error.empty() || std::regex_search(error, kPlace)) << text << "\n" << error;
    EXPECT_EQ(error.find("not well-formed YAML"), std::string::npos) << text << "\n" << error;
  }
  EXPECT_GT(accepted, kTexts / 5);
  EXPECT_LT(accepted, kTexts - kTexts / 5);
}

}  // namespace
}  // namespace mtok::config
