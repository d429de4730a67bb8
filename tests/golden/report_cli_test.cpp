// Runs the verbs report and verify: every kind of file, tampered results, locales, schemas, recalculation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "app/report/capacity_report.hpp"
#include "app/report/sensitivity_report.hpp"
#include "sim/units/text.hpp"
#include "tests/unit/report/made_up_forecast.hpp"

namespace mtok {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::HasSubstr;

const std::string kRoot = MTOK_SOURCE_DIR;
const std::string kData = kRoot + "/tests/golden/data";

std::string text_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The exit code of a shell command.
int shell(const std::string& line) {
  const int status = std::system(line.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_installed(const std::string& program) {
  return shell("command -v " + program + " >/dev/null 2>&1") == 0;
}

class ReportCli : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(MTOK_BINARY)) {
      GTEST_SKIP() << "skipped: the program was not built";
    }
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / ("mtok_report_" + std::string(test->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::copy(kRoot + "/tests/golden/chat.yaml", folder_ / "chat.yaml");
    fs::create_directories(folder_ / "data");
    fs::copy(kData + "/chat.csv", folder_ / "data/chat.csv");
    ASSERT_EQ(mtok("run chat.yaml --format json -o run.json"), 0) << said();
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Runs mtok in the folder of the test, on the catalogue of the golden scenarios.
  [[nodiscard]] int mtok(const std::string& arguments, const std::string& environment = "") const {
    return shell("cd '" + folder_.string() + "' && " + environment + " MTOK_DATA='" + kData +
                 "' '" MTOK_BINARY "' " + arguments + " >out 2>err </dev/null");
  }
  [[nodiscard]] std::string read(const std::string& name) const { return text_of_file(folder_ / name); }
  [[nodiscard]] std::string said() const { return read("err"); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void replace_in(const std::string& name, const std::string& before, const std::string& after) const {
    std::string text = read(name);
    const std::size_t at = text.find(before);
    ASSERT_NE(at, std::string::npos) << before << " is not in " << name;
    write(name, text.replace(at, before.size(), after));
  }

  fs::path folder_;
};

TEST_F(ReportCli, WritesEveryKindIntoAFolder) {
  ASSERT_EQ(mtok("report --all reports run.json"), 0) << said();
  for (const char* ending : {".xlsx", ".pdf", ".html", ".md", ".csv", ".json", ".focus.csv"}) {
    const auto named = [&](const fs::directory_entry& entry) {
      return entry.path().filename().string().ends_with(ending) && entry.file_size() > 100;
    };
    EXPECT_TRUE(std::any_of(fs::directory_iterator(folder_ / "reports"), fs::directory_iterator(), named))
        << ending;
  }
  ASSERT_EQ(mtok("report run.json -o one.focus.csv"), 0) << said();
  EXPECT_EQ(mtok("report --check one.focus.csv"), 0) << said();
  replace_in("one.focus.csv", ",USD,", ",usd,");
  EXPECT_EQ(mtok("report --check one.focus.csv"), 3);
  EXPECT_THAT(said(), HasSubstr("one.focus.csv:2:"));
}

TEST_F(ReportCli, RefusesWhatItCannotDo) {
  EXPECT_EQ(mtok("report run.json"), 3);
  EXPECT_EQ(mtok("report run.json -o x.doc"), 3);
  EXPECT_EQ(mtok("report nothing.json -o x.md"), 3);
  EXPECT_EQ(mtok("report chat.yaml -o x.md"), 3);
  EXPECT_EQ(mtok("report run.json -o x.md --to doc"), 2);
  EXPECT_EQ(mtok("report run.json -o missing/folder/x.xlsx"), 3);
  EXPECT_FALSE(fs::exists(folder_ / "x.md"));
}

TEST_F(ReportCli, VerifiesAResultAndSeesEveryChange) {
  EXPECT_EQ(mtok("verify run.json"), 0) << said() << read("out");
  EXPECT_THAT(read("out"), HasSubstr("Verified"));
  EXPECT_THAT(read("out"), HasSubstr("sum over requests"));
  const std::string good = read("run.json");
  const Json run = Json::parse(good);
  write("changed.json", std::regex_replace(good, std::regex("\"p50\": [0-9.]+"), "\"p50\": 1.25",
                                           std::regex_constants::format_first_only));
  EXPECT_EQ(mtok("verify changed.json"), 5) << read("out");
  EXPECT_THAT(read("out"), HasSubstr("latency.ttft_ms.p50"));
  replace_in("chat.yaml", "Open arrivals", "Arrivals");
  EXPECT_EQ(mtok("verify run.json"), 3);
  EXPECT_THAT(said(), HasSubstr("has changed"));
}

TEST_F(ReportCli, MachineReadableFilesAreTheSameInEveryLocale) {
  std::map<std::string, std::string> first;
  for (const char* locale : {"C", "de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8", "en_IN.UTF-8"}) {
    fs::remove_all(folder_ / "set");
    ASSERT_EQ(mtok("run chat.yaml --format json -o again.json", std::string("LC_ALL=") + locale), 0);
    EXPECT_EQ(read("again.json"), read("run.json"));
    ASSERT_EQ(mtok("report --all set again.json", std::string("LC_ALL=") + locale), 0) << said();
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / "set")) {
      const std::string ending = entry.path().extension().string();
      if (ending != ".pdf") {
        const std::string text = text_of_file(entry.path());
        const auto [known, added] = first.emplace(entry.path().filename().string(), text);
        EXPECT_TRUE(known->second == text) << entry.path() << " under " << locale;
      }
    }
  }
}

std::string schema_errors(const Json& document, const std::string& schema_file) {
  const Json text = Json::parse(text_of_file(schema_file));
  const valijson::adapters::NlohmannJsonAdapter schema_adapter(text);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(schema_adapter, schema);
  const valijson::adapters::NlohmannJsonAdapter target(document);
  valijson::ValidationResults results;
  std::string errors;
  if (!valijson::Validator().validate(schema, target, &results)) {
    for (valijson::ValidationResults::Error error; results.popError(error);) {
      for (const std::string& step : error.context) {
        errors += step;
      }
      errors += ": " + error.description + "\n";
    }
  }
  return errors;
}

TEST_F(ReportCli, DocumentsKeepTheirSchemas) {
  const std::string schemas = kRoot + "/docs/schemas/mtok.";
  ASSERT_EQ(mtok("compare chat.yaml --format json -o compare.json"), 0) << said();
  ASSERT_EQ(mtok("report run.json compare.json -o report.json"), 0) << said();
  for (const char* kind : {"run", "compare", "report"}) {
    const Json document = Json::parse(read(std::string(kind) + ".json"));
    EXPECT_EQ(schema_errors(document, schemas + kind + ".1.json"), "") << kind;
    Json broken = document;
    broken["hash"] = "not a hash";
    EXPECT_NE(schema_errors(broken, schemas + kind + ".1.json"), "") << kind;
  }
}

/// The cells of a CSV file by row and column, from 0.
std::vector<std::vector<std::string>> cells_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"') {
        rows.back().back() += text[++i];
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (c == '\n' && !quoted) {
      rows.emplace_back(1);
    } else {
      rows.back().back() += c;
    }
  }
  return rows;
}

struct LiveCell {
  std::size_t row = 0;
  std::size_t column = 0;
  std::string formula{};
  std::string value{};
};

/// The formulas of one sheet with the values that were written beside them.
std::vector<LiveCell> formulas_of(const std::string& xml) {
  static const std::regex cell(R"re(<c r="([A-Z]+)([0-9]+)"[^>]*><f>([^<]*)</f><v>([^<]*)</v>)re");
  std::vector<LiveCell> cells;
  for (auto it = std::sregex_iterator(xml.begin(), xml.end(), cell); it != std::sregex_iterator(); ++it) {
    std::size_t column = 0;
    for (const char letter : (*it)[1].str()) {
      column = column * 26 + static_cast<std::size_t>(letter - 'A') + 1;
    }
    cells.push_back({static_cast<std::size_t>(*units::parse_integer((*it)[2].str())) - 1, column - 1,
                     (*it)[3], (*it)[4]});
  }
  return cells;
}

class Recalculation : public ReportCli {
 protected:
  void SetUp() override {
    if (!is_installed("soffice") || !is_installed("unzip") || !is_installed("zip")) {
      GTEST_SKIP() << "skipped: needs LibreOffice, zip and unzip";
    }
    ReportCli::SetUp();
    fs::create_directories(folder_ / "profile/user");
    // LibreOffice trusts the values in the file unless told to compute on loading.
    write("profile/user/registrymodifications.xcu",
          R"(<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>)");
  }

  /// Recalculates a workbook; the cells of every sheet by its name.
  std::map<std::string, std::vector<std::vector<std::string>>> recalculate(const std::string& name,
                                                                           const std::string& locale) const {
    fs::remove_all(folder_ / "csv");
    const std::string filter =
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1";
    shell("cd '" + folder_.string() + "' && LC_ALL=" + locale +
          " timeout 200 soffice -env:UserInstallation=file://" + folder_.string() +
          "/profile --headless --convert-to '" + filter + "' --outdir csv " + name + ".xlsx >/dev/null 2>&1");
    std::map<std::string, std::vector<std::vector<std::string>>> sheets;
    if (!fs::exists(folder_ / "csv")) {
      return sheets;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / "csv")) {
      const std::string stem = entry.path().stem().string();
      sheets[stem.substr(name.size() + 1)] = cells_of(text_of_file(entry.path()));
    }
    return sheets;
  }

  /// Names of sheets in the order of their files.
  std::vector<std::string> sheet_names() const {
    const std::string xml = read("book/xl/workbook.xml");
    static const std::regex sheet("<sheet name=\"([^\"]*)\"");
    std::vector<std::string> names;
    for (auto it = std::sregex_iterator(xml.begin(), xml.end(), sheet); it != std::sregex_iterator(); ++it) {
      names.push_back((*it)[1]);
    }
    return names;
  }

  /// Puts a number into the base case of a named assumption.
  void change(const std::string& name, const std::string& value) const {
    const std::string book = read("book/xl/workbook.xml");
    std::smatch found;
    const std::regex place("<definedName name=\"" + name + "\">Assumptions!\\$C\\$([0-9]+)<");
    ASSERT_TRUE(std::regex_search(book, found, place)) << name;
    const std::string sheet = "book/xl/worksheets/sheet2.xml";
    const std::regex cell("(<c r=\"F" + found[1].str() + "\"[^>]*><v>)[^<]*(</v>)");
    const std::string before = read(sheet);
    const std::string after = std::regex_replace(before, cell, "$01" + value + "$02");
    ASSERT_NE(before, after) << name;
    write(sheet, after);
  }
};

/// A number as LibreOffice writes it: percents with their sign, a decimal comma under a German locale.
double number_of(std::string text) {
  std::replace(text.begin(), text.end(), ',', '.');
  const bool percent = text.ends_with('%');
  const auto number = units::parse_number(percent ? text.substr(0, text.size() - 1) : text);
  EXPECT_TRUE(number.has_value()) << "'" << text << "' is no number";
  return number.value_or(0) / (percent ? 100 : 1);
}

void expect_near(double got, double wanted, const std::string& what) {
  constexpr double kTolerance = 1e-9;
  EXPECT_LE(std::abs(got - wanted), kTolerance * std::max(std::abs(wanted), 1e-9))
      << what << ": " << got << ", not " << wanted;
}

// Every formula cell as LibreOffice computes it against the value that was written beside it, which in turn
// is set against the engine's own figures below.
TEST_F(Recalculation, GivesEveryCellAgainUnderTwoLocales) {
  ASSERT_EQ(mtok("compare chat.yaml --format json -o compare.json"), 0) << said();
  write("swings.json", report::sensitivity_text(report::made_up_sensitivity(), {report::Format::json}));
  write("months.json", report::capacity_text(report::made_up_capacity(), {report::Format::json}));
  ASSERT_EQ(mtok("report run.json compare.json swings.json months.json -o book.xlsx"), 0) << said();
  ASSERT_EQ(shell("cd '" + folder_.string() + "' && unzip -q book.xlsx -d book"), 0);
  for (const char* locale : {"en_US.UTF-8", "de_DE.UTF-8"}) {
    const auto sheets = recalculate("book", locale);
    const std::vector<std::string> names = sheet_names();
    ASSERT_EQ(sheets.size(), names.size()) << "LibreOffice gave no sheets";
    int count = 0;
    double worst = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& cells = sheets.at(names[i]);
      for (const LiveCell& cell :
           formulas_of(read("book/xl/worksheets/sheet" + std::to_string(i + 1) + ".xml"))) {
        const std::string& got = cells.at(cell.row).at(cell.column);
        const auto wanted = units::parse_number(cell.value);
        const std::string where = names[i] + " row " + std::to_string(cell.row + 1) + " =" + cell.formula;
        if (!wanted) {
          EXPECT_EQ(got, cell.value) << where;
        } else {
          const double value = number_of(got);
          expect_near(value, *wanted, where);
          worst = std::max(worst, std::abs(value - *wanted) / std::max(std::abs(*wanted), 1e-9));
        }
        EXPECT_EQ(cell.formula.find("_xlfn"), std::string::npos) << where;
        ++count;
      }
      for (const auto& row : cells) {
        for (const std::string& text : row) {
          EXPECT_TRUE(text.empty() || (text.front() != '#' && !text.starts_with("Err:")))
              << names[i] << ": " << text;
        }
      }
    }
    for (const auto& row : sheets.at("Checks")) {
      EXPECT_FALSE(row.size() > 1 && row[1] == "FALSE") << row[0];
    }
    std::printf("recalculated under %s: %d formulas, worst relative difference %.3g\n", locale, count, worst);
    EXPECT_GT(count, 250);
  }
}

// Three inputs change: the price of a device-hour, the discount rate and the one-time cost. The bill must be
// that of a run with the new price; the present value is -1000 + 0, since nothing is saved, and the level
// payment of 1000 over 36 months without interest is 27.78.
TEST_F(Recalculation, FollowsChangedAssumptionsToTheEnginesFigures) {
  ASSERT_EQ(mtok("report run.json -o book.xlsx"), 0) << said();
  ASSERT_EQ(shell("cd '" + folder_.string() + "' && unzip -q book.xlsx -d book"), 0);
  const Json before = Json::parse(read("run.json"));
  const std::string device = before["deployment"]["device"];
  change("price_" + std::regex_replace(device, std::regex("[^A-Za-z0-9]"), "_"), "7.25");
  change("discount_rate", "0");
  change("one_time_cost", "1000");
  ASSERT_EQ(shell("cd '" + folder_.string() + "/book' && zip -q -r ../changed.xlsx ."), 0);
  const auto sheets = recalculate("changed", "C");
  ASSERT_FALSE(sheets.empty()) << "LibreOffice gave no sheets";

  std::string scenario = read("chat.yaml");
  scenario += "prices: {usd_per_device_hour: 7.25}\n";
  write("chat.yaml", scenario);
  ASSERT_EQ(mtok("run chat.yaml --format json -o other.json"), 0) << said();
  const Json cost = Json::parse(read("other.json"))["cost"];
  const auto usd = [](const Json& text) { return number_of(text.get<std::string>()); };
  const auto& economics = sheets.at("Unit economics");
  const auto& costs = sheets.at("Costs");
  const std::vector<const char*> kinds{"input", "cached_input", "output", "idle"};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    expect_near(number_of(costs[4 + i][2]), usd(cost["parts_usd"][kinds[i]]), kinds[i]);
    if (i < 3 && cost["usd_per_mtok"][kinds[i]].is_string()) {
      expect_near(number_of(economics[4 + i][3]), usd(cost["usd_per_mtok"][kinds[i]]), kinds[i]);
      expect_near(number_of(economics[4 + i][4]), usd(cost["usd_per_mtok_with_idle"][kinds[i]]), kinds[i]);
    }
  }
  expect_near(number_of(costs[8][2]), usd(cost["total_usd"]), "total");
  expect_near(number_of(costs[8][3]), usd(cost["usd_per_month"]), "month");
  expect_near(number_of(economics[8][3]), usd(cost["usd_per_mtok"]["blended"]), "blended");
  expect_near(number_of(economics[10][3]), usd(cost["usd_per_request"]), "request");
  const auto& cash = sheets.at("Cash flow");
  expect_near(number_of(cash[5][1]), -1000, "net present value");
  expect_near(number_of(cash[7][1]), 1000.0 / 36, "level payment");
}

// Devices that are owned: purchase, years, cost of capital, PUE and tariff change in their cells. Every
// amount of the sheet must be that of a run on those terms, parts and month included.
TEST_F(Recalculation, FollowsTheTermsOfOwnedDevices) {
  const std::string chat = read("chat.yaml");
  write("chat.yaml", chat + "prices: {tier: owned, usd_per_device: 30000}\n");
  ASSERT_EQ(mtok("run chat.yaml --format json -o run.json"), 0) << said();
  ASSERT_EQ(mtok("report run.json -o book.xlsx"), 0) << said();
  ASSERT_EQ(shell("cd '" + folder_.string() + "' && unzip -q book.xlsx -d book"), 0);
  change("owned_purchase", "41000");
  change("owned_years", "3");
  change("owned_cost_of_capital", "0.06");
  change("energy_pue", "1.5");
  change("energy_usd_per_kwh", "0.35");
  ASSERT_EQ(shell("cd '" + folder_.string() + "/book' && zip -q -r ../changed.xlsx ."), 0);
  const auto sheets = recalculate("changed", "C");
  ASSERT_FALSE(sheets.empty()) << "LibreOffice gave no sheets";

  write("chat.yaml", chat +
                         "prices: {tier: owned, usd_per_device: 41000, owned: {years: 3, cost_of_capital: "
                         "0.06}, energy: {pue: 1.5, usd_per_kwh: 0.35}}\n");
  ASSERT_EQ(mtok("run chat.yaml --format json -o other.json"), 0) << said();
  const Json cost = Json::parse(read("other.json"))["cost"];
  const auto usd = [](const Json& text) { return number_of(text.get<std::string>()); };
  const auto& costs = sheets.at("Costs");
  const std::vector<const char*> kinds{"input", "cached_input", "output", "idle"};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    // Parts are whole 1e-12 USD in the engine, and shares of the first run are quotients of such.
    EXPECT_NEAR(number_of(costs[4 + i][2]), usd(cost["parts_usd"][kinds[i]]), 1e-11) << kinds[i];
  }
  EXPECT_NEAR(number_of(costs[8][2]), usd(cost["total_usd"]), 1e-11);
  const double month = usd(cost["usd_per_month"]);
  EXPECT_NEAR(number_of(costs[8][3]), month, 1e-8 * month);
  const auto& economics = sheets.at("Unit economics");
  const double blended = usd(cost["usd_per_mtok"]["blended"]);
  EXPECT_NEAR(number_of(economics[8][3]), blended, 1e-8 * blended);
  for (const auto& row : sheets.at("Checks")) {
    EXPECT_FALSE(row.size() > 1 && row[1] == "FALSE") << row[0];
  }
}

}  // namespace
}  // namespace mtok
