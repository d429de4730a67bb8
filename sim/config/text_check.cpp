// What is checked before parsing: size, UTF-8, control characters, files that are not what their name says.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/config/source.hpp"

namespace mtok::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kLfsPointer = "version https://git-lfs.github.com/spec/v1";
constexpr std::string_view kBlank = " \t\r\n";

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Bytes of the character that `lead` begins, by its high bits; 0 when none begins with it.
std::size_t length_from(unsigned char lead) {
  if (lead < 0x80U) {
    return 1;
  }
  if (lead >= 0xC2U && lead <= 0xDFU) {
    return 2;
  }
  if (lead >= 0xE0U && lead <= 0xEFU) {
    return 3;
  }
  return lead >= 0xF0U && lead <= 0xF4U ? 4 : 0;
}

/// The smallest code point that needs so many bytes: anything below is an overlong form.
constexpr std::array<std::uint32_t, 5> kLeastOfLength{0, 0, 0x80, 0x800, 0x10000};

}  // namespace

Character character_at(std::string_view text, std::size_t offset) {
  const auto lead = static_cast<unsigned char>(text[offset]);
  const std::size_t bytes = length_from(lead);
  if (bytes <= 1) {
    return {.code = lead, .bytes = bytes};
  }
  if (text.size() - offset < bytes) {
    return {};
  }
  std::uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text[offset + i])) {
      return {};
    }
    code = (code << 6U) | (static_cast<unsigned char>(text[offset + i]) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kLeastOfLength[bytes] || surrogate || code > 0x10FFFF
             ? Character{}
             : Character{.code = code, .bytes = bytes};
}

bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F);
}

bool is_bidi_control(std::uint32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool is_clean(std::string_view text, bool layout) {
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    const bool allowed = layout && (c.code == '\t' || c.code == '\n');
    if (c.bytes == 0 || (is_control(c.code) && !allowed) || is_bidi_control(c.code)) {
      return false;
    }
    i += c.bytes;
  }
  return true;
}

std::string_view without_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

Position Source::position_of(std::size_t offset) const {
  const std::string_view before = text.substr(0, offset);
  const auto breaks = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.line = first_line + static_cast<int>(breaks), .column = static_cast<int>(offset - line_start) + 1};
}

Diagnostic Source::error(Position at, std::string message, int width, std::string hint) const {
  std::string_view rest = text;
  for (int line = first_line; line < at.line && !rest.empty(); ++line) {
    const std::size_t end = rest.find('\n');
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  std::string_view excerpt = at.line < first_line ? std::string_view{} : rest.substr(0, rest.find('\n'));
  if (excerpt.ends_with('\r')) {
    excerpt.remove_suffix(1);
  }
  return {.file = file,
          .at = at,
          .message = std::move(message),
          .excerpt = std::string(excerpt),
          .width = width,
          .hint = std::move(hint)};
}

void Source::fail(Position at, std::string message, int width, std::string hint) const {
  throw Error(error(at, std::move(message), width, std::move(hint)));
}

void check_text(std::string_view text, const std::string& file, int first_line) {
  const Source source{.text = text, .file = file, .first_line = first_line};
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7F) {
      ++i;
      continue;
    }
    const Character c = character_at(text, i);
    if (c.bytes == 0) {
      source.fail(source.position_of(i), fmt::format("expected UTF-8 text, got the byte 0x{:02X}", byte), 1,
                  "save the file as UTF-8");
    }
    const bool layout = c.code == '\t' || c.code == '\n' || c.code == '\r';
    if (is_control(c.code) && !layout) {
      source.fail(source.position_of(i),
                  fmt::format("expected text, got the control character U+{:04X}", c.code));
    }
    if (is_bidi_control(c.code)) {
      source.fail(
          source.position_of(i),
          fmt::format("expected text, got U+{:04X}, which reorders the characters around it", c.code));
    }
    i += c.bytes;
  }
}

void check_source(const Source& source, std::size_t most_bytes) {
  const Position whole =
      source.first_line == 1 ? Position{} : Position{.line = source.first_line, .column = 1};
  if (source.text.size() > most_bytes) {
    source.fail(whole, fmt::format("the file is too large: {} bytes, and at most {} can be read",
                                   source.text.size(), most_bytes));
  }
  if (source.text.find_first_not_of(kBlank) == std::string_view::npos) {
    source.fail(whole, "the file is empty");
  }
  if (source.text.starts_with(kLfsPointer)) {
    source.fail(whole, "this is a Git LFS pointer, not the file that it stands for", 1,
                "fetch the file with 'git lfs pull'");
  }
  check_text(source.text, source.file, source.first_line);
}

std::size_t first_repeated_key(const std::vector<Value::Entry>& entries) {
  constexpr std::size_t kFew = 12;  // up to here comparing all pairs is cheaper than sorting
  if (entries.size() <= kFew) {
    for (std::size_t i = 1; i < entries.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (entries[i].key == entries[j].key) {
          return i;
        }
      }
    }
    return entries.size();
  }
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return entries[a].key < entries[b].key; });
  std::size_t first = entries.size();
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (entries[order[i]].key == entries[order[i - 1]].key) {
      first = std::min(first, order[i]);
    }
  }
  return first;
}

}  // namespace mtok::config
