// What the tests of the window share: an application without a screen, the catalogue, waiting.
#pragma once

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTimer>
#include <filesystem>
#include <string>

#include "sim/planner/catalogue.hpp"

namespace mtok::gui {

inline planner::Catalogue shipped_catalogue() {
  return planner::Catalogue(MTOK_SOURCE_DIR);
}

inline std::filesystem::path workload(const std::string& name) {
  return std::filesystem::path(MTOK_SOURCE_DIR) / "workloads" / name;
}

/// Lets events pass until `done`; false when that takes longer than a minute.
template <class Done>
bool wait_for(const Done& done, int milliseconds = 60'000) {
  QElapsedTimer timer;
  timer.start();
  QTimer tick;  // wakes the loop
  tick.start(5);
  while (!done() && timer.elapsed() < milliseconds) {
    QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
  }
  return done();
}

}  // namespace mtok::gui
