// Holds the arrows between the rooms: who may include whom, and which library stays in which room.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/house/source_tree.hpp"

namespace mtok::house {
namespace {

using Rooms = std::set<std::string>;

/// The rooms of sim/ and app/, each with those that it may include beside itself. `model`, `hardware` and
/// `workload` do not know each other; `host` knows nothing but kernels.
const std::map<std::string, Rooms>& arrows() {
  static const Rooms simulation{"sim/units",    "sim/kernel",   "sim/config", "sim/model",
                                "sim/hardware", "sim/workload", "sim/engine"};
  static const auto with = [](Rooms rooms, const Rooms& more) {
    rooms.insert(more.begin(), more.end());
    return rooms;
  };
  static const Rooms planning = with(simulation, {"sim/cost", "sim/planner"});
  static const Rooms all_of_sim = with(planning, {"sim/host", "sim/validation"});
  static const std::map<std::string, Rooms> table{
      {"sim/units", {}},
      {"sim/kernel", {"sim/units"}},
      {"sim/config", {"sim/units"}},
      {"sim/model", {"sim/units", "sim/kernel", "sim/config"}},
      {"sim/hardware", {"sim/units", "sim/kernel", "sim/config"}},
      {"sim/workload", {"sim/units", "sim/config"}},
      {"sim/engine", {"sim/units", "sim/kernel", "sim/config", "sim/model", "sim/hardware", "sim/workload"}},
      {"sim/cost", simulation},
      {"sim/planner", with(simulation, {"sim/cost"})},
      {"sim/host", {"sim/units", "sim/kernel"}},
      {"sim/validation", with(planning, {"sim/host"})},
      {"app/data", {}},
      {"app/report", all_of_sim},
      {"app/cli", with(all_of_sim, {"app/data", "app/report"})},
      {"app/gui", with(all_of_sim, {"app/data", "app/report"})},
  };
  return table;
}

/// What a file may include: its own folder and what the arrows of its room name. A unit test sees what its
/// room sees; the other tests see every room, and what unit tests have made to build with.
bool may_include(const std::string& from, const std::string& to) {
  const auto sees = [&](const std::string& room) {
    const auto entry = arrows().find(room);
    return to == room || (entry != arrows().end() && entry->second.contains(to));
  };
  if (from == to || !from.starts_with("tests/")) {
    return sees(from);
  }
  constexpr std::string_view kUnit = "tests/unit/";
  if (!from.starts_with(kUnit)) {
    return arrows().contains(to) || to.starts_with(kUnit);
  }
  const std::string room = from.substr(kUnit.size());
  return sees("sim/" + room) || sees("app/" + room);
}

/// A library that only some files may include, by the beginnings of their paths.
struct Confined {
  const char* library;
  std::regex header;
  std::vector<std::string> allowed;
};

const std::vector<Confined>& confined() {
  static const std::vector<Confined> table{
      {"Boost.Graph",
       std::regex("boost/graph/.*|boost/property_map/.*"),
       {"sim/model/", "sim/planner/provenance"}},
      {"TBB",
       std::regex("(oneapi/)?tbb(/.*|\\.h)|execution"),
       {"sim/planner/", "tests/golden/threads", "tests/unit/planner/plan_test"}},
      {"oneDNN", std::regex("(oneapi/)?dnnl.*"), {"sim/host/"}},
      {"Qt", std::regex("Qt?[A-Z].*|q[a-z]+\\.h"), {"app/gui/", "app/report/pdf", "tests/gui/"}},
      {"yaml-cpp", std::regex("yaml-cpp/.*"), {"sim/config/"}},
      {"OpenSSL", std::regex("openssl/.*"), {"sim/config/"}},
      {"nlohmann-json", std::regex("nlohmann/.*"), {"app/", "tests/"}},
      {"CLI11", std::regex("CLI/.*"), {"app/cli/"}},
      {"libxlsxwriter", std::regex("xlsxwriter.*"), {"app/report/"}},
      {"zlib and zstd", std::regex("zlib\\.h|zstd.*\\.h"), {"sim/workload/", "tests/"}},
      {"the test libraries", std::regex("(gtest|gmock|rapidcheck|benchmark)[./].*"), {"tests/"}},
  };
  return table;
}

TEST(Layering, NoIncludeRunsAgainstTheArrows) {
  for (const SourceFile& file : all_sources()) {
    const std::string from = room_of(file.path);
    for (const Include& include : includes_of(file)) {
      const std::string to = room_of(include.target);
      if ((arrows().contains(to) || to.starts_with("tests/")) && !may_include(from, to)) {
        ADD_FAILURE() << place(file, include.line,
                               from + " may not include " + to + " (arrows() in this test)");
      }
    }
  }
}

TEST(Layering, EverySourceLiesInAKnownRoom) {
  for (const SourceFile& file : all_sources()) {
    const std::string room = room_of(file.path);
    if (!arrows().contains(room) && !room.starts_with("tests/")) {
      ADD_FAILURE() << place(file, 1, "lies in no room that arrows() in this test knows");
    }
  }
}

TEST(Layering, ALibraryStaysInItsRoom) {
  for (const SourceFile& file : all_sources()) {
    for (const Include& include : includes_of(file)) {
      for (const Confined& rule : confined()) {
        if (std::regex_match(include.target, rule.header) && !starts_with_one_of(file.path, rule.allowed)) {
          ADD_FAILURE() << place(file, include.line, std::string(rule.library) + " stays inside ")
                        << rule.allowed.front();
        }
      }
    }
  }
}

// In a header these libraries would reach every room that includes it.
TEST(Layering, GraphYamlAndThreadsStayOutOfHeaders) {
  const std::regex hidden("boost/graph/.*|yaml-cpp/.*|(oneapi/)?(tbb|dnnl).*");
  for (const SourceFile& file : all_sources()) {
    for (const Include& include : includes_of(file)) {
      if (file.path.ends_with(".hpp") && std::regex_match(include.target, hidden)) {
        ADD_FAILURE() << place(file, include.line, "<" + include.target + "> belongs into a .cpp");
      }
    }
  }
}

TEST(Layering, QuotedIncludesStartAtTheRootAndExist) {
  for (const SourceFile& file : all_sources()) {
    for (const Include& include : includes_of(file)) {
      const bool generated = include.target.ends_with(".moc");
      if (include.quoted && !generated && !std::filesystem::exists(repository() / include.target)) {
        ADD_FAILURE() << place(file, include.line,
                               "no file \"" + include.target + "\" at the root of the repository");
      }
    }
  }
}

// The rules above are only worth something if they can fail.
TEST(Layering, TheTableRefusesWhatTheHouseForbids) {
  EXPECT_FALSE(may_include("sim/hardware", "sim/model"));
  EXPECT_FALSE(may_include("sim/model", "sim/workload"));
  EXPECT_FALSE(may_include("sim/engine", "sim/cost"));
  EXPECT_FALSE(may_include("sim/host", "sim/config"));
  EXPECT_FALSE(may_include("sim/planner", "sim/validation"));
  EXPECT_FALSE(may_include("sim/cost", "app/report"));
  EXPECT_FALSE(may_include("app/report", "app/cli"));
  EXPECT_FALSE(may_include("tests/unit/kernel", "sim/hardware"));
  EXPECT_FALSE(may_include("tests/unit/kernel", "tests/unit/engine"));
  EXPECT_FALSE(may_include("sim/kernel", "tests/unit/kernel"));
  EXPECT_TRUE(may_include("tests/unit/kernel", "sim/units"));
  EXPECT_TRUE(may_include("tests/property", "tests/unit/engine"));
  EXPECT_TRUE(may_include("sim/planner", "sim/cost"));
}

}  // namespace
}  // namespace mtok::house
