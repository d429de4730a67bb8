// Typed reading of one file: every error is kept and thrown together, unknown keys are errors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/config/value.hpp"
#include "sim/units/quantity.hpp"
#include "sim/units/text.hpp"

namespace mtok::config {

/// Inclusive bounds of a number.
struct Range {
  double least = -std::numeric_limits<double>::max();
  double most = std::numeric_limits<double>::max();
};
inline constexpr Range kPositive{.least = std::numeric_limits<double>::min()};
inline constexpr Range kNotNegative{.least = 0};
inline constexpr Range kFraction{.least = 0, .most = 1};

struct IntRange {
  std::int64_t least = 0;
  std::int64_t most = std::int64_t{1} << 53U;
};
inline constexpr IntRange kAtLeastOne{.least = 1};

/// A word of a file and what it means.
template <class E>
using Choice = std::pair<std::string_view, E>;

class Document;

/// One mapping of a document. A getter that finds no value, or a bad one, notes an error in the document and
/// returns the fallback or a zero, so that reading goes on and all errors of the file come out together in
/// Document::finish. A mapping that is missing, or is none, was noted once: reading from it notes nothing
/// more. Cheap to copy, and copies share what was asked for; must not outlive its document.
class Reader {
 public:
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool is_mapping(std::string_view key) const;
  [[nodiscard]] bool is_list(std::string_view key) const;
  [[nodiscard]] bool is_scalar(std::string_view key) const;
  [[nodiscard]] bool is_null(std::string_view key) const;  ///< JSON only; YAML refuses nulls
  /// Keys in the order of the file, for mappings whose keys are names.
  [[nodiscard]] std::vector<std::string> keys() const;

  [[nodiscard]] Reader mapping(std::string_view key);  ///< required; an empty mapping after an error
  [[nodiscard]] std::optional<Reader> find_mapping(std::string_view key);
  [[nodiscard]] std::vector<Reader> mappings(
      std::string_view key);  ///< a list of mappings; empty when absent

  [[nodiscard]] std::string text(std::string_view key);
  [[nodiscard]] std::string text_or(std::string_view key, std::string fallback);
  [[nodiscard]] double number(std::string_view key, Range range = {});
  [[nodiscard]] double number_or(std::string_view key, double fallback, Range range = {});
  [[nodiscard]] std::int64_t integer(std::string_view key, IntRange range = {});
  [[nodiscard]] std::int64_t integer_or(std::string_view key, std::int64_t fallback, IntRange range = {});
  [[nodiscard]] bool flag(std::string_view key);  ///< only `true` and `false`
  [[nodiscard]] bool flag_or(std::string_view key, bool fallback);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view key, IntRange range = {});
  [[nodiscard]] std::vector<double> numbers(std::string_view key, Range range = {});

  /// "3.35 TB/s" and the like; Q is one of the quantities of units/text.hpp.
  template <class Q>
  [[nodiscard]] Q quantity(std::string_view key, Range range = kPositive) {
    return read_quantity<Q>(key, range).value_or(Q{});
  }
  template <class Q>
  [[nodiscard]] Q quantity_or(std::string_view key, Q fallback, Range range = kPositive) {
    return has(key) ? read_quantity<Q>(key, range).value_or(fallback) : fallback;
  }
  /// One of a few words; the message lists them.
  template <class E>
  [[nodiscard]] E choice(std::string_view key, std::span<const Choice<E>> words) {
    return read_choice(key, words).value_or(words.front().second);
  }
  template <class E>
  [[nodiscard]] E choice_or(std::string_view key, E fallback, std::span<const Choice<E>> words) {
    return has(key) ? read_choice(key, words).value_or(fallback) : fallback;
  }

  /// Notes an error at the value of `key` (at the key's mapping when it is absent): for checks across fields.
  /// The message is what comes after "path.of.key: ".
  void fail(std::string_view key, std::string message, std::string hint = {});
  /// Accepts a key without reading it.
  void ignore(std::string_view key);
  /// Notes every key that was neither read nor ignored, with the nearest key that was asked for as a hint. A
  /// key that was only looked at (`has`, `is_list`) counts as not read.
  void done();
  /// No error was noted in the whole document so far. Check it before arithmetic on what was read.
  [[nodiscard]] bool ok() const;
  [[nodiscard]] Position where(std::string_view key) const;
  [[nodiscard]] const std::string& file() const;
  /// "engine.max_num_seqs" for the key max_num_seqs of the mapping engine.
  [[nodiscard]] std::string path_of(std::string_view key) const;

 private:
  friend class Document;
  struct State;  // of one mapping: which keys were asked for
  explicit Reader(std::shared_ptr<State> state);
  /// The value of a key, or null; both mark the key as asked for, `take` as read. `take` notes a required key
  /// that is missing.
  [[nodiscard]] const Value* peek(std::string_view key) const;
  const Value* take(std::string_view key, bool required);
  /// What `convert` makes of the value of a required key; an empty result after an error.
  template <class Convert>
  auto converted(std::string_view key, const Convert& convert);
  template <class T, class Convert>
  std::vector<T> converted_list(std::string_view key, std::string_view items, const Convert& convert);
  std::optional<std::string> scalar(std::string_view key);
  [[nodiscard]] bool in_range(std::string_view key, double value, Range range, std::string_view shown_value);
  void fail_unit(std::string_view key, const std::string& got, std::string_view example,
                 const std::string& units);
  void fail_choice(std::string_view key, const std::string& got, std::span<const std::string_view> words);
  [[nodiscard]] std::string hint_for_unknown(const std::string& key,
                                             const std::vector<std::string>& absent) const;

  template <class Q>
  std::optional<Q> read_quantity(std::string_view key, Range range) {
    const std::optional<std::string> got = scalar(key);
    if (!got) {
      return std::nullopt;
    }
    const std::optional<Q> value = units::parse_quantity<Q>(*got);
    if (!value) {
      fail_unit(key, *got, units::example_of<Q>(), units::units_of<Q>());
      return std::nullopt;
    }
    return in_range(key, value->base(), range, *got) ? value : std::nullopt;
  }
  template <class E>
  std::optional<E> read_choice(std::string_view key, std::span<const Choice<E>> words) {
    const std::optional<std::string> got = scalar(key);
    if (!got) {
      return std::nullopt;
    }
    std::vector<std::string_view> names;
    for (const auto& [name, value] : words) {
      if (name == *got) {
        return value;
      }
      names.push_back(name);
    }
    fail_choice(key, *got, names);
    return std::nullopt;
  }

  std::shared_ptr<State> state_;
};

/// One file: its tree, its lines for excerpts, and the errors noted while it is read.
class Document {
 public:
  /// Reads a file; `.json` is JSON, everything else YAML. Throws Error when it cannot be opened, is not a
  /// regular file, is too large, or is not well-formed.
  [[nodiscard]] static Document load(const std::filesystem::path& path);
  [[nodiscard]] static Document from_yaml(std::string text, std::string file);
  [[nodiscard]] static Document from_json(std::string text, std::string file);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  [[nodiscard]] Reader root();
  /// Every scalar with its path, in the order of the file: {"engine.max_num_seqs", "256"}, {"pools[1].share",
  /// "0.3"}. The texts are as written.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> leaves() const;
  /// Throws Error with all noted errors; returns when there are none.
  void finish() const;

 private:
  friend class Reader;
  struct Content;
  explicit Document(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

/// The word of `known` that is nearest to `got` by edit distance, when near enough to be a slip; else empty.
[[nodiscard]] std::string nearest(std::string_view got, std::span<const std::string> known);

/// `path` taken relative to `folder`. Throws Error at the place of `at`, with its message as a prefix if it
/// has one, when the path is empty, holds control characters, is a URL or a Windows path, or climbs out of
/// the folder with
/// "..". An absolute path is returned as it is: who wrote it can see it. Left out: symbolic links are not
/// followed.
[[nodiscard]] std::filesystem::path resolve_inside(const std::filesystem::path& folder,
                                                   const std::string& path, const Diagnostic& at);

}  // namespace mtok::config
