// Published quality scores of models and formats. Never computed, never guessed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/number_format.hpp"

namespace mtok::cost {

/// One published score. Scores of one benchmark under different settings are not like for like: show the
/// setting.
struct Score {
  std::string model{};      ///< name of a model in models/
  std::string benchmark{};  ///< "MMLU"
  std::string setting{};    ///< which variant and how it was asked: "instruct, 0-shot CoT"; may be empty
  double value = 0;         ///< in percent
  std::string source{};
};

/// How much of the unquantized score a format keeps, published for one model.
struct Recovery {
  std::string model{};
  std::string variant{};  ///< as the source names it: "FP8 W8A8", "INT8 SmoothQuant W8A8", "INT4 AWQ"
  kernel::NumberFormat weights = kernel::NumberFormat::bf16;
  kernel::NumberFormat activations = kernel::NumberFormat::bf16;
  std::string benchmark{};
  double percent = 0;  ///< 100 * quantized / unquantized; may pass 100 within the noise of the benchmark
  std::string source{};
};

/// models/quality.yaml.
class QualityTable {
 public:
  /// Throws config::Error: also for a number without a source.
  [[nodiscard]] static QualityTable load(const std::filesystem::path& path);
  /// The first listed score of a model on a benchmark; nullopt when none was published.
  [[nodiscard]] std::optional<Score> score(std::string_view model, std::string_view benchmark) const;
  /// The first listed score of a model.
  [[nodiscard]] std::optional<Score> headline(std::string_view model) const;
  /// What weights and activations in these formats keep of the score of exactly this model, the first listed;
  /// fp16 counts as bf16. nullopt when not published. The format of the KV cache is not looked at: what it
  /// costs in quality is not in the table.
  [[nodiscard]] std::optional<Recovery> recovery(std::string_view model,
                                                 const kernel::Formats& formats) const;

  [[nodiscard]] const std::vector<Score>& scores() const { return scores_; }
  [[nodiscard]] const std::vector<Recovery>& recoveries() const { return recoveries_; }

 private:
  std::vector<Score> scores_;
  std::vector<Recovery> recoveries_;
};

}  // namespace mtok::cost
