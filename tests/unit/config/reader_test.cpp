// Typed reading: what each getter accepts, and what it says about everything else.
#include "sim/config/reader.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace mtok::config {
namespace {

/// What reading `yaml` with `read` ends with: the errors without excerpts, one a line; empty when it is
/// accepted.
template <class Read>
std::string errors_in(const std::string& yaml, const Read& read) {
  Document document = Document::from_yaml(yaml, "f.yaml");
  Reader root = document.root();
  read(root);
  try {
    document.finish();
  } catch (const Error& e) {
    std::string out;
    for (const Diagnostic& d : e.diagnostics()) {
      out += std::to_string(d.at.line) + ":" + std::to_string(d.at.column) + " " + d.message +
             (d.hint.empty() ? "" : " (" + d.hint + ")") + "\n";
    }
    return out;
  }
  return {};
}

std::string number_error(const std::string& text, Range range = {}) {
  return errors_in("x: " + text + "\n", [&](Reader& r) { (void)r.number("x", range); });
}
std::string integer_error(const std::string& text, IntRange range = {}) {
  return errors_in("x: " + text + "\n", [&](Reader& r) { (void)r.integer("x", range); });
}

TEST(Reader, ReadsEachTypeByName) {
  Document document = Document::from_yaml(
      "name: chat\nshare: 0.25\ncount: 4\non: true\nbandwidth: 3.35 TB/s\nquoted: '700 W'\n"
      "words: [a, 'b c', NO]\nsizes: [1, 2, 3]\nparts: [0.5, 1e-3]\nengine:\n  block_size: 16\n",
      "f.yaml");
  Reader r = document.root();
  EXPECT_EQ(r.text("name"), "chat");
  EXPECT_EQ(r.number("share", kFraction), 0.25);
  EXPECT_EQ(r.integer("count"), 4);
  EXPECT_TRUE(r.flag("on"));
  EXPECT_EQ(r.quantity<BytesPerSecond>("bandwidth"), BytesPerSecond(3.35e12));
  EXPECT_EQ(r.quantity<Watts>("quoted"), Watts(700));
  EXPECT_EQ(r.texts("words"), (std::vector<std::string>{"a", "b c", "NO"}));
  EXPECT_EQ(r.integers("sizes"), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(r.numbers("parts"), (std::vector<double>{0.5, 0.001}));
  EXPECT_EQ(r.mapping("engine").integer("block_size"), 16);
  r.done();
  r.mapping("engine").done();  // a second reader of the same mapping knows what the first one read
  EXPECT_NO_THROW(document.finish());
}

TEST(Reader, GivesFallbacksForAbsentKeysOnly) {
  Document document = Document::from_yaml("share: abc\n", "f.yaml");
  Reader r = document.root();
  EXPECT_EQ(r.number_or("rate", 1.5), 1.5);
  EXPECT_EQ(r.integer_or("seed", 7), 7);
  EXPECT_EQ(r.text_or("router", "least_loaded"), "least_loaded");
  EXPECT_TRUE(r.flag_or("chunked", true));
  EXPECT_EQ(r.quantity_or<Watts>("tdp", Watts(5)), Watts(5));
  EXPECT_TRUE(r.ok());
  (void)r.number_or("share", 1.0);
  EXPECT_FALSE(r.ok());
  EXPECT_THROW(document.finish(), Error);
}

TEST(Reader, NamesTheSlipInANumber) {
  EXPECT_EQ(number_error("2,10"), "1:4 x: expected a number, got '2,10' (use a decimal point: 2.10)\n");
  EXPECT_EQ(number_error("0700"),
            "1:4 x: expected a number, got '0700' (write 700, without leading zeros)\n");
  EXPECT_EQ(number_error("141 GB"),
            "1:4 x: expected a number, got '141 GB' (this field takes a plain number without a unit, such as "
            "141)\n");
  EXPECT_EQ(number_error("1,000,000"),
            "1:4 x: expected a number, got '1,000,000' (write 1000000, without separators)\n");
  EXPECT_EQ(number_error(".nan"),
            "1:4 x: expected a number, got '.nan' (only finite numbers have a meaning here)\n");
  EXPECT_EQ(number_error("-.inf"),
            "1:4 x: expected a number, got '-.inf' (only finite numbers have a meaning here)\n");
  EXPECT_EQ(number_error("+5"), "1:4 x: expected a number, got '+5' (write 5, without '+')\n");
  EXPECT_EQ(number_error(".5"),
            "1:4 x: expected a number, got '.5' (write a digit before and after the decimal point)\n");
  EXPECT_EQ(number_error("0x1F"), "1:4 x: expected a number, got '0x1F' (write the number in decimal)\n");
  EXPECT_EQ(number_error("1e400"),
            "1:4 x: expected a number, got '1e400' (the number is too large or too small)\n");
  EXPECT_EQ(number_error("'5'"),
            "1:4 x: expected a number, got the text '5' (write the number without quotes)\n");
  EXPECT_EQ(number_error("[5]"), "1:4 x: expected a number, got a list\n");
  EXPECT_EQ(number_error("{a: 5}"), "1:4 x: expected a number, got a mapping\n");
  EXPECT_EQ(number_error("fast"), "1:4 x: expected a number, got 'fast'\n");
}

TEST(Reader, SaysWhichNumbersAreAllowed) {
  EXPECT_EQ(number_error("0", kPositive), "1:4 x: expected a value greater than 0, got '0'\n");
  EXPECT_EQ(number_error("-1", kNotNegative), "1:4 x: expected a value of at least 0, got '-1'\n");
  EXPECT_EQ(number_error("1.5", kFraction), "1:4 x: expected a value from 0 to 1, got '1.5'\n");
  EXPECT_EQ(number_error("1.0", kFraction), "");
  EXPECT_EQ(integer_error("0", kAtLeastOne), "1:4 x: expected a whole number of at least 1, got '0'\n");
  EXPECT_EQ(integer_error("9", {.least = 1, .most = 8}),
            "1:4 x: expected a whole number from 1 to 8, got '9'\n");
  // 2^53 is the default limit: every whole number up to it is exact as a double too.
  EXPECT_EQ(integer_error("9007199254740992"), "");
  EXPECT_EQ(integer_error("9007199254740993"),
            "1:4 x: expected a whole number from 0 to 9007199254740992, got '9007199254740993'\n");
}

TEST(Reader, RefusesWholeNumbersWrittenAsReals) {
  EXPECT_EQ(integer_error("4096.0"), "1:4 x: expected a whole number, got '4096.0' (write it as 4096)\n");
  EXPECT_EQ(integer_error("1e6"), "1:4 x: expected a whole number, got '1e6' (write it as 1000000)\n");
  EXPECT_EQ(integer_error("2.5"),
            "1:4 x: expected a whole number, got '2.5' (a fraction has no meaning here)\n");
  EXPECT_EQ(integer_error("99999999999999999999"),
            "1:4 x: expected a whole number, got '99999999999999999999' (the number is too large)\n");
}

TEST(Reader, TakesOnlyTrueAndFalseAsFlags) {
  const auto error = [](const std::string& text) {
    return errors_in("x: " + text + "\n", [](Reader& r) { (void)r.flag("x"); });
  };
  EXPECT_EQ(error("false"), "");
  EXPECT_EQ(error("yes"), "1:4 x: expected true or false, got 'yes' (write true)\n");
  EXPECT_EQ(error("'true'"),
            "1:4 x: expected true or false, got the text 'true' (write true without quotes)\n");
  EXPECT_EQ(error("maybe"), "1:4 x: expected true or false, got 'maybe'\n");
}

TEST(Reader, AsksForAUnitWithAnExample) {
  const auto error = [](const std::string& text) {
    return errors_in("tdp: " + text + "\n", [](Reader& r) { (void)r.quantity<Watts>("tdp"); });
  };
  EXPECT_EQ(error("700 W"), "");
  EXPECT_EQ(error("700"),
            "1:6 tdp: expected a value with a unit such as '700 W', got '700' (units: W, kW, MW)\n");
  EXPECT_EQ(
      error("0,7 kW"),
      "1:6 tdp: expected a value with a unit such as '700 W', got '0,7 kW' (use a decimal point: 0.7 kW)\n");
  EXPECT_EQ(error("0 W"), "1:6 tdp: expected a value greater than 0, got '0 W'\n");
  EXPECT_EQ(error("[700 W]"), "1:6 tdp: expected a single value, got a list\n");
}

TEST(Reader, ListsTheWordsOfAChoice) {
  static constexpr std::array<Choice<int>, 3> kRouters{
      {{"round_robin", 1}, {"least_loaded", 2}, {"affine", 3}}};
  const auto read = [](Reader& r) { (void)r.choice<int>("router", kRouters); };
  EXPECT_EQ(errors_in("router: affine\n", read), "");
  EXPECT_EQ(errors_in("router: least_loadet\n", read),
            "1:9 router: expected one of round_robin, least_loaded, affine, got 'least_loadet' "
            "(did you mean 'least_loaded'?)\n");
}

TEST(Reader, CollectsAllErrorsInTheOrderOfTheFile) {
  const std::string yaml = "a: x\nengine:\n  max_num_seq: 256\n  block_size: big\nb: [1, y]\n";
  EXPECT_EQ(errors_in(yaml,
                      [](Reader& r) {
                        (void)r.integers("b");
                        (void)r.number("a");
                        Reader engine = r.mapping("engine");
                        (void)engine.integer("block_size");
                        (void)engine.integer_or("max_num_seqs", 256);
                        engine.done();
                        (void)r.text("name");
                        r.done();
                      }),
            "1:1 name: the key is missing\n"
            "1:4 a: expected a number, got 'x'\n"
            "3:3 unknown key 'max_num_seq' in 'engine' (did you mean 'max_num_seqs'?)\n"
            "4:15 engine.block_size: expected a whole number, got 'big'\n"
            "5:8 b[1]: expected a whole number, got 'y'\n");
}

TEST(Reader, IsSilentBelowAMappingThatIsMissing) {
  EXPECT_EQ(errors_in("a: 1\nengine: 5\n",
                      [](Reader& r) {
                        r.ignore("a");
                        Reader engine = r.mapping("engine");
                        (void)engine.integer("block_size");
                        (void)engine.mapping("deeper").text("name");
                        engine.fail("block_size", "does not divide");
                        engine.done();
                        r.done();
                      }),
            "2:9 engine: expected a mapping, got '5'\n");
}

TEST(Reader, ReadsListsOfMappings) {
  Document document = Document::from_yaml("tiers:\n  - name: dram\n  - name: ssd\n    size: 5\n", "f.yaml");
  Reader root = document.root();
  std::vector<Reader> tiers = root.mappings("tiers");
  ASSERT_EQ(tiers.size(), 2U);
  EXPECT_EQ(tiers[0].text("name"), "dram");
  EXPECT_EQ(tiers[1].text("name"), "ssd");
  EXPECT_EQ(tiers[1].path_of("size"), "tiers[1].size");
  EXPECT_EQ(tiers[1].where("size"), (Position{.line = 4, .column = 11}));
  EXPECT_TRUE(root.mappings("absent").empty());
  EXPECT_NO_THROW(document.finish());
}

TEST(Reader, TellsKnownKeysWhenNoneIsNear) {
  EXPECT_EQ(errors_in("colour: red\n",
                      [](Reader& r) {
                        (void)r.text_or("name", "");
                        (void)r.integer_or("seed", 1);
                        r.done();
                      }),
            "1:1 unknown key 'colour' (known keys: name, seed)\n");
}

TEST(Reader, KeepsTwentyErrorsAndCountsTheRest) {
  std::string yaml;
  for (int i = 0; i < 25; ++i) {
    yaml += "key" + std::to_string(i) + ": 1\n";
  }
  Document document = Document::from_yaml(yaml, "f.yaml");
  document.root().done();
  try {
    document.finish();
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.diagnostics().size(), 20U);
    EXPECT_TRUE(std::string(e.what()).ends_with("\n25 errors, of which the first 20 are shown.")) << e.what();
  }
}

TEST(Reader, DemandsQuotesAroundTextInJson) {
  Document document =
      Document::from_json(R"({"name": 5, "size": "4096", "ratio": NaN, "scale": null})", "f.json");
  Reader r = document.root();
  (void)r.text("name");
  (void)r.integer("size");
  (void)r.number("ratio");
  EXPECT_TRUE(r.is_null("scale"));
  r.ignore("scale");
  r.done();
  try {
    document.finish();
    FAIL() << "accepted";
  } catch (const Error& e) {
    ASSERT_EQ(e.diagnostics().size(), 3U);
    EXPECT_EQ(e.diagnostics()[0].message, "name: expected a text, got '5'");
    EXPECT_EQ(e.diagnostics()[1].message, "size: expected a whole number, got the text '4096'");
    EXPECT_EQ(e.diagnostics()[2].message, "ratio: expected a number, got 'NaN'");
  }
}

TEST(Reader, RefusesControlCharactersInTextThatCameByEscapes) {
  EXPECT_EQ(errors_in("name: \"a\\u202Eb\"\n", [](Reader& r) { (void)r.text("name"); }),
            "1:7 name: expected a text without control characters, got the text 'a b'\n");
}

TEST(Reader, SurvivesAMoveOfItsDocument) {
  Document first = Document::from_yaml("name: chat\n", "f.yaml");
  Reader root = first.root();
  const Document second = std::move(first);
  EXPECT_EQ(root.text("name"), "chat");
  EXPECT_NO_THROW(second.finish());
}

class DocumentOnDisk : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  /// The first line of the error that loading ends with.
  static std::string error_of(const std::filesystem::path& path) {
    try {
      (void)Document::load(path);
    } catch (const Error& e) {
      const std::string text = e.what();
      return text.substr(0, text.find('\n'));
    }
    return {};
  }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("config_test_" + std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
       testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(DocumentOnDisk, NamesWhatIsNoFile) {
  const std::string missing = (folder_ / "none.yaml").string();
  EXPECT_EQ(error_of(missing), missing + ":1:1: error: there is no such file");
  EXPECT_EQ(error_of(folder_), folder_.string() + ":1:1: error: expected a file, got a folder");
  EXPECT_EQ(error_of("/dev/null"),
            "/dev/null:1:1: error: expected a regular file, got a pipe, a socket or a device");
}

TEST_F(DocumentOnDisk, RefusesWhatIsTooLargeEmptyOrAPointer) {
  const auto large = write("large.yaml", std::string(kMaxYamlBytes + 1, 'a'));
  EXPECT_EQ(
      error_of(large),
      large.string() + ":1:1: error: the file is too large: 4194305 bytes, and at most 4194304 can be read");
  const auto blank = write("blank.yaml", " \n\n");
  EXPECT_EQ(error_of(blank), blank.string() + ":1:1: error: the file is empty");
  const auto pointer =
      write("config.json", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n");
  EXPECT_EQ(error_of(pointer),
            pointer.string() + ":1:1: error: this is a Git LFS pointer, not the file that it stands for");
}

TEST_F(DocumentOnDisk, ReadsJsonByItsExtension) {
  Document document = Document::load(write("config.json", "{\"name\": \"a\"}"));
  EXPECT_EQ(document.root().text("name"), "a");
}

TEST(Document, LeavesAreScalarsWithTheirPaths) {
  const Document document = Document::from_yaml("a: {b: 010, c: [x, {d: 'y'}]}\ne: true\n", "f.yaml");
  const std::vector<std::pair<std::string, std::string>> expected{
      {"a.b", "010"}, {"a.c[0]", "x"}, {"a.c[1].d", "y"}, {"e", "true"}};
  EXPECT_EQ(document.leaves(), expected);
}

}  // namespace
}  // namespace mtok::config
