// Where the weights of the shipped networks are published.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mtok::planner {

/// models/checkpoints.yaml: a network of models/ and its repository on the Hugging Face Hub. Used to name
/// things only, never for a number.
class CheckpointTable {
 public:
  /// Throws config::Error.
  [[nodiscard]] static CheckpointTable load(const std::filesystem::path& file);
  /// "meta-llama/Llama-3.1-8B-Instruct"; nullopt when none is listed.
  [[nodiscard]] std::optional<std::string> repository_of(std::string_view model) const;
  /// The network of a repository or of a copy of it under another owner, in another variant (base, Instruct,
  /// Chat, it) or number format ("RedHatAI/Llama-3.1-8B-Instruct-FP8"); nullopt when none is alike.
  [[nodiscard]] std::optional<std::string> model_of(std::string_view repository) const;

 private:
  struct Checkpoint {
    std::string model{};
    std::string repository{};
  };
  std::vector<Checkpoint> checkpoints_;
};

}  // namespace mtok::planner
