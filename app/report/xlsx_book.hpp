// A workbook under construction: sheets, cells with formats, names, charts.
#pragma once

#include <xlsxwriter.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/report/xlsx_term.hpp"

namespace mtok::report {

/// How a cell looks. Colours as finance reads them: blue on yellow is an input, black is computed, grey is
/// pasted from a simulation.
enum class Look {
  text,
  wrapped,
  bold,
  title,
  note,
  header,
  header_right,
  input,  ///< a number to change
  input_money,
  choice,  ///< a text to choose
  count,   ///< 1,234
  real,    ///< significant digits as they come
  money,   ///< cents of the currency
  rate,    ///< a price per million tokens
  percent,
  simulated,  ///< pasted: a real number
  simulated_count,
  simulated_percent,
  simulated_text,
  total,  ///< money with a line above
  check
};

class Book;

class Tab {
 public:
  Tab(Book& book, lxw_worksheet* sheet, std::string name)
      : book_(book), sheet_(sheet), name_(std::move(name)) {}

  /// Text never becomes a formula; what a reader could take for one gets an apostrophe in front.
  void text(std::uint32_t row, int column, std::string_view words, Look look = Look::text);
  /// A pasted number.
  Term number(std::uint32_t row, int column, double value, Look look);
  /// A formula with its value.
  Term formula(std::uint32_t row, int column, const Term& term, Look look);
  /// A formula that gives a text.
  void text_formula(std::uint32_t row, int column, const std::string& formula, const std::string& value,
                    Look look = Look::text);
  /// TRUE while the term is not 0.
  void check(std::uint32_t row, int column, const Term& term);
  /// Titles that begin with '>' stand over numbers, at the right.
  void headers(std::uint32_t row, const std::vector<std::string>& titles);
  void widths(const std::vector<double>& characters);
  /// Only these texts, or the texts of those cells, may be chosen.
  void choices_from(std::uint32_t row, int column, const std::string& range);
  void whole_numbers(std::uint32_t row, int column, int least, int most);
  void freeze(std::uint32_t rows, int columns);
  void chart(std::uint32_t row, int column, lxw_chart* chart, int width, int height);

  /// A cell as formulas of any sheet name it, with its value.
  [[nodiscard]] Term at(std::uint32_t row, int column, double value) const;
  /// A column or row of cells.
  [[nodiscard]] Range range(std::uint32_t row, int column, std::uint32_t last_row, int last_column,
                            std::vector<double> values) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] lxw_worksheet* raw() const { return sheet_; }

 private:
  Book& book_;
  lxw_worksheet* sheet_;
  std::string name_;
  std::vector<double> widths_;                 ///< of columns, in characters
  std::map<std::uint32_t, int> lines_of_row_;  ///< of wrapped texts
};

class Book {
 public:
  /// Opens the file; nothing is written before close().
  Book(const std::filesystem::path& file, const std::string& currency, int money_decimals);
  ~Book();
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;

  Tab& add(const std::string& name);
  /// A name for a cell; gives the term under that name.
  Term name(const std::string& name, const Term& cell);
  [[nodiscard]] lxw_format* format(Look look) { return formats_.at(look); }
  [[nodiscard]] lxw_workbook* raw() { return book_; }
  lxw_chart* chart(lxw_chart_type type, const std::string& title);
  /// A series over cells of one column.
  static lxw_chart_series* series(lxw_chart* chart, const Range& names, const Range& values,
                                  const std::string& title, lxw_color_t colour);
  void properties(const std::string& title, const std::string& comment);
  [[nodiscard]] std::int64_t formulas() const { return formulas_; }
  /// Writes the file. Throws std::runtime_error with the library's words.
  void close();

 private:
  friend class Tab;
  lxw_workbook* book_ = nullptr;
  std::map<Look, lxw_format*> formats_;
  std::vector<std::unique_ptr<Tab>> sheets_;
  std::int64_t formulas_ = 0;
};

}  // namespace mtok::report
