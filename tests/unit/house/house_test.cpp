// Holds the house rules that no compiler checks: first lines, file lengths, top-level entries, banned calls.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/house/source_tree.hpp"

namespace mtok::house {
namespace {

constexpr std::size_t kLineLimit = 500;

/// The lines of the comment that a file begins with.
std::size_t head_lines(const SourceFile& file) {
  std::size_t count = 0;
  while (count < file.lines.size() && file.lines[count].starts_with("// ")) {
    ++count;
  }
  return count;
}

TEST(House, EveryFileBeginsWithTheSentenceOfItsJob) {
  for (const SourceFile& file : all_sources()) {
    const std::size_t head = head_lines(file);
    if (head == 0 || !file.lines[head - 1].ends_with('.')) {
      ADD_FAILURE() << place(
          file, 1, "the first line must be a comment: the job of the file in one sentence with a full stop");
    }
  }
}

TEST(House, EveryFileStaysUnderFiveHundredLines) {
  for (const SourceFile& file : all_sources()) {
    if (file.lines.size() >= kLineLimit) {
      ADD_FAILURE() << place(file, kLineLimit, "a file ends before this line: split it");
    }
  }
}

TEST(House, EveryHeaderIsIncludedOnce) {
  for (const SourceFile& file : all_sources()) {
    const std::size_t head = head_lines(file);
    if (file.path.ends_with(".hpp") && (head >= file.lines.size() || file.lines[head] != "#pragma once")) {
      ADD_FAILURE() << place(file, head + 1, "#pragma once must follow the first comment of a header");
    }
  }
}

TEST(House, ARoomOfSimHasTheNamespaceOfItsFolder) {
  for (const SourceFile& file : all_sources()) {
    if (file.path.starts_with("sim/")) {
      const std::string wanted = "namespace mtok::" + room_of(file.path).substr(4) + " {";
      bool found = false;
      for (const std::string& line : file.code) {
        found = found || line.starts_with(wanted);
      }
      if (!found) {
        ADD_FAILURE() << place(file, 1, "has no '" + wanted + "'");
      }
    }
  }
}

/// Entries of the top level that .gitignore names as "/name/": build output, which the rule below does not
/// concern.
std::set<std::string> ignored_entries() {
  std::set<std::string> names;
  std::ifstream in(repository() / ".gitignore");
  for (std::string line; std::getline(in, line);) {
    if (line.size() > 2 && line.starts_with('/')) {
      names.insert(line.substr(1, line.find('/', 1) - 1));
    }
  }
  return names;
}

TEST(House, TheTopLevelHoldsNothingElse) {
  const std::set<std::string> allowed{"app",
                                      "sim",
                                      "hwprofiles",
                                      "models",
                                      "workloads",
                                      "tests",
                                      "docs",
                                      "CMakeLists.txt",
                                      "README.md",
                                      "LICENSE",
                                      "CONTRIBUTING.md",
                                      "CMakePresets.json",
                                      "run.sh",
                                      "test.sh",
                                      ".ci",
                                      ".git",
                                      ".clang-format",
                                      ".clang-tidy",
                                      ".gitignore"};
  const std::set<std::string> ignored = ignored_entries();
  for (const auto& entry : std::filesystem::directory_iterator(repository())) {
    const std::string name = entry.path().filename().string();
    if (!allowed.contains(name) && !ignored.contains(name)) {
      ADD_FAILURE() << name << ": the top level of the repository has no place for it";
    }
  }
}

/// A word that must not appear in code, and why.
struct Banned {
  const char* pattern;
  const char* sample;  ///< a line that the pattern must find
  const char* reason;
  std::vector<std::string> rooms;         ///< where it is banned
  std::vector<std::string> exceptions{};  ///< where it is allowed all the same
};

const std::vector<Banned>& banned() {
  static const std::vector<Banned> table{
      {.pattern = R"(\b(strto|ato|(std::)?sto)(d|f|ld|i|l|ll|ul|ull)\s*\(|scanf\s*\()",
       .sample = "x = std::stod(text);",
       .reason = "follows the locale and reads half a number: use units::parse_number or parse_integer",
       .rooms = {"sim/", "app/"}},
      {.pattern = R"(\bstd::to_string\s*\(.*(\.base\(\)|\bdouble\b|\d\.\d))",  // of what looks like a double
       .sample = "text += std::to_string(time.base());",
       .reason = "prints doubles with six decimals, by the locale: use fmt or units::shortest",
       .rooms = {"sim/", "app/"}},
      {.pattern =
           R"(\bstd::\w+_distribution\b|random_device\b|\bmt19937|default_random_engine\b|\bs?rand\s*\()",
       .sample = "std::normal_distribution<double> d;",
       .reason = "standard libraries differ in what they draw: use workload::Random",
       .rooms = {"sim/", "app/"}},
      {.pattern =
           R"(\b(system|steady|high_resolution)_clock\b|\btime\s*\(\s*(NULL|nullptr|0)\s*\)|clock_gettime)",
       .sample = "const auto now = std::chrono::system_clock::now();",
       .reason = "the library does not know the time of day",
       .rooms = {"sim/"},
       .exceptions = {"sim/host/"}},
      {.pattern = R"(\b(secure_)?getenv\s*\()",
       .sample = "std::getenv(name)",
       .reason = "the library does not read the environment",
       .rooms = {"sim/"}},
      {.pattern = R"(\bstd::(cout|cerr|clog)\b|printf\s*\(|\bputs\s*\(|\bfmt::print\b)",
       .sample = "std::cerr << 1;",
       .reason = "the library does not print",
       .rooms = {"sim/"}},
      {.pattern = R"(\b(quick_exit|_Exit|exit|abort|terminate)\s*\()",
       .sample = "std::exit(1);",
       .reason = "the library does not end the program",
       .rooms = {"sim/"}},
      {.pattern = R"(\bsetlocale\s*\(|\bstd::locale\b)",
       .sample = "std::locale::global(l);",
       .reason = "nothing depends on a locale",
       .rooms = {"sim/", "app/"}},
  };
  return table;
}

TEST(House, NoBannedCallIsMade) {
  const std::vector<SourceFile> sources = all_sources();
  for (const Banned& rule : banned()) {
    const std::regex pattern(rule.pattern);
    EXPECT_TRUE(std::regex_search(rule.sample, pattern)) << rule.pattern;
    for (const SourceFile& file : sources) {
      if (!starts_with_one_of(file.path, rule.rooms) || starts_with_one_of(file.path, rule.exceptions)) {
        continue;
      }
      for (std::size_t i = 0; i < file.code.size(); ++i) {
        if (std::regex_search(file.code[i], pattern)) {
          ADD_FAILURE() << place(file, i + 1, file.code[i]) << "\n  " << rule.reason;
        }
      }
    }
  }
}

// Comments and strings may name what code may not do; the digits of 1'000 are no character literals.
TEST(House, CommentsAndStringsAreNoCode) {
  EXPECT_EQ(without_comments_and_strings("a /* exit(\n) */ b  // abort()\nc"), "a \n b  \nc");
  EXPECT_EQ(without_comments_and_strings(R"(f("say \"x\"", 'y', 1'000);)"), R"(f("", "", 1'000);)");
  EXPECT_EQ(without_comments_and_strings("g(R\"(a\n\"b\" // c)\"); h"), "g(\"\"\n); h");
}

}  // namespace
}  // namespace mtok::house
