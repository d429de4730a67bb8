// Every hostile or broken file of the shared set is refused with a place and a reason, or read correctly.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "sim/config/reader.hpp"

namespace mtok::config {
namespace {

namespace fs = std::filesystem;

struct Row {
  std::string file{};
  std::string kind{};
  bool accept = false;
};

fs::path nasty_folder() {
  const char* const shared = std::getenv("MTOK_SHARED");
  return (shared != nullptr ? fs::path(shared) : fs::path(MTOK_SOURCE_DIR) / "../shared") / "data/nasty";
}

/// The rows of index.csv; the columns that are read here hold no commas and no quotes.
std::vector<Row> rows() {
  std::vector<Row> out;
  std::ifstream in(nasty_folder() / "index.csv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    Row row;
    std::string expected;
    std::getline(cells, row.file, ',');
    std::getline(cells, row.kind, ',');
    std::getline(cells, expected, ',');
    row.accept = expected == "accept";
    out.push_back(row);
  }
  return out;
}

struct Card {
  std::string name{};
  std::string note{};
  double hbm_gb = 0;
  std::int64_t tdp_w = 0;
  double price = 0;
};

/// The placeholder schema of the `yaml_value` rows.
Card read_card(const fs::path& path) {
  Document document = Document::load(path);
  Reader root = document.root();
  Card card{.name = root.text("name"), .note = root.text_or("note", "")};
  card.hbm_gb = root.number("hbm_gb", kPositive);
  root.ignore("hbm_gb_per_s");
  card.tdp_w = root.integer("tdp_w", kAtLeastOne);
  card.price = root.number("price_per_hour_usd", kNotNegative);
  root.done();
  document.finish();
  return card;
}

void read_project(const fs::path& path) {
  Document document = Document::load(path);
  Reader root = document.root();
  const std::string trace = root.text("trace");
  root.done();
  document.finish();
  (void)resolve_inside(path.parent_path(), trace, {.file = path.string(), .at = root.where("trace")});
}

/// The error that reading ends with; empty when it is accepted.
std::string error_of(const Row& row) {
  const fs::path path = nasty_folder() / row.file;
  try {
    if (row.kind == "yaml_value") {
      (void)read_card(path);
    } else if (row.kind == "project") {
      read_project(path);
    } else {
      (void)Document::load(path);
    }
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

class NastyFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(nasty_folder() / "index.csv")) {
      GTEST_SKIP() << "skipped: no shared data";
    }
  }
};

/// Words that each message must hold, so that it names the cause and not only the place.
const std::map<std::string, std::string>& causes() {
  static const std::map<std::string, std::string> kCauses{
      {"y01_deep_flow.yaml", "nested deeper than 64"},
      {"y02_self_alias.yaml", "the alias '*loop' is not supported"},
      {"y03_alias_bomb.yaml", "is not supported"},
      {"y04_dup_key.yaml", "the key 'hbm_gb' stands here a second time"},
      {"y05_merge_key.yaml", "merge key"},
      {"y06_multi_doc.yaml", "a second document begins here"},
      {"y07_empty.yaml", "the file is empty"},
      {"y08_unclosed_quote.yaml", "quoted text must end on the line where it begins"},
      {"y09_nul_byte.yaml", "control character U+0000"},
      {"y10_bad_utf8.yaml", "expected UTF-8 text"},
      {"y11_python_tag.yaml", "the tag '!!python/object/apply:os.system' is not supported"},
      {"y12_no_space_after_colon.yaml", "write 'tdp_w: 700', with a space after the colon"},
      {"v01_decimal_comma.yaml", "use a decimal point: 2.10"},
      {"v02_leading_zero.yaml", "without leading zeros"},
      {"v03_nan_price.yaml", "expected a number, got '.nan'"},
      {"v04_unit_in_number.yaml", "a plain number without a unit"},
      {"p01_traversal.yaml", "inside the folder"},
      {"h05_trailing_comma.json", "remove the comma"},
      {"h08_dup_key.json", "the key 'hidden_size' stands here a second time"},
  };
  return kCauses;
}

// Rows of the kind hf_config that are wrong by meaning, not by syntax, are the model room's to refuse.
bool is_ours(const Row& row) {
  return row.kind == "yaml" || row.kind == "yaml_value" || row.kind == "project" ||
         (row.kind == "hf_config" && (row.accept || causes().contains(row.file)));
}

TEST_F(NastyFiles, AreRefusedWithPlaceAndCauseOrRead) {
  static const std::regex kPlace(R"(^[^:]+:\d+(:\d+)?: error: )");
  std::size_t seen = 0;
  for (const Row& row : rows()) {
    if (!is_ours(row)) {
      continue;
    }
    ++seen;
    SCOPED_TRACE(row.file);
    const auto start = std::chrono::steady_clock::now();
    const std::string error = error_of(row);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
    if (row.accept) {
      EXPECT_EQ(error, "");
      continue;
    }
    EXPECT_TRUE(std::regex_search(error, kPlace)) << error;
    ASSERT_TRUE(causes().contains(row.file));
    EXPECT_NE(error.find(causes().at(row.file)), std::string::npos) << error;
  }
  EXPECT_GE(seen, causes().size());
}

TEST_F(NastyFiles, KeepNorwayAsText) {
  const Card card = read_card(nasty_folder() / "v05_norway.yaml");
  EXPECT_EQ(card.name, "NO");
  EXPECT_EQ(card.note, "on");
}

TEST_F(NastyFiles, ReadAByteOrderMarkAndWindowsLineEnds) {
  const Card card = read_card(nasty_folder() / "v06_bom_crlf.yaml");
  EXPECT_EQ(card.name, "H200");
  EXPECT_EQ(card.hbm_gb, 141.0);
  EXPECT_EQ(card.tdp_w, 700);
  EXPECT_EQ(card.price, 2.10);
}

TEST_F(NastyFiles, PointAtTheOffendingValue) {
  const std::string error = error_of({.file = "v01_decimal_comma.yaml", .kind = "yaml_value"});
  const std::string name = (nasty_folder() / "v01_decimal_comma.yaml").string();
  EXPECT_EQ(error, name +
                       ":5:21: error: price_per_hour_usd: expected a number, got '2,10'\n"
                       "    5 | price_per_hour_usd: 2,10\n"
                       "      |                     ^^^^ use a decimal point: 2.10");
}

}  // namespace
}  // namespace mtok::config
