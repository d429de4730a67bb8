// File names in a user's file: inside its folder, absolute, or refused.
#include <gtest/gtest.h>

#include "sim/config/reader.hpp"

namespace mtok::config {
namespace {

std::string resolved(const std::string& path) {
  return resolve_inside("/data/project", path, {.file = "p.yaml", .at = {.line = 3, .column = 8}}).string();
}

std::string error_of(const std::string& path) {
  try {
    return "accepted as " + resolved(path);
  } catch (const Error& e) {
    EXPECT_EQ(e.diagnostics().front().at, (Position{.line = 3, .column = 8}));
    return e.diagnostics().front().message;
  }
}

TEST(ResolveInside, TakesRelativePathsFromTheFolder) {
  EXPECT_EQ(resolved("chat.csv"), "/data/project/chat.csv");
  EXPECT_EQ(resolved("traces/day 1.csv.gz"), "/data/project/traces/day 1.csv.gz");
  EXPECT_EQ(resolved("traces/../chat.csv"), "/data/project/traces/../chat.csv");
  EXPECT_EQ(resolved("./c:d"), "/data/project/./c:d");
}

TEST(ResolveInside, LeavesAbsolutePathsAsTheyAre) {
  EXPECT_EQ(resolved("/mnt/traces/a.csv"), "/mnt/traces/a.csv");
}

TEST(ResolveInside, RefusesToClimbOut) {
  EXPECT_EQ(error_of("../../../../etc/passwd"),
            "expected a path inside the folder of this file, got '../../../../etc/passwd'");
  EXPECT_EQ(error_of("a/../../b"), "expected a path inside the folder of this file, got 'a/../../b'");
  EXPECT_EQ(error_of("./.."), "expected a path inside the folder of this file, got './..'");
}

TEST(ResolveInside, RefusesAddressesAndWindowsPaths) {
  EXPECT_EQ(error_of("file:///etc/passwd"),
            "expected the path of a file, got the address 'file:///etc/passwd'");
  EXPECT_EQ(error_of("FILE:x"), "expected the path of a file, got the address 'FILE:x'");
  EXPECT_EQ(error_of("https://host/a.csv"),
            "expected the path of a file, got the address 'https://host/a.csv'");
  EXPECT_EQ(error_of("C:\\traces\\a.csv"),
            "expected a path relative to this file, got the Windows path 'C:\\traces\\a.csv'");
  EXPECT_EQ(error_of("c:/a.csv"), "expected a path relative to this file, got the Windows path 'c:/a.csv'");
  EXPECT_EQ(error_of("\\\\server\\share"),
            "expected a path relative to this file, got the Windows path '\\\\server\\share'");
  EXPECT_EQ(error_of("//server/share"),
            "expected a path relative to this file, got the Windows path '//server/share'");
  EXPECT_EQ(error_of("..\\secret"), "expected a path with '/' between its parts, got '..\\secret'");
}

TEST(ResolveInside, RefusesEmptyAndHiddenNames) {
  EXPECT_EQ(error_of(""), "expected the path of a file, got an empty text");
  EXPECT_EQ(error_of(std::string("a\0b", 3)),
            "expected the path of a file, got a text with control characters");
  EXPECT_EQ(error_of("a\u202Evsc.exe"), "expected the path of a file, got a text with control characters");
}

}  // namespace
}  // namespace mtok::config
