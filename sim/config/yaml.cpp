// YAML text into a tree of values: yaml-cpp finds the events, this file decides which are welcome.
#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <array>
#include <sstream>
#include <utility>

#include "sim/config/advice.hpp"
#include "sim/config/source.hpp"
#include "sim/config/value.hpp"
#include "sim/config/yaml_scan.hpp"

namespace mtok::config {
namespace {

constexpr std::size_t kMaxScalarBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxValues = 500'000;  // about 50 MB of tree

Position position_of(const YAML::Mark& mark) {
  return {.line = mark.line + 1, .column = mark.column + 1};
}

/// Builds the tree from yaml-cpp's events. Nothing is ever walked by recursion, so neither depth nor a cycle
/// can exhaust the stack. Duplicate keys, nulls and merge keys are collected; what makes the rest meaningless
/// throws.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Source& source) : source_(source) {}

  [[nodiscard]] bool has_document() const { return documents_ > 0; }
  /// Throws Error when the document had errors.
  [[nodiscard]] Value take() {
    if (!errors_.empty()) {
      throw Error(std::move(errors_));
    }
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      source_.fail(position_of(mark), "a second document begins here", 1,
                   "a file holds exactly one document");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    if (expects_key()) {
      source_.fail(position_of(mark), "a key is missing before ':'");
    }
    if (frames_.empty()) {
      source_.fail({}, "the file holds no values");
    }
    note_null(position_of(mark));
    add(Value(Value::Kind::null, position_of(mark)));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    source_.fail(position_of(mark), "aliases are not supported", 1, "write the value out where it is used");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Position at = position_of(mark);
    const bool plain = tag == "?";
    if (anchor != 0 || (!plain && tag != "!")) {
      refuse_properties(at);
    }
    if (value.size() > kMaxScalarBytes) {
      source_.fail(at,
                   fmt::format("a text of {} bytes; at most {} can be read", value.size(), kMaxScalarBytes));
    }
    if (expects_key()) {
      take_key(at, value, plain);
      return;
    }
    add(Value(plain ? Value::Kind::plain : Value::Kind::quoted, at, value));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Value::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Value::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override {
    note_repeated_key(frames_.back().value.entries);
    close();
  }

 private:
  struct Frame {
    Value value{};
    bool has_key = false;  ///< of a mapping: the last entry waits for its value
  };

  [[nodiscard]] bool expects_key() const {
    return !frames_.empty() && frames_.back().value.kind == Value::Kind::mapping && !frames_.back().has_key;
  }

  void refuse_properties(Position at) const { source_.fail(at, "anchors and tags are not supported", 1); }

  void open(Value::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    const Position at = position_of(mark);
    if (anchor != 0 || (tag != "?" && !tag.empty())) {
      refuse_properties(at);
    }
    if (expects_key()) {
      source_.fail(at, "a key must be a word, not a list or a mapping");
    }
    if (frames_.size() >= static_cast<std::size_t>(kMaxDepth)) {
      source_.fail(at, fmt::format("values are nested deeper than {} levels", kMaxDepth));
    }
    frames_.push_back({.value = Value(kind, at)});
  }

  void close() {
    Value value = std::move(frames_.back().value);
    frames_.pop_back();
    add(std::move(value));
  }

  void take_key(Position at, const std::string& key, bool plain) {
    if (key == "<<" && plain) {
      note(at, "merge keys are not supported", 2, "write the keys out");
    } else if (key.empty() || !is_clean(key)) {
      note(at, fmt::format("'{}' cannot be a key", shown(key)));
    }
    frames_.back().value.entries.push_back({.key = key, .at = at});
    frames_.back().has_key = true;
  }

  void add(Value value) {
    if (++values_ > kMaxValues) {
      source_.fail(value.at, fmt::format("more than {} values", kMaxValues));
    }
    if (frames_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.value.kind == Value::Kind::list) {
      frame.value.items.push_back(std::move(value));
    } else {
      frame.value.entries.back().value = std::move(value);
      frame.has_key = false;
    }
  }

  void note(Position at, std::string message, int width = 1, std::string hint = {}) {
    if (errors_.size() <= kMaxDiagnostics) {
      errors_.push_back(source_.error(at, std::move(message), width, std::move(hint)));
    }
  }

  void note_null(Position at) {
    const Frame& frame = frames_.back();
    if (frame.value.kind == Value::Kind::list) {
      note(at, fmt::format("{}: expected a value, got nothing", path()));
      return;
    }
    const Value::Entry& entry = frame.value.entries.back();
    note(entry.at, fmt::format("{}: expected a value, got nothing", path()),
         static_cast<int>(entry.key.size()), advice_on_bare_key(entry.key));
  }

  void note_repeated_key(const std::vector<Value::Entry>& entries) {
    const std::size_t index = first_repeated_key(entries);
    if (index == entries.size()) {
      return;
    }
    std::size_t earlier = 0;
    while (entries[earlier].key != entries[index].key) {
      ++earlier;
    }
    note(entries[index].at,
         fmt::format("the key '{}' stands here a second time; the first is in line {}",
                     shown(entries[index].key), entries[earlier].at.line),
         static_cast<int>(entries[index].key.size()));
  }

  /// "engine.parallel[2]": the keys and list indices that lead to the value that comes next.
  [[nodiscard]] std::string path() const {
    std::string out;
    for (const Frame& frame : frames_) {
      if (frame.value.kind == Value::Kind::list) {
        out += fmt::format("[{}]", frame.value.items.size());
      } else {
        out += (out.empty() ? "" : ".") + shown(frame.value.entries.back().key);
      }
    }
    return out;
  }

  const Source& source_;
  std::vector<Frame> frames_{};
  Value root_{};
  std::vector<Diagnostic> errors_{};
  std::size_t values_ = 0;
  int documents_ = 0;
};

/// What a message of yaml-cpp means to someone who wrote a file.
struct Wording {
  std::string_view library{};  ///< how the library's message begins
  std::string_view message{};
  std::string_view hint{};
};

constexpr std::array<Wording, 15> kWordings{{
    {"illegal map value", "a ':' where no value can follow",
     "begin keys of one mapping in one column; put text that holds ': ' in quotes"},
    {"illegal map key", "a key where none can stand", "begin keys of one mapping in one column"},
    {"illegal block entry", "a '-' where no list can begin", "begin the list on a line of its own"},
    {"end of map not found", "this line does not fit into the mapping that it belongs to",
     "begin keys of one mapping in one column, each as 'key: value'"},
    {"end of sequence not found", "this line does not fit into the list that it belongs to",
     "begin the items of one list in one column, each with '- '"},
    {"end of map flow", "expected ',' or '}'", ""},
    {"end of sequence flow", "expected ',' or ']'", ""},
    {"illegal flow end", "a bracket that closes nothing", ""},
    {"unexpected character in block scalar", "only an indentation can follow '|' or '>'", ""},
    {"cannot set zero indentation", "the indentation after '|' or '>' cannot be 0", ""},
    {"illegal tab", "a tab in the indentation", "indent with spaces"},
    {"unknown token", "a character that cannot begin a value", "put text in quotes"},
    {"unknown escape character", "an unknown escape in a quoted text",
     "in single quotes a backslash is itself"},
    {"bad character found while scanning hex", "an unknown escape in a quoted text", ""},
    {"invalid unicode", "an escape that is no character", ""},
}};

[[noreturn]] void fail_in_our_words(const Source& source, const YAML::Exception& e) {
  const Position at = e.mark.is_null() ? Position{} : position_of(e.mark);
  for (const Wording& w : kWordings) {
    if (std::string_view(e.msg).starts_with(w.library)) {
      source.fail(at, std::string(w.message), 1, std::string(w.hint));
    }
  }
  source.fail(at, fmt::format("this is not well-formed YAML ({})", e.msg));
}

}  // namespace

Value parse_yaml(const std::string& text, const std::string& file) {
  const Source source{.text = without_mark(text), .file = file};
  check_source(source, kMaxYamlBytes);
  scan_yaml(source);

  std::istringstream stream{std::string(source.text)};
  TreeBuilder builder(source);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::DeepRecursion& e) {
    source.fail(position_of(e.mark), fmt::format("values are nested deeper than {} levels", kMaxDepth));
  } catch (const YAML::Exception& e) {
    fail_in_our_words(source, e);
  }
  if (!builder.has_document()) {
    source.fail({}, "the file holds no values");
  }
  Value root = builder.take();
  if (root.kind != Value::Kind::mapping) {
    source.fail(root.at, "expected keys with values, such as 'name: chat'");
  }
  return root;
}

}  // namespace mtok::config
