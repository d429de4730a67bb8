// What a document and its readers share: the tree, the text for excerpts, the errors noted so far.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/config/conversion.hpp"
#include "sim/config/reader.hpp"
#include "sim/config/value.hpp"

namespace mtok::config {

struct Document::Content {
  std::string text{};
  std::string file{};
  bool json = false;
  Value root{};
  std::shared_ptr<Reader::State> root_state{};
  Notes notes{};
};

/// One mapping and which of its keys were asked for.
struct Reader::State {
  /// `mapping` is null for a mapping that is missing; its readers are silent.
  State(Document::Content& shared_content, const Value* mapping_value, std::string path_text);

  [[nodiscard]] const Value::Entry* find(std::string_view key) const;
  [[nodiscard]] std::string path_to(std::string_view key) const;
  /// The state of a mapping below this one; the same for every reader of it.
  [[nodiscard]] std::shared_ptr<State> child(const Value* value, std::string child_path);

  Document::Content* content;
  const Value* mapping;
  std::string path{};  ///< "engine", "tiers[2]"; empty for the root
  std::unordered_map<std::string_view, std::size_t> index{};
  std::set<std::string, std::less<>> asked{};
  std::set<std::string, std::less<>> taken{};
  std::map<const Value*, std::shared_ptr<State>> children{};
};

}  // namespace mtok::config
