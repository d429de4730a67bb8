// Writes a page as Markdown with pipe tables.
#include "app/report/page.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

/// Right-aligned columns hold numbers that this program wrote: their minus is no formula.
std::string line_of(const std::vector<std::string>& cells, const std::vector<Column>& columns) {
  std::string line = "|";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool number = columns[i].align == Align::right;
    line += " " + (number ? markdown_text(cells[i]) : markdown_cell(cells[i])) + " |";
  }
  return line + "\n";
}

std::string text_of(const Table& table) {
  std::vector<std::string> titles;
  std::string rule = "|";
  for (const Column& column : table.columns) {
    titles.push_back(column.title);
    rule += column.align == Align::right ? " ---: |" : " :--- |";
  }
  std::string text = line_of(titles, table.columns) + rule + "\n";
  for (const auto& row : table.rows) {
    text += line_of(row, table.columns);
  }
  return text;
}

std::string text_of(const Facts& facts) {
  Table table{.columns = {{"", Align::left}, {"", Align::left}}};
  for (const auto& [label, value] : facts.lines) {
    table.rows.push_back({label, value});
  }
  return text_of(table);
}

std::string text_of(const Notes& notes) {
  std::string text;
  for (const std::string& line : notes.lines) {
    text += "- " + markdown_text(line) + "\n";
  }
  return text;
}

/// Pictures are left out: their numbers stand in a table beside.
std::string text_of(const Figure& /*figure*/) {
  return "";
}

}  // namespace

std::string to_markdown(const Page& page) {
  std::string text = "# " + markdown_text(page.title) + "\n";
  for (const std::string& line : page.headline) {
    text += "\n**" + markdown_text(line) + "**\n";
  }
  for (const Section& section : page.sections) {
    if (section.blocks.empty()) {
      continue;
    }
    if (section.folded) {
      text += "\n<details><summary>" + markdown_text(section.title) + "</summary>\n";
    } else if (!section.title.empty()) {
      text += "\n## " + markdown_text(section.title) + "\n";
    }
    for (const auto& block : section.blocks) {
      const std::string content = std::visit([](const auto& part) { return text_of(part); }, block);
      text += content.empty() ? "" : "\n" + content;
    }
    text += section.folded ? "\n</details>\n" : "";
  }
  return text;
}

}  // namespace mtok::report
