// The reader of one architecture file: what its parts share.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/model/architecture.hpp"
#include "sim/model/family.hpp"

namespace mtok::model {

// Bounds that no network reaches and that keep the parameters of one layer, experts * 3 * hidden *
// intermediate, within 64 bits. The whole network is then held to 2^53, so that every count is exact in a
// double as well.
inline constexpr config::IntRange kHidden{.least = 1, .most = std::int64_t{1} << 20U};
inline constexpr config::IntRange kWidth{.least = 1, .most = std::int64_t{1} << 22U};
inline constexpr config::IntRange kWidthOrNone{.least = 0, .most = kWidth.most};
inline constexpr config::IntRange kHeads{.least = 1, .most = std::int64_t{1} << 14U};
inline constexpr config::IntRange kHeadDim{.least = 1, .most = std::int64_t{1} << 14U};
inline constexpr config::IntRange kLayers{.least = 1, .most = std::int64_t{1} << 12U};
inline constexpr config::IntRange kVocab{.least = 1, .most = std::int64_t{1} << 24U};
inline constexpr config::IntRange kExperts{.least = 0, .most = std::int64_t{1} << 14U};
inline constexpr config::IntRange kPositions{.least = 1, .most = std::int64_t{1} << 32U};
inline constexpr std::int64_t kMaxParameters = std::int64_t{1} << 53U;

/// One file that is being read: the mapping of the text model, the mapping around it, and the family.
class ArchitectureReader {
 public:
  ArchitectureReader(config::Reader text, config::Reader outer, const Family& family, bool yaml)
      : text_(std::move(text)), outer_(std::move(outer)), family_(family), yaml_(yaml) {}

  /// The network. Incomplete after an error, which the document holds.
  Architecture read(std::string name);

 private:
  using Keys = std::initializer_list<std::string_view>;

  struct Ffns {
    FfnSpec dense{};
    FfnSpec moe{};
    std::vector<bool> is_moe{};  ///< by layer
  };
  /// What each layer attends to.
  enum class Sight { all, window, state };
  struct Sights {
    std::int64_t window = 0;
    std::vector<Sight> of{};  ///< by layer
  };

  [[nodiscard]] bool present(std::string_view key) const { return text_.has(key) && !text_.is_null(key); }
  std::optional<std::int64_t> find(Keys keys, config::IntRange range);
  std::int64_t same_for_all_layers(std::string_view key, config::IntRange range);
  std::int64_t require(Keys keys, config::IntRange range, std::int64_t fallback = 0);
  bool flag(Keys keys, bool fallback);

  void read_names(Architecture& network);
  AttentionSpec read_attention(const Architecture& network);
  void read_latent(AttentionSpec& attention);
  void read_indexer(AttentionSpec& attention);
  AttentionSpec read_linear();
  std::int64_t read_kv_heads(std::int64_t heads);
  std::int64_t read_head_dim(std::int64_t hidden, std::int64_t heads);
  Layer read_layer(const Architecture& network);
  Ffns read_ffns(const Architecture& network, std::int64_t layers, const Layer& common);
  FfnSpec read_experts(const FfnSpec& common);
  std::vector<bool> read_moe_layers(std::int64_t layers);
  std::int64_t read_dense_width(std::int64_t hidden);
  Sights read_sights(std::int64_t layers, std::int64_t positions);
  std::vector<Sight> sights_by_type(std::int64_t layers);
  std::vector<Sight> sights_by_rule(std::int64_t layers);
  void read_published(Architecture& network);
  void check_size(const Architecture& network);

  config::Reader text_;
  config::Reader outer_;
  const Family& family_;
  bool yaml_;
};

}  // namespace mtok::model
