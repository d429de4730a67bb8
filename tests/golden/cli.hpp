// Runs the program itself, in a folder of the test's own.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace mtok {

namespace fs = std::filesystem;

inline const std::string kGolden = std::string(MTOK_SOURCE_DIR) + "/tests/golden/";

inline std::string text_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Outcome {
  int code = -1;
  std::string out{};
  std::string err{};
};

/// One folder a test, removed with it.
class Cli : public testing::Test {
 protected:
  void SetUp() override {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / ("mtok_cli_" + std::string(test->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    if (!fs::exists(MTOK_BINARY)) {
      GTEST_SKIP() << "skipped: the program was not built";
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Runs mtok, with the made-up catalogue of the golden scenarios unless `data` names another folder;
  /// `after` is what the shell does with its output.
  [[nodiscard]] Outcome mtok(const std::string& arguments, const std::string& after = "",
                             const std::string& data = kGolden + "data") const {
    const fs::path err = folder_ / "stderr";
    const std::string line = "MTOK_DATA='" + data + "' '" MTOK_BINARY "' " + arguments + " 2>'" +
                             err.string() + "' </dev/null" + after;
    Outcome outcome;
    FILE* const pipe = popen(line.c_str(), "r");
    std::array<char, 4096> piece{};
    for (std::size_t got = 1; got > 0;) {
      got = std::fread(piece.data(), 1, piece.size(), pipe);
      outcome.out.append(piece.data(), got);
    }
    const int status = pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.err = text_of_file(err);
    return outcome;
  }

  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return "'" + (folder_ / name).string() + "'";
  }

  fs::path folder_;
};

/// What `call` gives when programs that it starts find one core only.
template <class Call>
Outcome on_one_core(const Call& call) {
  cpu_set_t all;
  sched_getaffinity(0, sizeof all, &all);
  int first = 0;
  while (!CPU_ISSET(first, &all)) {
    ++first;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  sched_setaffinity(0, sizeof one, &one);
  Outcome outcome = call();
  sched_setaffinity(0, sizeof all, &all);
  return outcome;
}

}  // namespace mtok
