// Which models stand in for a model on the rungs of the ladder, and with what justification.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mtok::planner {

/// One stand-in: a model of models/, and why it may be compared.
struct Alternative {
  std::string model{};
  std::string source{};
};

/// Drafts for a model whose acceptance somebody has measured.
struct DraftAlternative {
  std::string model{};  ///< of models/; empty: the network's own prediction layer
  std::int64_t tokens = 1;
  double acceptance = 0;  ///< of each token when those before it were accepted
  std::string source{};
};

/// The entry of models/alternatives.yaml for one model.
struct Alternatives {
  std::string model{};
  std::optional<Alternative> moe{};    ///< a Mixture of Experts of the same quality class
  std::optional<Alternative> small{};  ///< for the easy share of the requests
  double small_share = 0;              ///< how large that share is taken to be
  std::string small_share_source{};
  std::optional<Alternative> student{};     ///< distilled from the model or its family
  std::optional<DraftAlternative> draft{};  ///< for speculative decoding
};

/// models/alternatives.yaml.
class AlternativeTable {
 public:
  /// Throws config::Error.
  [[nodiscard]] static AlternativeTable load(const std::filesystem::path& file);
  /// The stand-ins of a model; all absent when the file has no entry for it.
  [[nodiscard]] Alternatives of_model(std::string_view model) const;
  /// The device of a later generation; nullopt when the file names none.
  [[nodiscard]] std::optional<std::string> newer_device(std::string_view device) const;

 private:
  struct Newer {
    std::string device{};
    std::string newer{};
  };
  std::vector<Alternatives> models_;
  std::vector<Newer> devices_;
};

}  // namespace mtok::planner
