// How errors of a file are printed: place, message, line, caret, hint.
#include "sim/config/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "sim/config/source.hpp"

namespace mtok::config {
namespace {

constexpr std::size_t kExcerptColumns = 100;
constexpr std::size_t kQuotedColumns = 60;
constexpr std::string_view kGutter = "     ";  // as wide as a line number of five digits

/// A character that can be shown without moving anything else on the screen.
bool harmless(const Character& c) {
  const bool invisible =
      c.code == 0x200E || c.code == 0x200F || c.code == 0x2028 || c.code == 0x2029 || c.code == 0xFEFF;
  return c.bytes > 0 && !is_control(c.code) && !is_bidi_control(c.code) && !invisible;
}

/// The characters of a text, one element each; what is not harmless becomes a space, an invalid byte '?'.
std::vector<std::string_view> cells(std::string_view text) {
  std::vector<std::string_view> out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    out.push_back(c.bytes == 0 ? "?" : (harmless(c) ? text.substr(i, c.bytes) : " "));
    i += std::max<std::size_t>(c.bytes, 1);
  }
  return out;
}

std::string joined(const std::vector<std::string_view>& cells) {
  std::string out;
  for (const std::string_view cell : cells) {
    out += cell;
  }
  return out;
}

std::string harmless_text(std::string_view text) {
  return joined(cells(text));
}

/// The excerpt and its carets, cut to a window that holds the place of the error.
struct Window {
  std::string line{};
  std::size_t caret = 0;  ///< characters before the first caret
  std::size_t width = 1;  ///< carets
};

Window window_of(const Diagnostic& d) {
  const auto column = static_cast<std::size_t>(std::max(d.at.column, 1));
  const std::string_view line = d.excerpt;
  const std::string_view before = line.substr(0, std::min(column - 1, line.size()));
  const std::string_view marked = line.substr(before.size(), static_cast<std::size_t>(std::max(d.width, 1)));
  const std::size_t caret = cells(before).size();
  const std::size_t width = std::max<std::size_t>(cells(marked).size(), 1);

  const std::vector<std::string_view> all = cells(line);
  const std::size_t start = caret < kExcerptColumns ? 0 : caret - kExcerptColumns / 2;
  const std::size_t end = std::min(all.size(), start + kExcerptColumns);
  std::vector<std::string_view> kept(all.begin() + static_cast<std::ptrdiff_t>(std::min(start, end)),
                                     all.begin() + static_cast<std::ptrdiff_t>(end));
  Window window{.caret = caret - start, .width = width};
  if (start > 0) {
    kept.insert(kept.begin(), "...");
    window.caret += 3;
  }
  window.width = std::min(window.width, kExcerptColumns - std::min(caret - start, kExcerptColumns - 1));
  if (end < all.size()) {
    kept.emplace_back("...");
  }
  window.line = joined(kept);
  return window;
}

void append(std::string& out, const Diagnostic& d) {
  // A whole-file error still has a place that editors can jump to.
  fmt::format_to(std::back_inserter(out), "{}:{}:{}: error: {}", harmless_text(d.file),
                 std::max(d.at.line, 1), std::max(d.at.column, 1), harmless_text(d.message));
  const std::string hint = harmless_text(d.hint);
  if (d.excerpt.empty()) {
    out += hint.empty() ? "" : fmt::format("\n{} hint: {}", kGutter, hint);
    return;
  }
  const Window window = window_of(d);
  fmt::format_to(std::back_inserter(out), "\n{:>5} | {}\n{} | {}{}", d.at.line, window.line, kGutter,
                 std::string(window.caret, ' '), std::string(window.width, '^'));
  out += hint.empty() ? "" : " " + hint;
}

/// The errors in the order of their places; errors of one place keep their order.
std::vector<Diagnostic> in_order(std::vector<Diagnostic> diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
  });
  return diagnostics;
}

std::vector<Diagnostic> cut(std::vector<Diagnostic> diagnostics) {
  diagnostics.resize(std::min(diagnostics.size(), kMaxDiagnostics));
  return diagnostics;
}

}  // namespace

std::string shown(std::string_view text) {
  std::vector<std::string_view> all = cells(text.substr(0, 4 * (kQuotedColumns + 1)));
  if (all.size() > kQuotedColumns) {
    all.resize(kQuotedColumns);
    all.emplace_back("...");
  }
  return joined(all);
}

std::string to_text(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics.first(std::min(diagnostics.size(), kMaxDiagnostics))) {
    out += out.empty() ? "" : "\n";
    append(out, d);
  }
  if (diagnostics.size() > kMaxDiagnostics) {
    fmt::format_to(std::back_inserter(out), "\n{} errors, of which the first {} are shown.",
                   diagnostics.size(), kMaxDiagnostics);
  } else if (diagnostics.size() > 1) {
    fmt::format_to(std::back_inserter(out), "\n{} errors.", diagnostics.size());
  }
  return out;
}

Error::Error(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(to_text(diagnostics = in_order(std::move(diagnostics)))),
      diagnostics_(cut(std::move(diagnostics))) {}

}  // namespace mtok::config
