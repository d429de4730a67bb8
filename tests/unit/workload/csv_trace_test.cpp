// CSV traces: columns by name, cells by RFC 4180, every fault with its line and column.
#include <gmock/gmock.h>

#include "tests/unit/workload/trace_files.hpp"

namespace mtok::workload {
namespace {

using testing::HasSubstr;
using testing_files::error_in;
using testing_files::read_text;
using testing_files::short_text;
using testing_files::TempFile;

constexpr std::string_view kAzure = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
constexpr std::string_view kMtok = "arrival_s,input_tokens,output_tokens\n";

std::string with(std::string_view header, std::string_view rows) {
  return std::string(header) + std::string(rows);
}

TEST(CsvTrace, CountsArrivalsFromTheFirstRow) {
  const auto requests = read_text("a.csv", with(kAzure,
                                                "2023-11-16 23:59:59.9999999,374,44\n"
                                                "2023-11-17 00:00:00.0000001,396,109\n"));
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0], (Request{.arrival_ns = 0, .input_tokens = 374, .output_tokens = 44}));
  EXPECT_EQ(requests[1], (Request{.arrival_ns = 200, .input_tokens = 396, .output_tokens = 109}));
}

TEST(CsvTrace, FindsColumnsByNameInAnyOrderAndPassesOverOthers) {
  const auto requests =
      read_text("a.csv", "GeneratedTokens,NumImages,TIMESTAMP,ContextTokens\n44,3,2023-11-16 18:15:46,374\n");
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].input_tokens, 374);
  EXPECT_EQ(requests[0].output_tokens, 44);
}

TEST(CsvTrace, ReadsBurstGptWithSixAndWithEightColumns) {
  const std::string six =
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log "
      "Type\n5,ChatGPT,472,18,490,Conversation log\n"
      "45.5,GPT-4,1087,230,1317,API log\n";
  const std::string eight =
      "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
      "5,s1,1.25,ChatGPT,472,18,490,Conversation log\n45.5,s2,9,GPT-4,1087,230,1317,API log\n";
  const auto requests = read_text("a.csv", six);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(
      requests[1],
      (Request{.arrival_ns = 40'500'000'000, .input_tokens = 1087, .output_tokens = 230, .model = "GPT-4"}));
  EXPECT_EQ(read_text("a.csv", eight), requests);
}

TEST(CsvTrace, CountsFailedRequestsAndLeavesThemOut) {
  const TempFile file(
      "a.csv",
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n1,GPT-4,10,0,10,API log\n"
      "3,GPT-4,10,5,15,API log\n4,GPT-4,0,0,0,API log\n");
  const auto source = open_trace(file.path(), {});
  const auto requests = testing_files::all_of(*source);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].arrival_ns, 2'000'000'000);  // from the first row, which failed, at 1 s
  EXPECT_EQ(source->skipped().failed, 2);
  EXPECT_EQ(summarize(file.path(), {}).skipped.failed, 2);
}

TEST(CsvTrace, ReadsVidurAndChecksItsTotalWhereItIsThere) {
  const auto requests =
      read_text("v.csv", "arrived_at,num_prefill_tokens,num_decode_tokens\n0.0,374,44\n4.314579,396,109");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].arrival_ns, 4'314'579'000);
  EXPECT_EQ(short_text(error_in(
                "v.csv", "arrived_at,num_prefill_tokens,num_decode_tokens,num_total_tokens\n0.0,3,4,8\n")),
            "2:9: num_total_tokens is 8, but num_prefill_tokens + num_decode_tokens = 3 + 4 = 7");
}

TEST(CsvTrace, RefusesLengthsWithoutArrivals) {
  const config::Diagnostic error =
      error_in("v.csv", "num_prefill_tokens,num_decode_tokens,num_total_tokens,pd_ratio\n3,4,7,0.75\n");
  EXPECT_EQ(short_text(error),
            "1:1: the trace has lengths but no arrival times: the column arrived_at is missing");
  EXPECT_THAT(error.hint, HasSubstr("empirical"));
}

TEST(CsvTrace, TakesCrLfByteOrderMarkBlankLinesAndAMissingLastLineEnd) {
  const auto requests = read_text("m.csv",
                                  "\xef\xbb\xbf"
                                  "arrival_s,input_tokens,output_tokens\r\n0,1,1\r\n\r\n  \r\n2,3,4");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1], (Request{.arrival_ns = 2'000'000'000, .input_tokens = 3, .output_tokens = 4}));
}

TEST(CsvTrace, ReadsQuotedCells) {
  const auto requests = read_text("m.csv",
                                  "\"arrival_s\",input_tokens,output_tokens,tenant,model\n"
                                  "0,1,1,\"a, \"\"b\"\"\",\"\"\n\"1\",\"2\",3,\"\",x\n");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].tenant, "a, \"b\"");
  EXPECT_EQ(requests[0].model, "");
  EXPECT_EQ(requests[1],
            (Request{.arrival_ns = 1'000'000'000, .input_tokens = 2, .output_tokens = 3, .model = "x"}));
}

TEST(CsvTrace, NamesTheCellOfABadQuote) {
  const auto quote_error = [](std::string_view row) {
    return short_text(error_in(
        "m.csv", "arrival_s,input_tokens,output_tokens,tenant\n" + std::string(row) + "\n0,1,1,b\n"));
  };
  EXPECT_EQ(quote_error("0,1,1,\"open"), "2:7: the quote does not end on its line");
  EXPECT_EQ(quote_error("0,1,1,a\"b\""), "2:8: a quote inside a cell that does not start with one");
  EXPECT_EQ(quote_error("0,1,1,\"a\"b"), "2:10: text after the closing quote of a cell; expected a comma");
}

TEST(CsvTrace, KeepsAHundredNanosecondsOfOrder) {
  // Cut to six digits these two would be equal, and swapped rows would pass.
  EXPECT_EQ(short_text(error_in("a.csv", with(kAzure,
                                              "2023-11-16 18:15:46.6805902,1,1\n"
                                              "2023-11-16 18:15:46.6805901,1,1\n"))),
            "3:1: TIMESTAMP: '2023-11-16 18:15:46.6805901' is earlier than the arrival on line 2");
}

TEST(CsvTrace, KeepsTheOrderOfEqualArrivalsAndEqualRows) {
  const auto requests = read_text("m.csv", with(kMtok, "1,5,1\n1,3,1\n1,3,1\n1,4,1\n"));
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].input_tokens, 5);
  EXPECT_EQ(requests[1].input_tokens, 3);
  EXPECT_EQ(requests[2].input_tokens, 3);
  EXPECT_EQ(requests[3].input_tokens, 4);
}

TEST(CsvTrace, NamesLineAndColumnOfABadNumber) {
  const auto error = [](std::string_view rows) { return short_text(error_in("m.csv", with(kMtok, rows))); };
  EXPECT_EQ(error("0,1,1\n1,-396,1\n"),
            "3:3: input_tokens: expected a whole number of tokens from 0 to 2^40, got '-396'");
  EXPECT_EQ(error("0,1,1.5\n"),
            "2:5: output_tokens: expected a whole number of tokens from 0 to 2^40, got '1.5'");
  EXPECT_EQ(error("0,0,1\n"), "2:3: input_tokens: a request has at least 1 input token");
  EXPECT_EQ(error("-1,1,1\n"), "2:1: arrival_s: expected seconds such as 12.5, got '-1'");
  EXPECT_EQ(error("0,1\n"), "2:3: the row has 2 cells; the header has 3");
  EXPECT_EQ(error("0,1,1,1\n"), "2:7: the row has 4 cells; the header has 3");
}

TEST(CsvTrace, RefusesAHeaderThatIsNobodys) {
  EXPECT_EQ(short_text(error_in("t.csv", "Time,GeneratedTokens,Prompt\nx,44,374\n")),
            "1:1: missing columns: TIMESTAMP, ContextTokens; azure traces have TIMESTAMP, ContextTokens, "
            "GeneratedTokens");
  EXPECT_THAT(error_in("t.csv", "a,b,c\n1,2,3\n").message,
              HasSubstr("not those of any trace format; expected one of mtok"));
  EXPECT_EQ(error_in("t.csv", "arrival_s;input_tokens;output_tokens\n").hint,
            "cells are separated by commas, not semicolons");
  EXPECT_EQ(short_text(error_in("t.csv", "arrival_s,input_tokens,output_tokens,input_tokens\n")),
            "1:38: the column 'input_tokens' is there twice");
  EXPECT_EQ(short_text(error_in("t.csv", "arrival_s,input_tokens,output_tokens,tenent\n")),
            "1:38: unknown column 'tenent'");
  EXPECT_EQ(error_in("t.csv", "").message, "the trace is empty; expected a header line or a JSON object");
}

TEST(CsvTrace, RefusesAFormatThatTheFileIsNot) {
  EXPECT_EQ(short_text(error_in("t.csv", kMtok, {.format = TraceFormat::azure})),
            "1:1: expected the format azure, but by its names this trace is mtok");
  EXPECT_EQ(short_text(error_in("t.csv", kMtok, {.format = TraceFormat::mooncake})),
            "1:1: expected the format mooncake, which is JSON lines, but this is CSV");
  EXPECT_EQ(short_text(error_in("t.csv", "Time,GeneratedTokens\n", {.format = TraceFormat::azure})),
            "1:1: missing columns: TIMESTAMP, ContextTokens; azure traces have TIMESTAMP, ContextTokens, "
            "GeneratedTokens");
}

TEST(CsvTrace, ReadsHashIdsOfItsOwnFormatGivenTheirBlockSize) {
  const std::string text =
      "arrival_s,input_tokens,output_tokens,hash_ids\n0,33,1,1;2;18446744073709551615\n1,5,1,\n";
  const auto requests = read_text("m.csv", text, {.hash_block_size = 16});
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].hash_ids, (std::vector<std::uint64_t>{1, 2, UINT64_MAX}));
  EXPECT_TRUE(requests[1].hash_ids.empty());
  EXPECT_EQ(short_text(error_in("m.csv", text)),
            "1:38: the trace has hash_ids, but hash_block_size is not set");
  EXPECT_EQ(short_text(error_in("m.csv", text, {.hash_block_size = 512})),
            "2:8: hash_ids: 3 ids, but 33 input tokens are 1 blocks of 512 tokens");
  const std::string bad = "arrival_s,input_tokens,output_tokens,hash_ids\n0,33,1,1;2;18446744073709551616\n";
  EXPECT_EQ(short_text(error_in("m.csv", bad, {.hash_block_size = 16})),
            "2:8: hash id 3 is not a whole number below 2^64");
}

TEST(CsvTrace, ScalesArrivalsAndStopsAtTheLimit) {
  const auto requests =
      read_text("m.csv", with(kMtok, "10,1,1\n11,1,1\n13,1,1\n"), {.limit = 2, .rate_scale = 2});
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].arrival_ns, 500'000'000);  // 1 s after the first, at twice the rate
}

// 4e18 ns are 127 years; the clock of a run ends after 292.
TEST(CsvTrace, RefusesArrivalsBeyondTheClock) {
  const std::string day = with(kMtok, "0,1,1\n86400,1,1\n");
  EXPECT_EQ(short_text(error_in("m.csv", day, {.rate_scale = 1e-10})),
            "3:1: the request comes 27378508 years after the first one; a run can hold 127");
  EXPECT_EQ(short_text(error_in("m.csv", with(kMtok, "0,1,1\n9000000000,1,1\n"))),
            "3:1: the request comes 285 years after the first one; a run can hold 127");
}

TEST(CsvTrace, RefusesBytesThatAreNotText) {
  EXPECT_EQ(error_in("m.csv", with(kMtok, "0,1,1\n1,\xff,1\n")).at.line, 3);
  EXPECT_EQ(error_in("m.csv", with(kMtok, std::string_view("0,1,1\n1,\0,1\n", 12))).at.line, 3);
}

}  // namespace
}  // namespace mtok::workload
