// Fields of result documents that may be absent or null.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/report/dossier.hpp"
#include "app/report/json.hpp"
#include "sim/config/reader.hpp"

namespace mtok::report {

/// One result document while it is read: `root` checks types and notes errors with their places, `json` is
/// the same document for what is taken as it is.
struct ResultDocument {
  std::string name{};
  config::Document document;
  Json json{};
};

[[nodiscard]] bool present(config::Reader& reader, std::string_view key);
[[nodiscard]] std::string text_or_empty(config::Reader& reader, std::string_view key);
[[nodiscard]] std::int64_t count_or_zero(config::Reader& reader, std::string_view key);
[[nodiscard]] std::optional<double> number_or_none(config::Reader& reader, std::string_view key);
/// A decimal text of dollars; notes an error when it is none.
[[nodiscard]] std::optional<Money> money_or_none(config::Reader& reader, std::string_view key);
/// The same, required.
[[nodiscard]] Money money_of(config::Reader& reader, std::string_view key);
/// An object with input, cached_input, output, idle that add up to `total`; notes an error when they do not.
[[nodiscard]] cost::Parts parts_of(config::Reader& reader, std::string_view key, Money total);

/// The object energy_parts_usd; nothing where it is absent.
[[nodiscard]] cost::Parts energy_parts_of(config::Reader& reader);

[[nodiscard]] std::vector<planner::InputFile> inputs_of(config::Reader& root);
[[nodiscard]] std::vector<planner::Assumption> assumptions_of(config::Reader& root);

/// Fills what a document of schema mtok.run/1 says.
void read_run(ResultDocument& result, Dossier& dossier);
/// Reads the rows of a ladder, a comparison or a plan.
[[nodiscard]] CaseTable read_cases(ResultDocument& result, const std::string& kind);
/// Documents of schema mtok.sensitivity/1 and mtok.capacity/1.
[[nodiscard]] SensitivityFacts read_sensitivity(ResultDocument& result);
[[nodiscard]] CapacityFacts read_capacity(ResultDocument& result);

}  // namespace mtok::report
