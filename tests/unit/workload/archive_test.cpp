// Compressed traces: read as the plain ones, refused when cut off, damaged or swollen.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <thread>

#include "sim/workload/line_reader.hpp"
#include "tests/unit/workload/trace_files.hpp"

namespace mtok::workload {
namespace {

using testing::HasSubstr;
using testing_files::error_in;
using testing_files::read_all;
using testing_files::read_text;
using testing_files::TempFile;

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

/// Rows at one a second, varied enough that they do not pack by 200.
std::string rows(int from, int to) {
  std::string text = from == 0 ? "arrival_s,input_tokens,output_tokens\n" : "";
  for (int i = from; i < to; ++i) {
    text += std::to_string(i) + "," + std::to_string(1 + i * 7919 % 5003) + "," +
            std::to_string(1 + i * 31 % 211) + "\n";
  }
  return text;
}

TEST(Archive, GivesTheSameRequestsAsThePlainFile) {
  const std::string text = rows(0, 60000);  // more than one block of every buffer
  const auto plain = read_text("a.csv", text);
  EXPECT_EQ(plain.size(), 60000U);
  EXPECT_EQ(read_text("a.csv.gz", gzip(text)), plain);
  EXPECT_EQ(read_text("a.csv.zst", zstd(text)), plain);
}

TEST(Archive, ReadsSeveralMembersAsOneText) {
  const auto plain = read_text("a.csv", rows(0, 2000));
  EXPECT_EQ(read_text("a.csv.gz", gzip(rows(0, 900)) + gzip(rows(900, 2000))), plain);
  EXPECT_EQ(read_text("a.csv.zst", zstd(rows(0, 900)) + zstd(rows(900, 2000))), plain);
}

TEST(Archive, IsAnErrorWhenItIsCutOffAnywhere) {
  const std::string gz = gzip(rows(0, 500));
  const std::string zst = zstd(rows(0, 500));
  for (std::size_t cut : {std::size_t{5}, std::size_t{12}, gz.size() / 2, gz.size() - 9, gz.size() - 1}) {
    EXPECT_THAT(error_in("a.csv.gz", gz.substr(0, cut)).message, HasSubstr("cut off")) << cut;
  }
  for (std::size_t cut : {std::size_t{5}, std::size_t{12}, zst.size() / 2, zst.size() - 1}) {
    EXPECT_THAT(error_in("a.csv.zst", zst.substr(0, cut)).message, HasSubstr("cut off")) << cut;
  }
}

TEST(Archive, IsAnErrorWhenItIsDamaged) {
  std::string gz = gzip(rows(0, 500));
  gz[gz.size() - 6] = static_cast<char>(gz[gz.size() - 6] ^ 1);  // in the check sum
  EXPECT_THAT(error_in("a.csv.gz", gz).message, HasSubstr("damaged"));
  EXPECT_THAT(error_in("a.csv.gz", gzip(rows(0, 500)) + "garbage").message, HasSubstr("damaged"));
  EXPECT_THAT(error_in("a.csv.zst", zstd(rows(0, 500)) + "garbage").message, HasSubstr("damaged"));
}

TEST(Archive, IsAnErrorWhenItSwells) {
  // 24 MiB of one short row, as members of 1 MiB: every line is fine, the ratio is several hundred.
  std::string part;
  while (part.size() < std::size_t{1} << 20U) {
    part += "0,1,1\n0,1,1\n0,1,1\n0,1,1\n";
  }
  const std::string gz_part = gzip(part);
  const std::string zst_part = zstd(part);
  std::string gz = gzip(rows(0, 1));
  std::string zst = zstd(rows(0, 1));
  for (int i = 0; i < 24; ++i) {
    gz += gz_part;
    zst += zst_part;
  }
  EXPECT_THAT(error_in("a.csv.gz", gz).message, HasSubstr("more than 200 times"));
  EXPECT_THAT(error_in("a.csv.zst", zst).message, HasSubstr("more than 200 times"));
}

TEST(Archive, CountsLinesOfTheDecompressedText) {
  const config::Diagnostic error = error_in("a.csv.gz", gzip(rows(0, 300) + "300,x,1\n"));
  EXPECT_EQ(testing_files::short_text(error),
            "302:5: input_tokens: expected a whole number of tokens from 0 to 2^40, got 'x'");
}

TEST(TraceFile, SaysWhatAGitLfsPointerIs) {
  constexpr std::string_view kPointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 52283111\n";
  for (const char* name : {"BurstGPT_1.csv", "trace.jsonl", "trace.csv.gz"}) {
    const config::Diagnostic error = error_in(name, kPointer);
    EXPECT_THAT(error.message, HasSubstr("Git LFS pointer")) << name;
    EXPECT_THAT(error.hint, HasSubstr("git lfs pull"));
  }
}

TEST(TraceFile, RefusesWhatIsNotThereOrNotWhatItsNameSays) {
  EXPECT_THAT(testing_files::error_of("no/such/file.csv").message, HasSubstr("cannot open"));
  EXPECT_THAT(testing_files::error_of(std::filesystem::temp_directory_path()).message, HasSubstr("folder"));
  EXPECT_THAT(error_in("a.csv.gz", rows(0, 3)).message, HasSubstr("ends in .gz"));
}

TEST(TraceFile, AcceptsALineOfOneMebibyteAndNoMore) {
  const std::string header = "arrival_s,input_tokens,output_tokens,tenant\n";
  const std::string row = "0,1,1,";
  const std::string fits(kMaxLineBytes - row.size(), 't');
  EXPECT_EQ(read_text("a.csv", header + row + fits + "\n").size(), 1U);
  EXPECT_EQ(testing_files::short_text(error_in("a.csv", header + row + fits + "t\n")),
            "2:1: the line is longer than 1 MiB; expected one request a line");
}

TEST(TraceFile, StreamsFromAPipe) {
  const TempFile place("unused", "");
  const std::filesystem::path pipe = place.path().parent_path() / "pipe.csv";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << rows(0, 50000); });
  EXPECT_EQ(read_all(pipe).size(), 50000U);
  writer.join();
}

}  // namespace
}  // namespace mtok::workload
