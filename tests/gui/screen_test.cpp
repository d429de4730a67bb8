// Runs tests of the window once more on a real X server, where there is one to start.
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QImage>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStandardPaths>
#include <QTemporaryDir>

namespace mtok::gui {
namespace {

void start_on_a_screen(QProcess& process, const QStringList& words) {
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("QT_QPA_PLATFORM", "xcb");
  process.setProcessEnvironment(environment);
  process.setProcessChannelMode(QProcess::MergedChannels);
  process.start("xvfb-run", QStringList{"-a", "-s", "-screen 0 1600x1000x24"} + words);
}

class Screen : public testing::Test {
 protected:
  void SetUp() override {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the same tests run without a screen";
#endif
    if (QStandardPaths::findExecutable("xvfb-run").isEmpty()) {
      GTEST_SKIP() << "xvfb-run is not installed";
    }
  }
};

TEST_F(Screen, TheWindowWorksOnAnXServer) {
  QProcess process;
  start_on_a_screen(process, {QCoreApplication::applicationFilePath(),
                              "--gtest_filter=Window.*-*Monkey*:*CommandLine*:*FirstResult*"});
  ASSERT_TRUE(process.waitForFinished(240'000));
  const QByteArray said = process.readAll();
  EXPECT_EQ(process.exitCode(), 0) << said.toStdString();
  EXPECT_TRUE(said.contains("[  PASSED  ]")) << said.toStdString();
}

TEST_F(Screen, APictureIsAsLargeWithAScreenAsWithout) {
  const QTemporaryDir folder;
  const auto picture = [&](const QString& name) { return folder.filePath(name); };
  QProcess process;
  start_on_a_screen(process, {MTOK_GUI_BINARY, "--screenshot", "compare", picture("x.png")});
  ASSERT_TRUE(process.waitForFinished(240'000));
  ASSERT_EQ(process.exitCode(), 0) << process.readAll().toStdString();
  QProcess::execute(MTOK_GUI_BINARY, {"--screenshot", "compare", picture("offscreen.png")});
  const QImage on(picture("x.png"));
  const QImage off(picture("offscreen.png"));
  ASSERT_FALSE(on.isNull());
  EXPECT_EQ(on.size(), off.size());
}

}  // namespace
}  // namespace mtok::gui
