// What the writer writes, the reader reads back.
#include "sim/workload/trace_writer.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "sim/workload/formula_guard.hpp"
#include "sim/workload/synthetic.hpp"
#include "tests/unit/workload/trace_files.hpp"

namespace mtok::workload {
namespace {

using testing_files::TempFile;

class ListSource final : public RequestSource {
 public:
  ListSource(std::vector<Request> requests, std::int64_t block_size)
      : requests_(std::move(requests)), block_size_(block_size) {}
  bool next(Request& request) override {
    if (at_ == requests_.size()) {
      return false;
    }
    request = requests_[at_++];
    return true;
  }
  std::int64_t hash_block_size() const override { return block_size_; }

 private:
  std::vector<Request> requests_;
  std::int64_t block_size_;
  std::size_t at_ = 0;
};

const std::vector<Request>& varied() {
  static const std::vector<Request> requests{{.arrival_ns = 0,
                                              .input_tokens = 33,
                                              .output_tokens = 1,
                                              .hash_ids = {0, UINT64_MAX, 7},
                                              .tenant = "a,b"},
                                             {.arrival_ns = 1,
                                              .input_tokens = 1,
                                              .output_tokens = 2,
                                              .hash_ids = {9},
                                              .model = "=HYPERLINK(\"http://x\",1)"},
                                             {.arrival_ns = 1'500'000'000,
                                              .input_tokens = 2,
                                              .output_tokens = 3,
                                              .hash_ids = {9},
                                              .tenant = "'-x",
                                              .model = "it's"},
                                             {.arrival_ns = 3'600'000'000'001,
                                              .input_tokens = 16,
                                              .output_tokens = 4,
                                              .hash_ids = {1},
                                              .tenant = "@a",
                                              .model = "+1"}};
  return requests;
}

TEST(MtokCsv, IsReadableText) {
  ListSource source({{.arrival_ns = 0, .input_tokens = 3, .output_tokens = 4, .tenant = "=1+1", .model = "m"},
                     {.arrival_ns = 1'500'000'000, .input_tokens = 5, .output_tokens = 6}},
                    0);
  std::ostringstream out;
  EXPECT_EQ(write_mtok_csv(source, out), 2);
  EXPECT_EQ(out.str(), "arrival_s,input_tokens,output_tokens,tenant,model\n0,3,4,'=1+1,m\n1.5,5,6,,\n");
}

TEST(MtokCsv, RoundTripsEveryField) {
  for (const char* name : {"t.csv", "t.csv.gz"}) {
    const TempFile file(name, "");
    ListSource source(varied(), 16);
    EXPECT_EQ(write_mtok_csv(source, file.path()), 4);
    EXPECT_EQ(testing_files::read_all(file.path(), {.hash_block_size = 16}), varied()) << name;
  }
}

TEST(MtokCsv, GivesTheSameBytesEachTime) {
  const auto bytes = [] {
    const TempFile file("t.csv.gz", "");
    ListSource source(varied(), 16);
    write_mtok_csv(source, file.path());
    std::ifstream in(file.path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  EXPECT_EQ(bytes(), bytes());
}

TEST(MtokCsv, RefusesAFileItCannotWrite) {
  ListSource source(varied(), 16);
  EXPECT_THROW(write_mtok_csv(source, std::filesystem::path("/no/such/folder/t.csv")), config::Error);
  EXPECT_THROW(write_mtok_csv(source, std::filesystem::path("t.xlsx")), config::Error);
  if (std::filesystem::exists("/dev/full")) {
    const TempFile place("unused", "");
    const auto full = place.path().parent_path() / "full.csv";
    std::filesystem::create_symlink("/dev/full", full);
    EXPECT_THROW(write_mtok_csv(source, full), config::Error);
  }
}

TEST(FormulaGuard, PutsAnApostropheBeforeWhatASpreadsheetWouldRun) {
  EXPECT_EQ(guarded("=1+1"), "'=1+1");
  EXPECT_EQ(guarded("+1"), "'+1");
  EXPECT_EQ(guarded("-0.5"), "'-0.5");
  EXPECT_EQ(guarded("@sum"), "'@sum");
  EXPECT_EQ(guarded("\tx"), "'\tx");
  EXPECT_EQ(guarded("GPT-4"), "GPT-4");
  EXPECT_EQ(guarded("'quoted'"), "'quoted'");
  EXPECT_EQ(guarded(""), "");
}

TEST(FormulaGuard, IsUndoneExactly) {
  for (const char* text : {"=1+1", "'=1+1", "''-x", "'", "''", "it's", "", "plain", "'plain", "@", "-"}) {
    EXPECT_EQ(unguarded(guarded(text)), text);
  }
}

}  // namespace
}  // namespace mtok::workload
