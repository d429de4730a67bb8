// A strict JSON reader (RFC 8259) with the place of every value.
#include <fmt/format.h>

#include <utility>

#include "sim/config/large_json.hpp"
#include "sim/config/source.hpp"
#include "sim/config/value.hpp"

namespace mtok::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

/// One pass, recursive in the depth of the text, which is limited. The first error throws.
class JsonReader {
 public:
  explicit JsonReader(const Source& source) : source_(source), text_(source.text), line_(source.first_line) {}

  [[nodiscard]] Value document() {
    skip_blanks();
    Value root = value(0);
    skip_blanks();
    if (at_ < text_.size()) {
      fail(at_, "expected the end of the file after the value", "a file holds exactly one value");
    }
    return root;
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] Position position(std::size_t offset) const {
    return {.line = line_, .column = static_cast<int>(offset - line_start_) + 1};
  }
  [[noreturn]] void fail(std::size_t offset, std::string message, std::string hint = {}) const {
    source_.fail(position(offset), std::move(message), 1, std::move(hint));
  }

  void skip_blanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  Value value(int depth) {
    const char c = peek();
    if (c == '{' || c == '[') {
      if (depth >= kMaxDepth) {
        fail(at_, fmt::format("values are nested deeper than {} levels", kMaxDepth));
      }
      return c == '{' ? object(depth) : array(depth);
    }
    Value out(Value::Kind::plain, position(at_));
    if (c == '"') {
      out.kind = Value::Kind::quoted;
      string(out.text);
    } else if (is_digit(c) || c == '-') {
      out.kind = number(out.text);
    } else if (is_letter(c)) {
      out.kind = word(out.text);
    } else {
      fail_value(c);
    }
    return out;
  }

  Value object(int depth) {
    Value out(Value::Kind::mapping, position(at_));
    const Position open_at = out.at;
    ++at_;
    skip_blanks();
    if (peek() == '}') {
      ++at_;
      return out;
    }
    while (true) {
      Value::Entry& entry = out.entries.emplace_back();
      entry.at = position(at_);
      if (peek() != '"') {
        fail_key(open_at);
      }
      string(entry.key);
      skip_blanks();
      if (peek() != ':') {
        fail(at_, fmt::format("expected ':' after the key '{}'", shown(entry.key)));
      }
      ++at_;
      skip_blanks();
      entry.value = value(depth + 1);
      if (!another('}', open_at)) {
        break;
      }
    }
    check_keys(out.entries);
    return out;
  }

  Value array(int depth) {
    Value out(Value::Kind::list, position(at_));
    ++at_;
    skip_blanks();
    if (peek() == ']') {
      ++at_;
      return out;
    }
    do {
      out.items.push_back(value(depth + 1));
    } while (another(']', out.at));
    return out;
  }

  /// After a value: true at a ',' with something behind it, false at `close`.
  bool another(char close, Position open_at) {
    skip_blanks();
    const Position comma_at = position(at_);
    if (peek() == close) {
      ++at_;
      return false;
    }
    if (peek() != ',') {
      fail(at_, fmt::format("expected ',' or '{}' (opened in line {}), got {}", close, open_at.line,
                            next_shown()));
    }
    ++at_;
    skip_blanks();
    if (peek() == close) {
      source_.fail(comma_at, fmt::format("a ',' before '{}' is not JSON", close), 1, "remove the comma");
    }
    return true;
  }

  void check_keys(const std::vector<Value::Entry>& entries) const {
    const std::size_t index = first_repeated_key(entries);
    if (index < entries.size()) {
      const Value::Entry& entry = entries[index];
      source_.fail(entry.at, fmt::format("the key '{}' stands here a second time", shown(entry.key)),
                   static_cast<int>(entry.key.size()) + 2);
    }
  }

  /// -?(0|[1-9]digits)(.digits)?([eE][+-]?digits)?, kept as text; or -Infinity.
  Value::Kind number(std::string& out) {
    const std::size_t start = at_;
    at_ += peek() == '-' ? 1 : 0;
    if (peek() == 'I') {
      return word(out, start);
    }
    const std::size_t whole = at_;
    if (digits() == 0) {
      fail(start, "expected a digit after '-'");
    }
    if (text_[whole] == '0' && at_ - whole > 1) {
      fail(start, "a number with leading zeros is not JSON", "remove the zeros");
    }
    if (peek() == '.') {
      ++at_;
      need_digits(start);
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      at_ += peek() == '+' || peek() == '-' ? 1 : 0;
      need_digits(start);
    }
    out.assign(text_.substr(start, at_ - start));
    return Value::Kind::plain;
  }

  std::size_t digits() {
    const std::size_t start = at_;
    while (is_digit(peek())) {
      ++at_;
    }
    return at_ - start;
  }

  void need_digits(std::size_t start) {
    if (digits() == 0) {
      fail(start, fmt::format("expected a digit after '{}'", shown(text_.substr(start, at_ - start))));
    }
  }

  Value::Kind word(std::string& out) { return word(out, at_); }
  Value::Kind word(std::string& out, std::size_t start) {
    while (is_letter(peek()) || is_digit(peek()) || peek() == '_') {
      ++at_;
    }
    const std::string_view text = text_.substr(start, at_ - start);
    out.assign(text);
    if (text == "true" || text == "false") {
      return Value::Kind::plain;
    }
    if (text == "null") {
      return Value::Kind::null;
    }
    if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
      return Value::Kind::special;
    }
    const bool python = text == "True" || text == "False" || text == "None";
    fail(start, fmt::format("expected a value, got '{}'", shown(text)),
         python ? "JSON writes true, false and null" : "put text in double quotes");
  }

  /// At a '"'. Appends the decoded text, copying unescaped stretches as a whole.
  void string(std::string& out) {
    const std::size_t start = at_++;
    while (true) {
      const std::size_t stretch = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20) {
        ++at_;
      }
      out.append(text_.substr(stretch, at_ - stretch));
      if (at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r') {
        fail(start, "text in quotes must end on the line where it begins", "close the double quote");
      }
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (c != '\\') {
        fail(at_, "a control character inside quotes is not JSON", "write a tab as \\t");
      }
      escape(out);
    }
  }

  void escape(std::string& out) {
    static constexpr std::string_view kNames = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t start = at_++;
    const char c = peek();
    if (c == 'u') {
      ++at_;
      append_utf8(out, unicode_escape(start));
      return;
    }
    const std::size_t which = kNames.find(c);
    if (c == '\0' || which == std::string_view::npos) {
      fail(start, "an unknown escape inside quotes", "a backslash itself is written \\\\");
    }
    out += kMeanings[which];
    ++at_;
  }

  /// The character of `\uXXXX` or of a surrogate pair `\uD83D\uDE00`; at the first hex digit.
  std::uint32_t unicode_escape(std::size_t start) {
    const std::uint32_t first = four_hex(start);
    if (first < 0xD800 || first > 0xDFFF) {
      return first;
    }
    if (first < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const std::uint32_t second = four_hex(start);
      if (second >= 0xDC00 && second <= 0xDFFF) {
        return 0x10000 + ((first - 0xD800) << 10U) + (second - 0xDC00);
      }
    }
    fail(start, "half of a surrogate pair is no character");
  }

  std::uint32_t four_hex(std::size_t start) {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const bool lower = c >= 'a' && c <= 'f';
      if (!is_digit(c) && !lower && !(c >= 'A' && c <= 'F')) {
        fail(start, "expected four hexadecimal digits after \\u");
      }
      code = code * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : (lower ? c - 'a' : c - 'A') + 10);
    }
    return code;
  }

  [[nodiscard]] std::string next_shown() const {
    return at_ >= text_.size()
               ? "the end of the file"
               : fmt::format("'{}'", shown(text_.substr(at_, character_at(text_, at_).bytes)));
  }

  [[noreturn]] void fail_value(char c) const {
    std::string hint;
    if (c == '\'') {
      hint = "JSON uses double quotes";
    } else if (c == '/' || c == '#') {
      hint = "JSON has no comments";
    } else if (c == '+' || c == '.') {
      hint = "a number begins with a digit or '-'";
    }
    fail(at_, "expected a value, got " + next_shown(), hint);
  }

  [[noreturn]] void fail_key(Position open_at) const {
    const char c = peek();
    std::string hint;
    if (c == '\'' || is_letter(c)) {
      hint = "keys stand in double quotes";
    } else if (c == '/' || c == '#') {
      hint = "JSON has no comments";
    }
    fail(at_, fmt::format("expected a key or '}}' (opened in line {}), got {}", open_at.line, next_shown()),
         hint);
  }

  const Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
};

}  // namespace

Value parse_json(std::string_view text, const std::string& file, int first_line) {
  const Source source{.text = without_mark(text), .file = file, .first_line = first_line};
  check_source(source, kMaxJsonBytes);
  return JsonReader(source).document();
}

Value parse_large_json(std::string_view text, const std::string& file) {
  const Source source{.text = without_mark(text), .file = file};
  check_source(source, kMaxLargeJsonBytes);
  return JsonReader(source).document();
}

}  // namespace mtok::config
