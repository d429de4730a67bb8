// Trace files of tests: written to a folder of their own, packed, and read back.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/diagnostic.hpp"
#include "sim/workload/trace.hpp"

namespace mtok::workload {

inline bool operator==(const Request& a, const Request& b) {
  return a.arrival_ns == b.arrival_ns && a.input_tokens == b.input_tokens &&
         a.output_tokens == b.output_tokens && a.hash_ids == b.hash_ids && a.tenant == b.tenant &&
         a.model == b.model;
}

namespace testing_files {

/// A file in a folder that goes away with the object.
class TempFile {
 public:
  TempFile(std::string_view name, std::string_view bytes) {
    std::string pattern = (std::filesystem::temp_directory_path() / "mtok-test-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ / name;
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TempFile() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

inline std::vector<Request> all_of(RequestSource& source) {
  std::vector<Request> requests;
  Request request;
  while (source.next(request)) {
    requests.push_back(request);
  }
  return requests;
}

inline std::vector<Request> read_all(const std::filesystem::path& path, const TraceOptions& options = {}) {
  return all_of(*open_trace(path, options));
}

inline std::vector<Request> read_text(std::string_view name, std::string_view text,
                                      const TraceOptions& options = {}) {
  const TempFile file(name, text);
  return read_all(file.path(), options);
}

/// The first error of reading the whole file; an empty one when it can be read.
inline config::Diagnostic error_of(const std::filesystem::path& path, const TraceOptions& options = {}) {
  try {
    const auto source = open_trace(path, options);
    Request request;
    while (source->next(request)) {
    }
  } catch (const config::Error& error) {
    return error.diagnostics().front();
  }
  return {};
}

inline config::Diagnostic error_in(std::string_view name, std::string_view text,
                                   const TraceOptions& options = {}) {
  const TempFile file(name, text);
  return error_of(file.path(), options);
}

/// "2:29: message", the part of an error that does not depend on where the file lies.
inline std::string short_text(const config::Diagnostic& error) {
  return std::to_string(error.at.line) + ":" + std::to_string(error.at.column) + ": " + error.message;
}

/// The folder of the shared data; empty when there is none.
inline std::filesystem::path shared_data() {
  const char* const named = std::getenv("MTOK_SHARED");
  const std::filesystem::path folder =
      (named != nullptr ? std::filesystem::path(named)
                        : std::filesystem::path(MTOK_SOURCE_DIR) / "../shared") /
      "data";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

}  // namespace testing_files
}  // namespace mtok::workload
