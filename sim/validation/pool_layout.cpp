// Reads the layouts of two pools out of a note.
#include "sim/validation/pool_layout.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace mtok::validation {
namespace {

/// Takes `literal` and then a number off the front of the text; nullopt when they are not there.
std::optional<std::int64_t> take(std::string_view& text, std::string_view literal) {
  if (!text.starts_with(literal)) {
    return std::nullopt;
  }
  text.remove_prefix(literal.size());
  std::int64_t number = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || number < 1 || number > 4096) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return number;
}

std::optional<PoolLayout> take_pool(std::string_view& text, std::string_view name) {
  const std::array<std::string_view, 5> literals{name, "x[tp", " dp", " moe_tp", " moe_ep"};
  std::array<std::int64_t, 5> numbers{};
  for (std::size_t i = 0; i < literals.size(); ++i) {
    const std::optional<std::int64_t> number = take(text, literals[i]);
    if (!number) {
      return std::nullopt;
    }
    numbers[i] = *number;
  }
  if (!text.starts_with("]")) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto [replicas, tensor, data, expert_tensor, expert] = numbers;
  const std::int64_t spread = data > 1 ? expert * expert_tensor : expert;
  return PoolLayout{.replicas = replicas, .sharding = {.tensor = tensor, .expert = spread, .data = data}};
}

}  // namespace

std::optional<PoolLayouts> pool_layouts(const std::string& note) {
  std::string_view text = note;
  const std::optional<PoolLayout> prefill = take_pool(text, "prefill ");
  const std::optional<PoolLayout> decode = prefill ? take_pool(text, " decode ") : std::nullopt;
  if (!decode || !text.empty()) {
    return std::nullopt;
  }
  return PoolLayouts{.prefill = *prefill, .decode = *decode};
}

}  // namespace mtok::validation
