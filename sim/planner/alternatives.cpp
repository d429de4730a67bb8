// Reads models/alternatives.yaml.
#include "sim/planner/alternatives.hpp"

#include "sim/config/reader.hpp"

namespace mtok::planner {
namespace {

std::optional<Alternative> read_one(config::Reader& entry, std::string_view key) {
  std::optional<config::Reader> reader = entry.find_mapping(key);
  if (!reader) {
    return std::nullopt;
  }
  Alternative alternative{.model = reader->text("model"), .source = reader->text("source")};
  reader->done();
  return alternative;
}

/// Without a model the network's own prediction layer drafts.
std::optional<DraftAlternative> read_draft(config::Reader& entry) {
  std::optional<config::Reader> reader = entry.find_mapping("draft");
  if (!reader) {
    return std::nullopt;
  }
  DraftAlternative draft{.model = reader->text_or("model", ""),
                         .tokens = reader->integer("num_speculative_tokens", {.least = 1, .most = 16}),
                         .acceptance = reader->number("acceptance_rate", config::kFraction),
                         .source = reader->text("source")};
  reader->done();
  return draft;
}

}  // namespace

AlternativeTable AlternativeTable::load(const std::filesystem::path& file) {
  config::Document document = config::Document::load(file);
  config::Reader root = document.root();
  AlternativeTable table;
  static_cast<void>(root.integer("mtok", {.least = 1, .most = 1}));
  for (config::Reader& entry : root.mappings("alternatives")) {
    Alternatives alternatives{.model = entry.text("for")};
    alternatives.moe = read_one(entry, "moe");
    alternatives.small = read_one(entry, "small");
    if (alternatives.small) {
      alternatives.small_share = entry.number("small_share", config::kFraction);
      alternatives.small_share_source = entry.text("small_share_source");
    }
    alternatives.student = read_one(entry, "student");
    alternatives.draft = read_draft(entry);
    entry.done();
    table.models_.push_back(std::move(alternatives));
  }
  for (config::Reader& entry : root.mappings("newer_devices")) {
    table.devices_.push_back({.device = entry.text("for"), .newer = entry.text("device")});
    entry.done();
  }
  root.done();
  document.finish();
  return table;
}

Alternatives AlternativeTable::of_model(std::string_view model) const {
  for (const Alternatives& entry : models_) {
    if (entry.model == model) {
      return entry;
    }
  }
  return {.model = std::string(model)};
}

std::optional<std::string> AlternativeTable::newer_device(std::string_view device) const {
  for (const Newer& entry : devices_) {
    if (entry.device == device) {
      return entry.newer;
    }
  }
  return std::nullopt;
}

}  // namespace mtok::planner
