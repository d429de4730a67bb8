// JSONL traces: fields by name, strict JSON, clocks in milliseconds, seconds and nanoseconds.
#include <gmock/gmock.h>

#include "sim/config/value.hpp"
#include "sim/workload/json_fields.hpp"
#include "sim/workload/random.hpp"
#include "tests/unit/workload/trace_files.hpp"

namespace mtok::workload {
namespace {

using testing::HasSubstr;
using testing_files::error_in;
using testing_files::read_text;
using testing_files::short_text;

TEST(JsonlTrace, ReadsMooncakeInMillisecondsAndBlocksOf512) {
  const auto requests =
      read_text("m.jsonl",
                "{\"timestamp\": 1000, \"input_length\": 513, \"output_length\": 2, \"hash_ids\": [0, 7]}\n"
                "{\"timestamp\": 4000, \"input_length\": 512, \"output_length\": 3, \"hash_ids\": [0]}\n\n");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0],
            (Request{.arrival_ns = 0, .input_tokens = 513, .output_tokens = 2, .hash_ids = {0, 7}}));
  EXPECT_EQ(requests[1].arrival_ns, 3'000'000'000);
}

TEST(JsonlTrace, ReadsQwenInSecondsAndBlocksOf16) {
  const auto requests = read_text("q.jsonl",
                                  "{\"chat_id\": 159, \"parent_chat_id\": -1, \"timestamp\": 61.25, "
                                  "\"input_length\": 17, \"output_length\": 9, "
                                  "\"type\": \"text\", \"turn\": 1, \"hash_ids\": [3, 4]}\n"
                                  "{\"chat_id\": 160, \"parent_chat_id\": 159, \"timestamp\": 61.5, "
                                  "\"input_length\": 16, \"output_length\": 9, "
                                  "\"type\": \"t\\u00e9\", \"turn\": 2, \"hash_ids\": [3]}\n");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].arrival_ns, 250'000'000);
  EXPECT_EQ(requests[1].hash_ids, (std::vector<std::uint64_t>{3}));
}

TEST(JsonlTrace, ReadsLlmServingSimInNanoseconds) {
  const auto requests = read_text(
      "l.jsonl",
      "{\"input_toks\": 5, \"output_toks\": 6, \"arrival_time_ns\": 101537000, \"input_tok_ids\": [1, 2]}\n"
      "{\"input_toks\": 7, \"output_toks\": 8, \"arrival_time_ns\": 101537001}");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1], (Request{.arrival_ns = 1, .input_tokens = 7, .output_tokens = 8}));
}

// Nested values and escapes go to the strict parser; the request must be the same.
TEST(JsonlTrace, ReadsTheSameByBothWays) {
  const std::string plain = R"({"timestamp":5,"input_length":20,"output_length":2,"hash_ids":[9]})";
  const std::string nested =
      R"({"x": {"y": [1, null]}, "\u0074imestamp": 5, "input_length": 20, "output_length": 2, "hash_ids": [9]})";
  EXPECT_EQ(read_text("a.jsonl", plain), read_text("a.jsonl", nested));
}

TEST(JsonlTrace, RefusesIdsThatDoNotCoverTheInput) {
  const config::Diagnostic error = error_in(
      "m.jsonl", "{\"timestamp\": 0, \"input_length\": 513, \"output_length\": 2, \"hash_ids\": [0]}\n");
  EXPECT_EQ(short_text(error), "1:71: hash_ids: 1 ids, but 513 input tokens are 2 blocks of 512 tokens");
  EXPECT_THAT(error.hint, HasSubstr("hash_block_size"));
}

TEST(JsonlTrace, NamesLineAndColumnOfABadValue) {
  const auto error = [](std::string_view line) {
    return short_text(
        error_in("m.jsonl", "{\"timestamp\":0,\"input_length\":1,\"output_length\":1,\"hash_ids\":[1]}\n" +
                                std::string(line) + "\n"));
  };
  EXPECT_EQ(error(R"({"timestamp":0,"input_length":"1","output_length":1,"hash_ids":[1]})"),
            "2:31: input_length: expected a number");
  EXPECT_EQ(error(R"({"timestamp":0,"input_length":1e3,"output_length":1,"hash_ids":[1]})"),
            "2:31: input_length: expected a whole number of tokens from 0 to 2^40, got '1e3'");
  EXPECT_EQ(error(R"({"timestamp":null,"input_length":1,"output_length":1,"hash_ids":[1]})"),
            "2:14: timestamp: expected a number");
  EXPECT_EQ(error(R"({"timestamp":0,"input_length":1,"output_length":1})"),
            "2:1: the field hash_ids is missing");
  EXPECT_EQ(error(R"({"timestamp":0,"input_length":1,"output_length":1,"hash_ids":1})"),
            "2:62: hash_ids: expected a list of whole numbers");
  EXPECT_EQ(error(R"({"timestamp":0,"input_length":1,"output_length":1,"hash_ids":[-1]})"),
            "2:63: hash id 1 is not a whole number below 2^64");
  EXPECT_EQ(error(R"({"timestamp":0,"input_length":1,"output_length":1,"hash_ids":["1"]})"),
            "2:63: hash id 1 is not a whole number below 2^64");
  EXPECT_EQ(error("[1]"), "2:1: expected a JSON object, one a line");
}

TEST(JsonlTrace, RefusesWhatJsonRefuses) {
  for (const char* line : {
           R"({"timestamp":0,"input_length":1,"output_length":1,"hash_ids":[1],})",
           R"({"timestamp":0,"input_length":01,"output_length":1,"hash_ids":[1]})",
           R"({"timestamp":0,"input_length":1,"output_length":1,"hash_ids":[1,]})",
           R"({"timestamp":0,"input_length":1,"output_length":1,"hash_ids":[01]})",
           R"({"timestamp":0,"input_length":1,"output_length":1,"hash_ids":[1]} {})",
           R"({"timestamp":0,"input_length":1,"output_length":1,"hash_ids":[1])",
           R"({"timestamp":.5,"input_length":1,"output_length":1,"hash_ids":[1]})",
           R"({"timestamp":0,"input_length":1,"output_length":1,"x":"a,"hash_ids":[1]})",
           R"({"timestamp":0,"input_length":1,"output_length":1,"x":1,"x":2,"hash_ids":[1]})",
           "{'timestamp':0}",
           "{",
       }) {
    EXPECT_EQ(error_in("m.jsonl", line).at.line, 1) << line;
  }
}

TEST(JsonlTrace, NeverTakesOneClockForAnother) {
  const std::string qwen = R"({"chat_id":1,"timestamp":1,"input_length":1,"output_length":1,"hash_ids":[1]})";
  EXPECT_EQ(short_text(error_in("q.jsonl", qwen, {.format = TraceFormat::mooncake})),
            "1:1: expected the format mooncake, but by its names this trace is qwen");
  EXPECT_THAT(error_in("q.jsonl", R"({"timestamp":1,"input_length":1,"output_length":1})").message,
              HasSubstr("missing fields: "));
  EXPECT_THAT(error_in("q.jsonl", R"({"a":1})").message,
              HasSubstr("the fields are not those of any trace format"));
  EXPECT_THAT(error_in("q.jsonl", qwen, {.format = TraceFormat::azure}).message, HasSubstr("which is CSV"));
}

TEST(JsonScanner, LeavesWhatItDoesNotKnowToTheParser) {
  std::vector<JsonField> fields;
  std::vector<std::uint64_t> ids;
  EXPECT_TRUE(scan_fields(R"({"a": -1.5e+3, "ids": [1, 22], "t": "x"} )", "ids", fields, ids));
  EXPECT_EQ(fields.size(), 3U);
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 22}));
  for (const char* line :
       {"", "{}", "{\"a\":true}", "{\"a\":[[1]]}", "{\"a\":\"\\n\"}", "{\"a\":[1.5]}", "{\"a\":-}",
        "{\"a\":1.}", "{\"a\":1e}", "{\"a\":[99999999999999999999]}", "{\"a\":1}x", "{\"a\" 1}"}) {
    EXPECT_FALSE(scan_fields(line, "ids", fields, ids)) << line;
  }
}

// Lines with a few bytes changed at random: what the scanner accepts, the strict parser accepts with the same
// fields.
TEST(JsonScanner, AcceptsNothingThatTheParserRefuses) {
  constexpr std::string_view kLine =
      R"({"timestamp": -1.5e3, "input_length": 20, "t": "text", "x": [1, 2, 30], "hash_ids": [9, 10]})";
  constexpr std::string_view kBytes = "{}[]\",:0123456789.-+eE \tabx";
  Random random(1);
  std::vector<JsonField> fields;
  std::vector<std::uint64_t> ids;
  int accepted = 0;
  for (int trial = 0; trial < 50'000; ++trial) {
    std::string line(kLine);
    for (std::uint64_t change = random.below(3) + 1; change > 0; --change) {
      line[random.below(line.size())] = kBytes[random.below(kBytes.size())];
    }
    if (!scan_fields(line, "hash_ids", fields, ids)) {
      continue;
    }
    ++accepted;
    config::Value tree;
    ASSERT_NO_THROW(tree = config::parse_json(line, "t")) << line;
    ASSERT_EQ(tree.entries.size(), fields.size()) << line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      EXPECT_EQ(fields[i].key, tree.entries[i].key) << line;
      EXPECT_EQ(fields[i].value.column, static_cast<std::size_t>(tree.entries[i].value.at.column)) << line;
      if (fields[i].kind == JsonField::Kind::number) {
        EXPECT_EQ(fields[i].value.text, tree.entries[i].value.text) << line;
      }
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace mtok::workload
