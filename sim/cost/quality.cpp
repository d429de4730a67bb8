// Quality table: reading of models/quality.yaml, and look-up.
#include "sim/cost/quality.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/config/reader.hpp"
#include "sim/cost/stated_text.hpp"

namespace mtok::cost {
namespace {

using kernel::NumberFormat;

constexpr config::Range kPercent{.least = 0, .most = 100};
constexpr config::Range kRecoveryPercent{.least = 0, .most = 200};

NumberFormat read_format(config::Reader& reader, std::string_view key) {
  std::array<config::Choice<NumberFormat>, kernel::kNumberFormats.size()> words{};
  std::transform(kernel::kNumberFormats.begin(), kernel::kNumberFormats.end(), words.begin(),
                 [](const kernel::NamedFormat& known) { return std::pair(known.name, known.format); });
  return reader.choice<NumberFormat>(key, words);
}

Score read_score(config::Reader reader, const std::string& model) {
  Score score{.model = model};
  score.benchmark = stated_text(reader, "benchmark");
  score.setting = reader.text_or("setting", "");
  score.value = reader.number("percent", kPercent);
  score.source = stated_text(reader, "source");
  reader.done();
  return score;
}

Recovery read_recovery(config::Reader reader, const std::string& model) {
  Recovery recovery{.model = model};
  recovery.variant = stated_text(reader, "variant");
  recovery.weights = read_format(reader, "weights");
  recovery.activations = read_format(reader, "activations");
  recovery.benchmark = stated_text(reader, "benchmark");
  recovery.percent = reader.number("percent", kRecoveryPercent);
  recovery.source = stated_text(reader, "source");
  reader.done();
  return recovery;
}

/// Reads a mapping from model names to lists of entries.
template <class Entry>
std::vector<Entry> read_by_model(config::Reader models, Entry (*read)(config::Reader, const std::string&)) {
  std::vector<Entry> entries;
  for (const std::string& model : models.keys()) {
    for (const config::Reader& entry : models.mappings(model)) {
      entries.push_back(read(entry, model));
    }
  }
  models.done();
  return entries;
}

/// Both 16-bit formats are the unquantized ones.
NumberFormat without_half(NumberFormat format) {
  return format == NumberFormat::fp16 ? NumberFormat::bf16 : format;
}

}  // namespace

QualityTable QualityTable::load(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  config::Reader root = document.root();
  QualityTable table;
  table.scores_ = read_by_model<Score>(root.mapping("scores"), read_score);
  table.recoveries_ = read_by_model<Recovery>(root.mapping("recoveries"), read_recovery);
  root.done();
  document.finish();
  return table;
}

std::optional<Score> QualityTable::score(std::string_view model, std::string_view benchmark) const {
  const auto found = std::find_if(scores_.begin(), scores_.end(), [&](const Score& score) {
    return score.model == model && score.benchmark == benchmark;
  });
  return found == scores_.end() ? std::nullopt : std::optional(*found);
}

std::optional<Score> QualityTable::headline(std::string_view model) const {
  const auto found =
      std::find_if(scores_.begin(), scores_.end(), [&](const Score& score) { return score.model == model; });
  return found == scores_.end() ? std::nullopt : std::optional(*found);
}

std::optional<Recovery> QualityTable::recovery(std::string_view model, const kernel::Formats& formats) const {
  const auto found = std::find_if(recoveries_.begin(), recoveries_.end(), [&](const Recovery& recovery) {
    return recovery.model == model && without_half(recovery.weights) == without_half(formats.weights) &&
           without_half(recovery.activations) == without_half(formats.activations);
  });
  return found == recoveries_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace mtok::cost
