// A result as a page of headings, facts and tables, before it is decided how the page is written.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mtok::report {

enum class Align { left, right };

struct Column {
  std::string title{};
  Align align = Align::right;
};

/// Cells are finished text; every row has as many cells as there are columns.
struct Table {
  std::vector<Column> columns{};
  std::vector<std::vector<std::string>> rows{};
};

/// Labelled values, one a line.
struct Facts {
  std::vector<std::pair<std::string, std::string>> lines{};
};

/// Sentences, one a line.
struct Notes {
  std::vector<std::string> lines{};
};

/// A chart, for writers that can show one; the numbers in it always stand in a table as well.
struct Figure {
  std::string svg{};
  std::string caption{};
};

using Block = std::variant<Facts, Table, Notes, Figure>;

struct Section {
  std::string title{};  ///< empty: no heading
  std::vector<Block> blocks{};
  bool folded = false;  ///< Markdown: only the title is seen until the reader opens it
};

struct Page {
  std::string title{};
  std::vector<std::string> headline{};  ///< the answer, in a few words
  std::vector<Section> sections{};      ///< those without blocks are not shown
};

/// For terminals: aligned columns, ASCII only beside what names bring. `colour` adds bold and dim.
[[nodiscard]] std::string to_terminal(const Page& page, bool colour);
[[nodiscard]] std::string to_markdown(const Page& page);
/// One file without anything outside it: charts inline, tables that sort, light and dark, for print as well.
[[nodiscard]] std::string to_html(const Page& page);

}  // namespace mtok::report
