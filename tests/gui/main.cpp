// Runs the tests of the window: an application without a screen, settings that nobody else has.
#include <gtest/gtest.h>

#include <QApplication>
#include <QLocale>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QThreadPool>

#include "app/gui/theme.hpp"

int main(int count, char** words) {
  testing::InitGoogleTest(&count, words);
  if (testing::GTEST_FLAG(list_tests)) {
    return RUN_ALL_TESTS();
  }
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }
  const QTemporaryDir home;
  qputenv("HOME", home.path().toUtf8());
  qputenv("XDG_CONFIG_HOME", home.path().toUtf8());
  qputenv("XDG_DATA_HOME", home.path().toUtf8());
  QApplication application(count, words);
  QCoreApplication::setOrganizationName(QStringLiteral("mtok"));
  QCoreApplication::setApplicationName(QStringLiteral("mtok-gui-test"));
  QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
  mtok::gui::apply_theme(application, false);
  const int code = RUN_ALL_TESTS();
  QThreadPool::globalInstance()->waitForDone();  // runs that were told to stop
  return code;
}
