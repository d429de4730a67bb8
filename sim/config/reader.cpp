// Typed reading of one mapping: finds the value of a key and remembers which keys were asked for.
#include "sim/config/reader.hpp"

#include <fmt/format.h>

#include <utility>

#include "sim/config/advice.hpp"
#include "sim/config/conversion.hpp"
#include "sim/config/document.hpp"

namespace mtok::config {
namespace {

constexpr std::size_t kMostListed = 12;  // a hint with more words is not read

template <class Words>
std::string joined(const Words& words) {
  std::string out;
  for (const auto& word : words) {
    out += out.empty() ? "" : ", ";
    out += word;
  }
  return out;
}

}  // namespace

Reader::State::State(Document::Content& shared_content, const Value* mapping_value, std::string path_text)
    : content(&shared_content), mapping(mapping_value), path(std::move(path_text)) {
  if (mapping != nullptr) {
    for (std::size_t i = 0; i < mapping->entries.size(); ++i) {
      index.emplace(mapping->entries[i].key, i);
    }
  }
}

const Value::Entry* Reader::State::find(std::string_view key) const {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &mapping->entries[found->second];
}

std::string Reader::State::path_to(std::string_view key) const {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::shared_ptr<Reader::State> Reader::State::child(const Value* value, std::string child_path) {
  std::shared_ptr<State>& state = children[value];
  if (!state) {
    state = std::make_shared<State>(*content, value, std::move(child_path));
  }
  return state;
}

Reader::Reader(std::shared_ptr<State> state) : state_(std::move(state)) {}

const Value* Reader::peek(std::string_view key) const {
  state_->asked.emplace(key);
  const Value::Entry* const entry = state_->find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

const Value* Reader::take(std::string_view key, bool required) {
  const Value* const value = peek(key);
  state_->taken.emplace(key);
  if (value == nullptr && required && state_->mapping != nullptr) {
    state_->content->notes.add(state_->mapping->at, 1, fmt::format("{}: the key is missing", path_of(key)));
  }
  return value;
}

template <class Convert>
auto Reader::converted(std::string_view key, const Convert& convert) {
  const Value* const value = take(key, true);
  const std::string path = path_of(key);
  using Result = decltype(convert(std::declval<const Site&>()));
  return value == nullptr ? Result{}
                          : convert(Site{.value = *value,
                                         .path = path,
                                         .notes = state_->content->notes,
                                         .json = state_->content->json});
}

template <class T, class Convert>
std::vector<T> Reader::converted_list(std::string_view key, std::string_view items, const Convert& convert) {
  std::vector<T> out;
  const Value* const list = take(key, true);
  if (list == nullptr) {
    return out;
  }
  Notes& notes = state_->content->notes;
  const std::string path = path_of(key);
  if (list->kind != Value::Kind::list) {
    Site{.value = *list, .path = path, .notes = notes}.note_expected(fmt::format("a list of {}", items));
    return out;
  }
  out.reserve(list->items.size());
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const std::string item_path = fmt::format("{}[{}]", path, i);
    const auto item = convert(
        Site{.value = list->items[i], .path = item_path, .notes = notes, .json = state_->content->json});
    if (item) {
      out.push_back(*item);
    }
  }
  return out;
}

bool Reader::has(std::string_view key) const {
  return peek(key) != nullptr;
}
bool Reader::is_mapping(std::string_view key) const {
  const Value* const value = peek(key);
  return value != nullptr && value->kind == Value::Kind::mapping;
}
bool Reader::is_list(std::string_view key) const {
  const Value* const value = peek(key);
  return value != nullptr && value->kind == Value::Kind::list;
}
bool Reader::is_scalar(std::string_view key) const {
  const Value* const value = peek(key);
  return value != nullptr && config::is_scalar(*value);
}
bool Reader::is_null(std::string_view key) const {
  const Value* const value = peek(key);
  return value != nullptr && value->kind == Value::Kind::null;
}

std::vector<std::string> Reader::keys() const {
  std::vector<std::string> out;
  if (state_->mapping != nullptr) {
    for (const Value::Entry& entry : state_->mapping->entries) {
      out.push_back(entry.key);
    }
  }
  return out;
}

Reader Reader::mapping(std::string_view key) {
  const std::string path = path_of(key);
  const Value* value = take(key, true);
  if (value != nullptr && value->kind != Value::Kind::mapping) {
    Site{.value = *value, .path = path, .notes = state_->content->notes}.note_expected("a mapping");
    value = nullptr;
  }
  return value == nullptr ? Reader(std::make_shared<State>(*state_->content, nullptr, path))
                          : Reader(state_->child(value, path));
}

std::optional<Reader> Reader::find_mapping(std::string_view key) {
  return has(key) ? std::optional(mapping(key)) : std::nullopt;
}

std::vector<Reader> Reader::mappings(std::string_view key) {
  if (!has(key)) {
    state_->taken.emplace(key);
    return {};
  }
  return converted_list<Reader>(key, "mappings", [this](const Site& site) -> std::optional<Reader> {
    if (site.value.kind != Value::Kind::mapping) {
      site.note_expected("a mapping");
      return std::nullopt;
    }
    return Reader(state_->child(&site.value, site.path));
  });
}

std::string Reader::text(std::string_view key) {
  return converted(key, text_of).value_or(std::string{});
}
std::string Reader::text_or(std::string_view key, std::string fallback) {
  return has(key) ? converted(key, text_of).value_or(std::move(fallback)) : fallback;
}
double Reader::number(std::string_view key, Range range) {
  return converted(key, [range](const Site& site) { return number_of(site, range); }).value_or(0.0);
}
double Reader::number_or(std::string_view key, double fallback, Range range) {
  return has(key) ? number(key, range) : fallback;
}
std::int64_t Reader::integer(std::string_view key, IntRange range) {
  return converted(key, [range](const Site& site) { return integer_of(site, range); }).value_or(0);
}
std::int64_t Reader::integer_or(std::string_view key, std::int64_t fallback, IntRange range) {
  return has(key) ? integer(key, range) : fallback;
}
bool Reader::flag(std::string_view key) {
  return converted(key, flag_of).value_or(false);
}
bool Reader::flag_or(std::string_view key, bool fallback) {
  return has(key) ? flag(key) : fallback;
}

std::vector<std::string> Reader::texts(std::string_view key) {
  return converted_list<std::string>(key, "texts", text_of);
}
std::vector<std::int64_t> Reader::integers(std::string_view key, IntRange range) {
  return converted_list<std::int64_t>(key, "whole numbers",
                                      [range](const Site& site) { return integer_of(site, range); });
}
std::vector<double> Reader::numbers(std::string_view key, Range range) {
  return converted_list<double>(key, "numbers", [range](const Site& site) { return number_of(site, range); });
}

std::optional<std::string> Reader::scalar(std::string_view key) {
  return converted(key, scalar_of);
}

bool Reader::in_range(std::string_view key, double value, Range range, std::string_view shown_value) {
  const std::string path = path_of(key);
  return check_range({.value = *peek(key), .path = path, .notes = state_->content->notes}, value, range,
                     shown_value);
}

void Reader::fail_unit(std::string_view key, const std::string& got, std::string_view example,
                       const std::string& units) {
  const std::string advice = units::parse_number(got) ? "" : advice_on_number(got, false);
  const bool comma = advice.starts_with("use a decimal point");
  fail(key, fmt::format("expected a value with a unit such as '{}', got '{}'", example, shown(got)),
       comma ? advice : "units: " + units);
}

void Reader::fail_choice(std::string_view key, const std::string& got,
                         std::span<const std::string_view> words) {
  const std::string near = nearest(got, std::vector<std::string>(words.begin(), words.end()));
  fail(key, fmt::format("expected one of {}, got '{}'", joined(words), shown(got)),
       near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

void Reader::fail(std::string_view key, std::string message, std::string hint) {
  if (state_->mapping == nullptr) {
    return;
  }
  const Value* const value = peek(key);
  state_->content->notes.add(value == nullptr ? state_->mapping->at : value->at,
                             value == nullptr ? 1 : width_of(*value),
                             fmt::format("{}: {}", path_of(key), message), std::move(hint));
}

void Reader::ignore(std::string_view key) {
  state_->asked.emplace(key);
  state_->taken.emplace(key);
}

void Reader::done() {
  if (state_->mapping == nullptr) {
    return;
  }
  std::vector<std::string> absent;  // a slip of the key stands for one that is not there
  for (const std::string& key : state_->asked) {
    if (state_->find(key) == nullptr) {
      absent.push_back(key);
    }
  }
  for (const Value::Entry& entry : state_->mapping->entries) {
    if (state_->taken.contains(entry.key)) {
      continue;
    }
    const std::string key = shown(entry.key);
    const std::string inside = state_->path.empty() ? "" : fmt::format(" in '{}'", shown(state_->path));
    const bool known = state_->asked.contains(entry.key);
    state_->content->notes.add(entry.at, static_cast<int>(entry.key.size()),
                               known ? fmt::format("the key '{}'{} has no use here", key, inside)
                                     : fmt::format("unknown key '{}'{}", key, inside),
                               known ? "" : hint_for_unknown(entry.key, absent));
  }
}

std::string Reader::hint_for_unknown(const std::string& key, const std::vector<std::string>& absent) const {
  const std::string near = nearest(key, absent);
  if (!near.empty()) {
    return fmt::format("did you mean '{}'?", near);
  }
  return !state_->asked.empty() && state_->asked.size() <= kMostListed
             ? "known keys: " + joined(state_->asked)
             : "";
}

bool Reader::ok() const {
  return state_->content->notes.list.empty();
}

Position Reader::where(std::string_view key) const {
  if (state_->mapping == nullptr) {
    return {};
  }
  const Value::Entry* const entry = state_->find(key);
  return entry == nullptr ? state_->mapping->at : entry->value.at;
}

const std::string& Reader::file() const {
  return state_->content->file;
}
std::string Reader::path_of(std::string_view key) const {
  return state_->path_to(key);
}

}  // namespace mtok::config
