// What the tests of the window share: an application without a screen, the catalogue, waiting.
#pragma once

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTimer>
#include <filesystem>
#include <fstream>
#include <string>

#include "sim/planner/catalogue.hpp"

namespace mtok::gui {

inline planner::Catalogue shipped_catalogue() {
  return planner::Catalogue(MTOK_SOURCE_DIR);
}

inline std::filesystem::path workload(const std::string& name) {
  return std::filesystem::path(MTOK_SOURCE_DIR) / "workloads" / name;
}

/// The shipped chat, its first requests only.
inline constexpr const char* kSmallChat = R"(mtok: 1
name: small chat
workload: {trace: TRACE, format: mtok, hash_block_size: 64, limit: 300}
model: llama-3.1-8b
hardware: {device: h100-sxm, count: 1}
formats: {weights: fp8, activations: fp8, kv_cache: fp8}
engine: {framework: vllm, max_num_seqs: 256, max_num_batched_tokens: 8192}
fleet: {replicas: 2, router: least_loaded}
prices: {book: default, tier: on_demand}
slo: {ttft_p99_ms: 4000, tpot_p99_ms: 100}
capacity: {months: 6, demand_growth_per_month: 0.1}
)";

/// Writes the small chat into the folder; gives its file.
inline QString write_small_chat(const QTemporaryDir& folder) {
  std::string text = kSmallChat;
  text.replace(text.find("TRACE"), 5, workload("chat.csv").string());
  const QString file = folder.filePath(QStringLiteral("small.yaml"));
  std::ofstream(file.toStdString()) << text;
  return file;
}

/// Lets events pass until `done`; false when that takes longer than two minutes.
template <class Done>
bool wait_for(const Done& done, int milliseconds = 120'000) {
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
