// A strict scanner for the flat JSON objects of traces.
#include "sim/workload/json_fields.hpp"

namespace mtok::workload {
namespace {

constexpr std::size_t kMaxFields = 32;

class Scanner {
 public:
  explicit Scanner(std::string_view line) : start_(line.data()), at_(start_), end_(start_ + line.size()) {}

  bool object(std::string_view list_name, std::vector<JsonField>& fields, std::vector<std::uint64_t>& ids) {
    if (!take('{')) {
      return false;
    }
    do {
      JsonField field;
      spaces();
      field.key_column = column();
      if (!text(field.key) || !take(':') || is_known(field.key, fields) || fields.size() == kMaxFields) {
        return false;
      }
      spaces();
      field.value.column = column();
      const char* const from = at_;
      if (!value(field.key == list_name ? &ids : nullptr, field.kind)) {
        return false;
      }
      field.value.text = {from, static_cast<std::size_t>(at_ - from)};
      fields.push_back(field);
    } while (take(','));
    return take('}') && (spaces(), at_ == end_);
  }

 private:
  static bool is_known(std::string_view key, const std::vector<JsonField>& fields) {
    for (const JsonField& field : fields) {
      if (field.key == key) {
        return true;
      }
    }
    return false;
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  [[nodiscard]] char peek() const { return at_ == end_ ? '\0' : *at_; }
  [[nodiscard]] std::size_t column() const { return static_cast<std::size_t>(at_ - start_) + 1; }

  void spaces() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) {
      ++at_;
    }
  }
  bool take(char wanted) {
    spaces();
    const bool found = peek() == wanted && at_ != end_;
    at_ += found ? 1 : 0;
    return found;
  }

  bool value(std::vector<std::uint64_t>* ids, JsonField::Kind& kind) {
    if (peek() == '[') {
      return list(ids);
    }
    std::string_view ignored;
    if (peek() == '"') {
      return text(ignored);
    }
    kind = JsonField::Kind::number;
    return number();
  }

  /// The text without its quotes. Escapes are left to parse_json.
  bool text(std::string_view& content) {
    if (peek() != '"') {
      return false;
    }
    const char* const from = ++at_;
    while (at_ != end_ && *at_ != '"') {
      if (*at_ == '\\' || static_cast<unsigned char>(*at_) < 0x20) {
        return false;
      }
      ++at_;
    }
    content = {from, static_cast<std::size_t>(at_ - from)};
    return at_ != end_ && (++at_, true);
  }

  bool digits() {
    const char* const from = at_;
    while (at_ != end_ && is_digit(*at_)) {
      ++at_;
    }
    return at_ != from;
  }

  /// -?(0|[1-9]digits)(.digits)?([eE][+-]?digits)?
  bool number() {
    at_ += peek() == '-' ? 1 : 0;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.') {
      ++at_;
      if (!digits()) {
        return false;
      }
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      at_ += peek() == '+' || peek() == '-' ? 1 : 0;
      return digits();
    }
    return true;
  }

  /// A list of whole numbers. `ids`: where they go; nullptr when nobody asks.
  bool list(std::vector<std::uint64_t>* ids) {
    ++at_;
    if (take(']')) {
      return true;
    }
    do {
      spaces();
      std::uint64_t id = 0;
      if (!whole(id)) {
        return false;
      }
      if (ids != nullptr) {
        ids->push_back(id);
      }
    } while (take(','));
    return take(']');
  }

  /// 0 or a number without leading zeros; 20 digits could pass 2^64 and are left to parse_json.
  bool whole(std::uint64_t& id) {
    const char* const from = at_;
    while (at_ != end_ && is_digit(*at_)) {
      id = 10 * id + static_cast<std::uint64_t>(*at_ - '0');
      ++at_;
    }
    const auto count = at_ - from;
    return count == 1 || (count > 1 && count < 20 && *from != '0');
  }

  const char* start_;
  const char* at_;
  const char* end_;
};

}  // namespace

bool scan_fields(std::string_view line, std::string_view list_name, std::vector<JsonField>& fields,
                 std::vector<std::uint64_t>& ids) {
  fields.clear();
  ids.clear();
  return Scanner(line).object(list_name, fields, ids);
}

}  // namespace mtok::workload
