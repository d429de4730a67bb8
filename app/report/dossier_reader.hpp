// Reads result files into a dossier.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/report/dossier.hpp"

namespace mtok::report {

/// A result, as a file or as text that another part of the program wrote.
struct ResultText {
  std::string name{};  ///< for messages
  std::string text{};
};

/// The file's bytes, at most 64 MiB. Throws config::Error.
[[nodiscard]] ResultText read_result(const std::filesystem::path& file);

/// The first run (`mtok.run/1`) is what the report is about; further runs, ladders, comparisons, plans,
/// one sensitivity and one capacity plan (the last given) stand beside it. Every file is checked like any
/// input: strict JSON, the keys that are needed with their types, amounts as decimal texts, parts that add up
/// to their total. Throws config::Error, also when no file is a run, or a file has a schema that reports do
/// not know.
[[nodiscard]] Dossier read_dossier(const std::vector<ResultText>& results);

}  // namespace mtok::report
