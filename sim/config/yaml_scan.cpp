// A first look at YAML text: one pass over the characters that knows just enough of YAML's lexical rules to
// tell where a value can begin.
#include "sim/config/yaml_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/config/advice.hpp"

namespace mtok::config {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_break(char c) {
  return c == '\n' || c == '\r';
}
bool is_flow_mark(char c) {
  return c == '[' || c == ']' || c == '{' || c == '}' || c == ',';
}

class Scan {
 public:
  explicit Scan(const Source& source) : source_(source), text_(source.text) {}

  void run() {
    refuse_lone_carriage_returns();
    while (at_ < text_.size()) {
      start_line();
      while (at_ < text_.size() && text_[at_] != '\n') {
        step();
      }
      note_bare_text();
      at_ += at_ < text_.size() ? 1 : 0;
      ++line_;
      line_start_ = at_;
    }
    if (!open_.empty()) {
      fail_at(open_.back(), fmt::format("'{}' is never closed", text_[open_.back().offset]));
    }
    if (!errors_.empty()) {
      throw Error(std::move(errors_));
    }
  }

 private:
  struct Place {
    std::size_t offset = 0;
    Position at{};
  };

  [[nodiscard]] Place here() const {
    return {.offset = at_, .at = {.line = line_, .column = static_cast<int>(column()) + 1}};
  }
  [[nodiscard]] std::ptrdiff_t column() const { return static_cast<std::ptrdiff_t>(at_ - line_start_); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n';
  }
  [[nodiscard]] bool in_flow() const { return !open_.empty(); }
  [[noreturn]] void fail_at(const Place& place, std::string message, int width = 1,
                            std::string hint = {}) const {
    source_.fail(place.at, std::move(message), width, std::move(hint));
  }

  void refuse_lone_carriage_returns() const {
    for (std::size_t i = text_.find('\r'); i != std::string_view::npos; i = text_.find('\r', i + 1)) {
      if (i + 1 == text_.size() || text_[i + 1] != '\n') {
        source_.fail(source_.position_of(i), "a carriage return without a line feed", 1,
                     "save the file with LF or CRLF line ends");
      }
    }
  }

  /// At the first byte of a line: passes over the indentation and decides whether the line begins a value or
  /// goes on with the plain text of the line before.
  void start_line() {
    if (text_[at_] == '%' && !in_flow() && !plain_goes_on_) {
      fail_at(here(), "directives are not supported", 1, "a text that begins with '%' needs quotes");
    }
    while (peek() == ' ') {
      ++at_;
    }
    if (peek() == '\t' && !in_flow()) {
      const Place tab = here();
      while (is_blank(peek())) {
        ++at_;
      }
      if (!is_break(peek()) && peek() != '#') {
        fail_at(tab, "a tab in the indentation", 1, "indent with spaces");
      }
    }
    if (is_break(peek())) {
      return;
    }
    value_can_begin_ = !(plain_goes_on_ && (in_flow() || column() > parent_column_));
    plain_goes_on_ = false;
    if (is_document_mark()) {
      at_ += 3;
      parent_column_ = -1;
      awaits_value_ = true;
    }
    key_is_due_ = !in_flow() && value_can_begin_ && !awaits_value_;
  }

  [[nodiscard]] bool is_document_mark() const {
    const std::string_view mark = text_.substr(at_, 3);
    return at_ == line_start_ && !in_flow() && (mark == "---" || mark == "...") &&
           (is_blank(peek(3)) || is_break(peek(3)));
  }

  /// Passes over one character, or over one quoted text, comment or block text as a whole.
  void step() {
    const char c = peek();
    if (is_blank(c) || c == '\r') {
      ++at_;
    } else if (c == '#' && (at_ == line_start_ || is_blank(text_[at_ - 1]))) {
      skip_line();
      plain_goes_on_ = false;
    } else if (c == ':' && ends_key()) {
      pass_colon();
    } else if (in_flow() && is_flow_mark(c)) {
      pass_flow_mark(c);
    } else if (value_can_begin_) {
      begin_value(c);
    } else if (after_quote_) {
      fail_at(here(), "text right behind a closing quote or bracket", 1,
              in_flow() ? "separate values with ','" : "put the whole text in quotes");
    } else {
      ++at_;
      plain_goes_on_ = true;
    }
  }

  /// The ':' here ends a key: a blank follows, or, between brackets, a bracket or a comma.
  [[nodiscard]] bool ends_key() const {
    const char next = peek(1);
    return is_blank(next) || is_break(next) || (in_flow() && (is_flow_mark(next) || after_quote_));
  }

  void pass_colon() {
    ++at_;
    value_can_begin_ = true;
    plain_goes_on_ = false;
    if (!in_flow()) {
      parent_column_ = token_column_;
      awaits_value_ = true;
      bare_.reset();
    }
  }

  void begin_value(char c) {
    after_quote_ = false;
    const bool key_is_due = std::exchange(key_is_due_, false);
    if (c == '&' || c == '*' || c == '!') {
      refuse_property(c);
    } else if (c == '%' || c == '@' || c == '`') {
      fail_at(here(), fmt::format("a value cannot begin with '{}'", c), 1, "put the text in quotes");
    } else if ((c == '-' || c == '?') && (is_blank(peek(1)) || is_break(peek(1)))) {
      pass_block_mark(c);
    } else if (c == '[' || c == '{') {
      awaits_value_ = false;
      pass_flow_mark(c);
    } else if (!in_flow() && (c == '|' || c == '>')) {
      awaits_value_ = false;
      skip_block_text();
    } else {
      if (key_is_due) {
        bare_ = here();
      }
      begin_text(c);
    }
  }

  /// Quoted or plain text, which may turn out to be a key.
  void begin_text(char c) {
    awaits_value_ = false;
    token_column_ = column();
    if (c == '"' || c == '\'') {
      pass_quoted(c);
      return;
    }
    if (text_.substr(at_, 3) == "<<:" || text_.substr(at_, 4) == "<< :") {
      note(here(), "merge keys are not supported", 2, "write the keys out");
    }
    ++at_;
    value_can_begin_ = false;
    plain_goes_on_ = true;
  }

  /// "- " or "? ".
  void pass_block_mark(char c) {
    if (c == '?') {
      fail_at(here(), "keys marked with '?' are not supported", 1, "write 'key: value'");
    }
    if (!in_flow()) {
      parent_column_ = column();
      awaits_value_ = true;
    }
    ++at_;
  }

  /// At the end of a line: a text that stands where a key should, and no ':' behind it.
  void note_bare_text() {
    if (!bare_) {
      return;
    }
    const std::string_view line = text_.substr(bare_->offset, at_ - bare_->offset);
    const std::string_view bare = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    note(*bare_, fmt::format("expected 'key: value', got '{}'", shown(bare)), static_cast<int>(bare.size()),
         advice_on_bare_key(bare));
    bare_.reset();
  }

  void note(const Place& place, std::string message, int width, std::string hint) {
    if (errors_.size() <= kMaxDiagnostics) {
      errors_.push_back(source_.error(place.at, std::move(message), width, std::move(hint)));
    }
  }

  void pass_flow_mark(char c) {
    after_quote_ = false;
    plain_goes_on_ = false;
    if (c == '[' || c == '{') {
      open_.push_back(here());
      if (open_.size() > static_cast<std::size_t>(kMaxDepth)) {
        fail_at(here(), fmt::format("brackets are nested deeper than {} levels", kMaxDepth));
      }
    } else if (c == ']' || c == '}') {
      const char opener = text_[open_.back().offset];
      if ((c == ']') != (opener == '[')) {
        fail_at(here(),
                fmt::format("'{}' does not close the '{}' of line {}", c, opener, open_.back().at.line));
      }
      open_.pop_back();
    }
    value_can_begin_ = c == '[' || c == '{' || c == ',';
    after_quote_ = c == ']' || c == '}';
    ++at_;
  }

  /// Quoted text must end on its line: an unclosed quote would swallow the keys that follow.
  void pass_quoted(char quote) {
    const Place start = here();
    for (++at_; !is_break(peek()); ++at_) {
      if (quote == '"' && peek() == '\\' && !is_break(peek(1))) {
        ++at_;
      } else if (peek() == quote && quote == '\'' && peek(1) == quote) {
        ++at_;
      } else if (peek() == quote) {
        ++at_;
        value_can_begin_ = false;
        plain_goes_on_ = false;
        after_quote_ = true;
        return;
      }
    }
    fail_at(start, "quoted text must end on the line where it begins", static_cast<int>(at_ - start.offset),
            fmt::format("close the {}", quote == '"' ? "double quote" : "single quote"));
  }

  /// `&name`, `*name` or `!tag`: noted, and passed over so that others in the file are told as well.
  void refuse_property(char c) {
    const Place start = here();
    while (!is_blank(peek()) && !is_break(peek()) && !(in_flow() && is_flow_mark(peek()))) {
      ++at_;
    }
    const std::string name = shown(text_.substr(start.offset, at_ - start.offset));
    const char* const kind = c == '&' ? "the anchor" : (c == '*' ? "the alias" : "the tag");
    note(start, fmt::format("{} '{}' is not supported", kind, name), static_cast<int>(at_ - start.offset),
         c == '!' ? "leave it out" : "write the value out where it is used");
  }

  /// `|` or `>` and its lines: those indented as deep as the first of them, which lies deeper than what holds
  /// it. A digit behind the `|` allows a first line that lies deeper than the rest.
  void skip_block_text() {
    const std::size_t header = at_;
    skip_line();
    const bool digit =
        text_.substr(header, at_ - header).find_first_of("123456789") != std::string_view::npos;
    std::ptrdiff_t least = parent_column_ + 1;
    bool first_line = !digit;
    while (at_ < text_.size()) {
      const std::size_t next = at_ + 1;  // at_ is at a line feed
      const std::size_t start = std::min(text_.find_first_not_of(' ', next), text_.size());
      const auto indent = static_cast<std::ptrdiff_t>(start - next);
      const bool blank_line = start == text_.size() || is_break(text_[start]);
      if (!blank_line && indent < least) {
        break;
      }
      if (!blank_line && first_line) {
        least = indent;
        first_line = false;
      }
      ++line_;
      line_start_ = next;
      at_ = next;
      skip_line();
    }
    value_can_begin_ = false;
  }

  void skip_line() {
    const std::size_t end = text_.find('\n', at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
  }

  const Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
  std::ptrdiff_t parent_column_ = -1;  ///< of the last key or dash: deeper lines belong to its value
  std::ptrdiff_t token_column_ = 0;    ///< of the last text, should it turn out to be a key
  bool value_can_begin_ = true;
  bool plain_goes_on_ = false;   ///< the last token is plain text that a deeper line may continue
  bool after_quote_ = false;     ///< the last token is quoted text or a closing bracket
  bool awaits_value_ = false;    ///< the last token is the ':' of a key or a dash
  bool key_is_due_ = false;      ///< the line must begin with a key, a dash or a bracket
  std::optional<Place> bare_{};  ///< a text of this line where a key is due, until its ':' is seen
  std::vector<Place> open_{};    ///< brackets that wait for their partner
  std::vector<Diagnostic> errors_{};
};

}  // namespace

void scan_yaml(const Source& source) {
  Scan(source).run();
}

}  // namespace mtok::config
