// Writes small measurement files for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace mtok::validation {

/// A file of this text, named after the running test.
inline std::filesystem::path measurement_file(const std::string& text) {
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  const auto path = std::filesystem::path(testing::TempDir()) /
                    (std::string(test.test_suite_name()) + "." + test.name() + ".csv");
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace mtok::validation
