// Tests project files: versions, paths, saving that survives being killed, recovery.
#include "app/gui/models/project.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QFile>
#include <chrono>
#include <fstream>
#include <thread>

#include "app/gui/models/project_document.hpp"
#include "app/gui/models/project_files.hpp"
#include "sim/config/diagnostic.hpp"
#include "tests/gui/gui_test.hpp"

namespace mtok::gui {
namespace {

constexpr const char* kVersion1 =
    "# A project as the first version wrote it. It must open for ever.\n"
    "mtok_project: 1\n"
    "base: 2\n"
    "scenarios:\n"
    "  - mtok: 1\n"
    "    name: \"a: b\"\n"
    "    workload: {trace: chat.csv}\n"
    "    model: llama-3.1-8b\n"
    "    hardware: {device: h100-sxm}\n"
    "  - mtok: 1\n"
    "    name: second\n"
    "    workload: {trace: chat.csv}\n"
    "    model: llama-3.1-70b\n"
    "    hardware: {device: h100-sxm, count: 4}\n"
    "    fleet:\n"
    "      replicas: 2\n"
    "      models:\n"
    "        - {model: llama-3.1-8b, hardware: {device: h100-sxm}, share: 0.5}\n";

TEST(Project, Version1Opens) {
  const Project project = project_from_yaml(kVersion1, "p.mtok");
  ASSERT_EQ(project.scenarios.size(), 2U);
  EXPECT_EQ(project.base, 1U);
  EXPECT_EQ(project.scenarios[0].name(), "a: b");
  EXPECT_EQ(project.scenarios[1].get("fleet.models[0].share"), "0.5");
}

TEST(Project, IsTheSameAfterWritingAndReading) {
  const Project project = project_from_yaml(kVersion1, "p.mtok");
  const Project again = project_from_yaml(to_yaml(project), "p.mtok");
  EXPECT_EQ(to_yaml(again), to_yaml(project));
  EXPECT_EQ(again.scenarios, project.scenarios);
}

TEST(Project, AScenarioFileIsAProjectOfOne) {
  const Project project = load_project(workload("chat.yaml"));
  ASSERT_EQ(project.scenarios.size(), 1U);
  EXPECT_EQ(project.scenarios[0].name(), "support chat");
}

TEST(Project, RefusesTheFutureAndWhatIsNoProject) {
  const auto message = [](const std::string& text) -> std::string {
    try {
      static_cast<void>(project_from_yaml(text, "p.mtok"));
      return "opened";
    } catch (const config::Error& error) {
      return error.what();
    }
  };
  EXPECT_NE(message("mtok_project: 2\nscenarios: [{mtok: 1}]\n").find("newer mtok"), std::string::npos);
  EXPECT_NE(message("a: 1\n").find("neither an mtok project nor a scenario"), std::string::npos);
  EXPECT_NE(message("mtok_project: 1\n").find("at least one scenario"), std::string::npos);
  EXPECT_NE(message("mtok_project: 1\nbase: 3\nscenarios: [{mtok: 1}]\n").find("p.mtok:2:7"),
            std::string::npos);
  EXPECT_NE(message("mtok_project: 1\ncolour: red\nscenarios: [{mtok: 1}]\n").find("unknown key"),
            std::string::npos);
}

TEST(Project, PathsMeanTheSameFilesFromAnotherFolder) {
  Project project = project_from_yaml(kVersion1, "p.mtok");
  move_paths(project, "/a/b", "/a/c");
  EXPECT_EQ(project.scenarios[0].get("workload.trace"), "/a/b/chat.csv");
  EXPECT_EQ(project.scenarios[0].get("model"), "llama-3.1-8b");  // a name of the catalogue
  move_paths(project, "/a/c", "/a");
  EXPECT_EQ(project.scenarios[0].get("workload.trace"), "b/chat.csv");
}

// A program that saves without a pause is killed at 200 moments: the file is always one whole version.
TEST(ProjectFiles, KillingWhileSavingLosesNothing) {
  const QTemporaryDir folder;
  const QString file = folder.filePath("p.mtok");
  Project project = project_from_yaml(kVersion1, "p.mtok");
  ASSERT_EQ(save_text(file, QString::fromStdString(to_yaml(project))), QString());
  constexpr int kKills = 200;
  std::uint32_t random = 12345;
  for (int i = 0; i < kKills; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      for (int version = 0;; ++version) {
        project.scenarios[0].set("name", "version " + std::to_string(version) + std::string(20'000, 'x'));
        static_cast<void>(save_text(file, QString::fromStdString(to_yaml(project))));
      }
    }
    random = random * 1664525U + 1013904223U;
    std::this_thread::sleep_for(std::chrono::microseconds(500 + random % 9500));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const Project found = load_project(file.toStdString());  // throws when it is half a file
    ASSERT_EQ(found.scenarios.size(), 2U);
  }
}

TEST(ProjectFiles, TheCopyForRecoveryOutlivesAKilledWindow) {
  const QTemporaryDir folder;
  const std::string original = folder.filePath(QStringLiteral("p.mtok")).toStdString();
  const Project project = project_from_yaml(kVersion1, "p.mtok");
  const pid_t child = fork();
  if (child == 0) {
    RecoveryFile recovery(folder.path());
    recovery.keep(project, original);
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  const auto found = RecoveryFile::left_behind(folder.path());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].original.toStdString(), original);
  EXPECT_EQ(load_project(found[0].copy.toStdString()).scenarios, project.scenarios);
}

TEST(ProjectDocument, ChangesOfOneFieldAreOneStepBack) {
  ProjectDocument document;
  document.load(project_from_yaml(kVersion1, "p.mtok"), "p.mtok", true);
  const int id = document.scenarios()[0].id;
  document.setValue(id, "hardware.count", "2");
  document.setValue(id, "hardware.count", "4");
  document.setValue(id, "fleet.replicas", "3");
  EXPECT_EQ(document.undo()->count(), 2);
  document.undo()->undo();
  EXPECT_FALSE(document.find(id)->tree.has("fleet"));
  EXPECT_EQ(document.find(id)->tree.get("hardware.count"), "4");
  document.undo()->undo();
  EXPECT_FALSE(document.find(id)->tree.has("hardware.count"));
  EXPECT_TRUE(document.undo()->isClean());
}

TEST(ProjectDocument, ClosingAndUndoingBringsAScenarioBack) {
  ProjectDocument document;
  document.load(project_from_yaml(kVersion1, "p.mtok"), "p.mtok", true);
  const int base = document.base();
  document.closeScenario(base);
  ASSERT_EQ(document.scenarios().size(), 1U);
  EXPECT_NE(document.base(), base);
  document.closeScenario(document.scenarios()[0].id);
  EXPECT_EQ(document.scenarios().size(), 1U) << "the last one stays";
  document.undo()->undo();
  EXPECT_EQ(document.base(), base);
  EXPECT_EQ(document.scenarios().size(), 2U);
}

}  // namespace
}  // namespace mtok::gui
