// Walks, changes and writes the tree of a scenario.
#include "app/gui/models/scenario_tree.hpp"

#include <algorithm>
#include <vector>

#include "sim/units/text.hpp"

namespace mtok::gui {
namespace {

using config::Value;
using Kind = config::Value::Kind;

constexpr std::size_t kLineWidth = 110;

/// One step of a path: a key, or an index into a list.
struct Step {
  std::string key{};
  std::optional<std::size_t> index{};
};

std::vector<Step> steps_of(std::string_view path) {
  std::vector<Step> steps;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) {
      steps.push_back({.key = word});
      word.clear();
    }
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      end_word();
    } else if (path[i] == '[') {
      end_word();
      const std::size_t close = std::min(path.find(']', i), path.size());
      const auto index = units::parse_integer(path.substr(i + 1, close - i - 1));
      steps.push_back({.index = static_cast<std::size_t>(std::max<std::int64_t>(0, index.value_or(0)))});
      i = close;
    } else {
      word += path[i];
    }
  }
  end_word();
  return steps;
}

const Value* child_of(const Value& value, const Step& step) {
  if (step.index) {
    return value.kind == Kind::list && *step.index < value.items.size() ? &value.items[*step.index] : nullptr;
  }
  if (value.kind != Kind::mapping) {
    return nullptr;
  }
  const auto found = std::find_if(value.entries.begin(), value.entries.end(),
                                  [&](const Value::Entry& entry) { return entry.key == step.key; });
  return found == value.entries.end() ? nullptr : &found->value;
}

const Value* find(const Value& root, std::string_view path) {
  const Value* value = &root;
  for (const Step& step : steps_of(path)) {
    value = child_of(*value, step);
    if (value == nullptr) {
      return nullptr;
    }
  }
  return value;
}

bool is_text(const Value& value) {
  return value.kind == Kind::plain || value.kind == Kind::quoted;
}

/// Text that means the same without quotes, in a block as between brackets.
bool is_plain(std::string_view text) {
  constexpr std::string_view kSafe = " ._/+%()-";
  const auto safe = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kSafe.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.front() != ' ' && text.back() != ' ' && text.front() != '%' &&
         !text.starts_with("- ") && text != "-" && !text.starts_with("---") && text != "null" &&
         std::all_of(text.begin(), text.end(), safe);
}

Value scalar(std::string text) {
  const Kind kind = is_plain(text) ? Kind::plain : Kind::quoted;
  return Value(kind, {}, std::move(text));
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string scalar_text(const Value& value) {
  // A text that was quoted and looks like a number or a flag must stay text.
  const bool numeric =
      units::parse_number(value.text).has_value() || value.text == "true" || value.text == "false";
  const bool bare = is_plain(value.text) && !(value.kind == Kind::quoted && numeric);
  return bare ? value.text : quoted(value.text);
}

/// Everything on one line, between brackets.
std::string flow(const Value& value) {
  if (value.kind == Kind::list) {
    std::string out = "[";
    for (const Value& item : value.items) {
      out += (out.size() > 1 ? ", " : "") + flow(item);
    }
    return out + "]";
  }
  if (value.kind == Kind::mapping) {
    std::string out = "{";
    for (const Value::Entry& entry : value.entries) {
      out += (out.size() > 1 ? ", " : "") + entry.key + ": " + flow(entry.value);
    }
    return out + "}";
  }
  return scalar_text(value);
}

bool is_empty(const Value& value) {
  return (value.kind == Kind::mapping && value.entries.empty()) ||
         (value.kind == Kind::list && value.items.empty());
}

void write(const Value& value, int indent, bool first_line_started, std::string& out) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  const auto member = [&](const std::string& head, const Value& item) {
    const std::string line = flow(item);
    const bool fits = margin.size() + head.size() + line.size() + 1 <= kLineWidth;
    if (is_text(item) || is_empty(item) || (fits && indent > 0) || (fits && item.kind != Kind::list)) {
      out += head + " " + line + "\n";
    } else if (item.kind == Kind::mapping && head == "-") {
      out += "- ";
      write(item, indent + 2, true, out);
    } else {
      out += head + "\n";
      write(item, indent + 2, false, out);
    }
  };
  bool started = first_line_started;
  for (const Value::Entry& entry : value.entries) {
    out += started ? "" : margin;
    started = false;
    member(entry.key + ":", entry.value);
  }
  for (const Value& item : value.items) {
    out += started ? "" : margin;
    started = false;
    member("-", item);
  }
}

/// Erases and says whether the parent became empty.
void erase_at(Value& value, const std::vector<Step>& steps, std::size_t depth) {
  const Step& step = steps[depth];
  Value* const child = const_cast<Value*>(child_of(value, step));  // NOLINT: `value` is not const
  if (child == nullptr) {
    return;
  }
  if (depth + 1 < steps.size()) {
    erase_at(*child, steps, depth + 1);
    if (!is_empty(*child)) {
      return;
    }
  }
  if (step.index) {
    value.items.erase(value.items.begin() + static_cast<std::ptrdiff_t>(*step.index));
  } else {
    std::erase_if(value.entries, [&](const Value::Entry& entry) { return entry.key == step.key; });
  }
}

void collect(const Value& value, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& leaves) {
  for (const Value::Entry& entry : value.entries) {
    collect(entry.value, path.empty() ? entry.key : path + "." + entry.key, leaves);
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    collect(value.items[i], path + "[" + std::to_string(i) + "]", leaves);
  }
  if (is_text(value)) {
    leaves.emplace_back(path, value.text);
  }
}

}  // namespace

ScenarioTree::ScenarioTree() : root_(Kind::mapping, {}) {
  set("mtok", "1");
}

ScenarioTree ScenarioTree::from_yaml(const std::string& text, const std::string& file) {
  return ScenarioTree(config::parse_yaml(text, file));
}

std::optional<std::string> ScenarioTree::get(std::string_view path) const {
  const Value* const value = find(root_, path);
  return value != nullptr && is_text(*value) ? std::optional(value->text) : std::nullopt;
}

bool ScenarioTree::has(std::string_view path) const {
  return find(root_, path) != nullptr;
}

void ScenarioTree::set(std::string_view path, std::string text) {
  Value* value = &root_;
  for (const Step& step : steps_of(path)) {
    if (step.index) {
      if (value->kind != Kind::list) {
        *value = Value(Kind::list, {});
      }
      if (*step.index >= value->items.size()) {
        value->items.emplace_back(Kind::mapping, config::Position{});
      }
      value = &value->items[std::min(*step.index, value->items.size() - 1)];
      continue;
    }
    if (value->kind != Kind::mapping) {
      *value = Value(Kind::mapping, {});
    }
    Value* const child = const_cast<Value*>(child_of(*value, step));  // NOLINT: `value` is not const
    if (child != nullptr) {
      value = child;
    } else {
      value->entries.push_back({.key = step.key, .value = Value(Kind::mapping, {})});
      value = &value->entries.back().value;
    }
  }
  *value = scalar(std::move(text));
}

void ScenarioTree::erase(std::string_view path) {
  const std::vector<Step> steps = steps_of(path);
  if (!steps.empty()) {
    erase_at(root_, steps, 0);
  }
}

void ScenarioTree::put(const std::string& key, config::Value block) {
  erase(key);
  root_.entries.push_back({.key = key, .value = std::move(block)});
}

std::vector<std::pair<std::string, std::string>> ScenarioTree::leaves() const {
  std::vector<std::pair<std::string, std::string>> list;
  collect(root_, "", list);
  return list;
}

std::string ScenarioTree::to_yaml() const {
  return yaml_of(root_, 0);
}

std::string yaml_of(const Value& value, int indent) {
  std::string out;
  write(value, indent, false, out);
  return out;
}

}  // namespace mtok::gui
