// Writes a page for a terminal: aligned columns, numbers to the right.
#include <algorithm>
#include <string_view>

#include "app/report/page.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

constexpr std::string_view kIndent = "  ";
constexpr std::string_view kGap = "  ";

/// Text in ANSI bold or dim, or plain text.
struct Style {
  bool colour = false;

  [[nodiscard]] std::string bold(const std::string& text) const {
    return colour ? "\x1b[1m" + text + "\x1b[0m" : text;
  }
  [[nodiscard]] std::string dim(const std::string& text) const {
    return colour ? "\x1b[2m" + text + "\x1b[0m" : text;
  }
};

std::string padded(const std::string& text, std::size_t width, Align align) {
  const std::size_t used = width_of(text);
  const std::string space(width > used ? width - used : 0, ' ');
  return align == Align::right ? space + text : text + space;
}

/// The words of a text in lines of at most `kLineWidth` columns; all but the first begin with `hang` spaces,
/// which the first line is taken to have as well. A longer word has a line of its own.
std::string wrapped(const std::string& text, std::size_t hang) {
  constexpr std::size_t kLineWidth = 110;
  std::string lines;
  std::size_t used = hang;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(' ', start + 1), text.size());
    std::string word = text.substr(start, end - start);  // with the space before it
    if (used + width_of(word) > kLineWidth && used > hang) {
      word = word.substr(word.starts_with(' ') ? 1 : 0);
      lines += "\n" + std::string(hang, ' ');
      used = hang;
    }
    lines += word;
    used += width_of(word);
    start = end;
  }
  return lines;
}

std::string without_trailing_spaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) {
    widths.push_back(width_of(column.title));
  }
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(printable(row[i])));
    }
  }
  return widths;
}

std::string line_of(const Table& table, const std::vector<std::size_t>& widths,
                    const std::vector<std::string>& cells) {
  std::string line(kIndent);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += (i == 0 ? "" : kGap);
    line += padded(printable(cells[i]), widths[i], table.columns[i].align);
  }
  return without_trailing_spaces(line);
}

std::string text_of(const Table& table, const Style& style) {
  const std::vector<std::size_t> widths = widths_of(table);
  std::vector<std::string> titles;
  for (const Column& column : table.columns) {
    titles.push_back(column.title);
  }
  std::string text = style.dim(line_of(table, widths, titles)) + "\n";
  for (const auto& row : table.rows) {
    text += line_of(table, widths, row) + "\n";
  }
  return text;
}

std::string text_of(const Facts& facts, const Style& style) {
  std::size_t width = 0;
  for (const auto& [label, value] : facts.lines) {
    width = std::max(width, width_of(label));
  }
  std::string text;
  for (const auto& [label, value] : facts.lines) {
    const std::string padded_label = style.dim(padded(printable(label), width, Align::left));
    const std::size_t hang = kIndent.size() + width + kGap.size();
    text += std::string(kIndent) + padded_label + std::string(kGap) + wrapped(printable(value), hang) + "\n";
  }
  return text;
}

std::string text_of(const Notes& notes, const Style& /*style*/) {
  std::string text;
  for (const std::string& line : notes.lines) {
    text += std::string(kIndent) + wrapped(printable(line), kIndent.size()) + "\n";
  }
  return text;
}

/// Pictures are left out: their numbers stand in a table beside.
std::string text_of(const Figure& /*figure*/, const Style& /*style*/) {
  return "";
}

std::string text_of(const Section& section, const Style& style) {
  std::string text = section.title.empty() ? "" : style.bold(printable(section.title)) + "\n";
  for (std::size_t i = 0; i < section.blocks.size(); ++i) {
    text += i == 0 ? "" : "\n";
    text += std::visit([&](const auto& block) { return text_of(block, style); }, section.blocks[i]);
  }
  return text;
}

}  // namespace

std::string to_terminal(const Page& page, bool colour) {
  const Style style{.colour = colour};
  std::string text = style.bold(printable(page.title)) + "\n";
  if (!page.headline.empty()) {
    text += "\n";
  }
  for (const std::string& line : page.headline) {
    text += std::string(kIndent) + style.bold(wrapped(printable(line), kIndent.size())) + "\n";
  }
  for (const Section& section : page.sections) {
    text += section.blocks.empty() ? "" : "\n" + text_of(section, style);
  }
  return text;
}

}  // namespace mtok::report
