// Where the tests of this room find networks: the shipped ones, the shared data, and files of their own.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/model/architecture.hpp"

namespace mtok::model {

inline std::filesystem::path shipped_models() {
  return std::filesystem::path(MTOK_SOURCE_DIR) / "models";
}

inline std::filesystem::path shared_data() {
  const char* given = std::getenv("MTOK_SHARED");
  const std::filesystem::path shared = given != nullptr ? given : MTOK_SOURCE_DIR "/../shared";
  return shared / "data";
}

/// Every network in models/; other files there list scores and alternatives.
inline std::vector<std::filesystem::path> shipped_networks() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(shipped_models())) {
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    if (text.str().find("\nmodel_type:") != std::string::npos) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// A folder of this process alone, since tests run side by side; removed when the process ends.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() / ("mtok_unit_model_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::filesystem::path write_file(const std::string& name, const std::string& text) {
  static const TemporaryFolder folder;
  std::ofstream(folder.path() / name) << text;
  return folder.path() / name;
}

/// The config.json of a small network with `more` keys in it: hidden 64, 4 layers, 4 heads, vocabulary 100.
inline Architecture load_small(const std::string& name, const std::string& model_type,
                               const std::string& more) {
  return load_architecture(write_file(name + ".json",
                                      R"({"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4,
 "num_key_value_heads": 2, "vocab_size": 100, "max_position_embeddings": 1000, "intermediate_size": 128,
 "model_type": ")" + model_type + "\"" + (more.empty() ? "" : ", " + more) +
                                          "}"));
}

}  // namespace mtok::model
