// Opens result files, tells by their schema what they are, and puts them into one dossier.
#include "app/report/dossier_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "app/report/dossier_fields.hpp"
#include "sim/config/diagnostic.hpp"
#include "sim/config/large_json.hpp"
#include "sim/config/sha256.hpp"

namespace mtok::report {
namespace {

[[noreturn]] void refuse(const std::string& file, std::string message, std::string hint = {}) {
  throw config::Error({.file = file, .message = std::move(message), .hint = std::move(hint)});
}

template <class T, class Same>
void merge(std::vector<T>& list, const std::vector<T>& more, const Same& same) {
  for (const T& item : more) {
    if (std::none_of(list.begin(), list.end(), [&](const T& other) { return same(item, other); })) {
      list.push_back(item);
    }
  }
}

void merge_evidence(config::Reader& root, const Json& json, Dossier& dossier) {
  merge(dossier.inputs, inputs_of(root),
        [](const auto& a, const auto& b) { return a.path == b.path && a.sha256 == b.sha256; });
  merge(dossier.assumptions, assumptions_of(root), [](const auto& a, const auto& b) {
    return a.key == b.key && a.value == b.value && a.source == b.source;
  });
  if (json.contains("warnings") && root.is_list("warnings")) {
    merge(dossier.warnings, root.texts("warnings"), std::equal_to<>{});
  }
}

ResultFile file_of(const ResultText& text, const ResultDocument& result, const std::string& schema) {
  const auto value = [&](const char* key) {
    const auto found = result.json.find(key);
    return found != result.json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string title = value("scenario");
  return {.name = std::filesystem::path(text.name).filename().string(),
          .schema = schema,
          .title = title.empty() ? value("name") : title,
          .hash = value("hash"),
          .sha256 = config::sha256_hex(text.text),
          .version = value("version"),
          .intact = hash_fits(result.json)};
}

/// The schema of a document without its version: "run", "ladder".
std::string kind_of(config::Reader& root, const std::string& file) {
  if (!root.has("schema")) {
    refuse(file, "this is no result of mtok: it has no key 'schema'",
           "write one with: mtok run SCENARIO.yaml --format json -o RESULT.json");
  }
  const std::string schema = root.text("schema");
  for (const char* kind : {"run", "ladder", "compare", "plan", "sensitivity", "capacity"}) {
    if (schema == fmt::format("mtok.{}/1", kind)) {
      return kind;
    }
  }
  root.fail("schema", fmt::format("reports are made from mtok.run/1, mtok.ladder/1, mtok.compare/1, "
                                  "mtok.plan/1, mtok.sensitivity/1 and mtok.capacity/1, not from '{}'",
                                  schema));
  return "";
}

void note_absent(Dossier& dossier) {
  if (!dossier.ladder) {
    dossier.absent.emplace_back("ladder: give the JSON of 'mtok ladder' beside the run");
  }
  if (dossier.tables.empty() && dossier.further_runs.empty()) {
    dossier.absent.emplace_back("further scenarios: give the JSON of 'mtok compare' or of further runs");
  }
  if (!dossier.sensitivity) {
    dossier.absent.emplace_back(
        "what the answer depends on: give the JSON of 'mtok sensitivity' beside the run");
  }
  if (!dossier.capacity) {
    dossier.absent.emplace_back(
        "the fleet of coming months: give the JSON of 'mtok capacity' beside the run");
  }
}

}  // namespace

ResultText read_result(const std::filesystem::path& file) {
  std::error_code error;
  const std::string name = file.string();
  if (!std::filesystem::is_regular_file(file, error)) {
    refuse(name, std::filesystem::exists(file, error) ? "expected a regular file" : "there is no such file");
  }
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (size > config::kMaxLargeJsonBytes) {
    refuse(name, fmt::format("the file is too large: {} bytes, and at most {} can be read", size,
                             config::kMaxLargeJsonBytes));
  }
  std::string text(size, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in && !text.empty()) {
    refuse(name, "cannot read the file");
  }
  return {.name = name, .text = std::move(text)};
}

Dossier read_dossier(const std::vector<ResultText>& results) {
  Dossier dossier;
  bool any_run = false;
  for (const ResultText& text : results) {
    ResultDocument result{.name = text.name, .document = config::Document::from_json(text.text, text.name)};
    result.json = parsed(text.text, text.name);
    config::Reader root = result.document.root();
    const std::string kind = kind_of(root, text.name);
    if (kind == "run" && !any_run) {
      any_run = true;
      read_run(result, dossier);
    } else if (kind == "run") {
      read_run(result, dossier.further_runs.emplace_back());
    } else if (kind == "ladder" && !dossier.ladder) {
      dossier.ladder = read_cases(result, kind);
    } else if (kind == "sensitivity") {
      dossier.sensitivity = read_sensitivity(result);
    } else if (kind == "capacity") {
      dossier.capacity = read_capacity(result);
    } else if (!kind.empty()) {
      dossier.tables.push_back(read_cases(result, kind));
    }
    merge_evidence(root, result.json, dossier);
    result.document.finish();
    dossier.results.push_back(file_of(text, result, root.text("schema")));
  }
  if (!any_run) {
    refuse(results.empty() ? "" : results.front().name, "a report needs a run, and none of the files is one",
           "write one with: mtok run SCENARIO.yaml --format json -o RESULT.json");
  }
  note_absent(dossier);
  return dossier;
}

std::vector<Case> all_cases(const Dossier& dossier) {
  std::vector<Case> cases{dossier.run};
  cases.front().on_terms_of_run = true;
  for (const Dossier& further : dossier.further_runs) {
    cases.push_back(further.run);
  }
  if (dossier.ladder) {
    for (Case rung : dossier.ladder->cases) {
      rung.on_terms_of_run = true;
      cases.push_back(std::move(rung));
    }
  }
  for (const CaseTable& table : dossier.tables) {
    cases.insert(cases.end(), table.cases.begin(), table.cases.end());
  }
  return cases;
}

std::string fact_of(const Dossier& dossier, const std::string& key) {
  const auto found = std::find_if(dossier.facts.begin(), dossier.facts.end(),
                                  [&](const Fact& fact) { return fact.key == key; });
  return found == dossier.facts.end() ? std::string() : found->value;
}

}  // namespace mtok::report
