// Writes cells, names and charts with libxlsxwriter.
#include "app/report/xlsx_book.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <stdexcept>

#include "app/report/text.hpp"
#include "sim/workload/formula_guard.hpp"

namespace mtok::report {
namespace {

constexpr lxw_color_t kInputInk = 0x0000FF;
constexpr lxw_color_t kInputGround = 0xFFF9DB;
constexpr lxw_color_t kSimulatedInk = 0x5A5A5A;
constexpr lxw_color_t kHeaderGround = 0x1F3B57;
constexpr lxw_color_t kFaint = 0x6B6B6B;
constexpr lxw_color_t kGrid = 0xDDDDDD;

/// Spreadsheets keep at most 32,767 characters a cell.
std::string cell_text(std::string_view words) {
  constexpr std::size_t kMost = 32'000;
  return workload::guarded(printable(words.substr(0, kMost)));
}

std::string column_name(int column) {
  std::string name;
  for (int rest = column + 1; rest > 0; rest = (rest - 1) / 26) {
    name.insert(name.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return name;
}

std::string quoted(const std::string& sheet) {
  return sheet.find(' ') == std::string::npos ? sheet : "'" + sheet + "'";
}

lxw_format* simulated(lxw_format* format) {
  format_set_font_color(format, kSimulatedInk);
  format_set_italic(format);
  return format;
}

lxw_format* input(lxw_format* format) {
  format_set_font_color(format, kInputInk);
  format_set_bg_color(format, kInputGround);
  format_set_border(format, LXW_BORDER_HAIR);
  return format;
}

}  // namespace

Book::Book(const std::filesystem::path& file, const std::string& currency, int money_decimals) {
  book_ = workbook_new(file.string().c_str());
  if (book_ == nullptr) {
    throw std::runtime_error("the workbook could not be opened");
  }
  const std::string places =
      money_decimals > 0 ? "." + std::string(static_cast<std::size_t>(money_decimals), '0') : "";
  const std::string money =
      "[$" + currency + "] #,##0" + places + ";[Red]-[$" + currency + "] #,##0" + places;
  const std::string rate = "[$" + currency + "] #,##0.0000;[Red]-[$" + currency + "] #,##0.0000";
  const auto add = [&](Look look, const std::string& digits = "") {
    lxw_format* const format = workbook_add_format(book_);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (!digits.empty()) {
      format_set_num_format(format, digits.c_str());
    }
    formats_[look] = format;
    return format;
  };
  format_set_indent(add(Look::text), 1);
  lxw_format* const wrapped = add(Look::wrapped);
  format_set_text_wrap(wrapped);
  format_set_indent(wrapped, 1);
  format_set_bold(add(Look::bold));
  lxw_format* const title = add(Look::title);
  format_set_bold(title);
  format_set_font_size(title, 16);
  lxw_format* const note = add(Look::note);
  format_set_indent(note, 0);
  format_set_font_color(note, kFaint);
  lxw_format* const header = add(Look::header);
  format_set_bold(header);
  format_set_font_color(header, LXW_COLOR_WHITE);
  format_set_bg_color(header, kHeaderGround);
  format_set_text_wrap(header);
  lxw_format* const over_numbers = add(Look::header_right);
  format_set_bold(over_numbers);
  format_set_font_color(over_numbers, LXW_COLOR_WHITE);
  format_set_bg_color(over_numbers, kHeaderGround);
  format_set_text_wrap(over_numbers);
  format_set_align(over_numbers, LXW_ALIGN_RIGHT);
  input(add(Look::input, "#,##0.######"));
  input(add(Look::input_money, "[$" + currency + "] #,##0.00####"));
  input(add(Look::choice));
  add(Look::count, "#,##0");
  add(Look::real, "#,##0.0000");
  add(Look::money, money);
  add(Look::rate, rate);
  add(Look::percent, "0.0%");
  simulated(add(Look::simulated, "#,##0.000"));
  simulated(add(Look::simulated_count, "#,##0"));
  simulated(add(Look::simulated_percent, "0.0%"));
  simulated(add(Look::simulated_text));
  lxw_format* const total = add(Look::total, money);
  format_set_bold(total);
  format_set_top(total, LXW_BORDER_THIN);
  format_set_bold(add(Look::check));
}

Book::~Book() {
  if (book_ != nullptr) {
    lxw_workbook_free(book_);
  }
}

Tab& Book::add(const std::string& name) {
  lxw_worksheet* const sheet = workbook_add_worksheet(book_, name.c_str());
  worksheet_set_landscape(sheet);
  worksheet_set_paper(sheet, 9);  // A4
  worksheet_fit_to_pages(sheet, 1, 0);
  worksheet_gridlines(sheet, LXW_HIDE_ALL_GRIDLINES);
  return *sheets_.emplace_back(std::make_unique<Tab>(*this, sheet, name));
}

Term Book::name(const std::string& name, const Term& cell) {
  workbook_define_name(book_, name.c_str(), ("=" + cell.formula).c_str());
  return {name, cell.value};
}

lxw_chart* Book::chart(lxw_chart_type type, const std::string& title) {
  lxw_chart* const chart = workbook_add_chart(book_, static_cast<uint8_t>(type));
  chart_title_set_name(chart, title.c_str());
  lxw_chart_font font{};
  font.size = 12;
  font.bold = LXW_TRUE;
  chart_title_set_name_font(chart, &font);
  lxw_chart_line grid{};
  grid.color = kGrid;
  chart_axis_major_gridlines_set_line(type == LXW_CHART_BAR ? chart->x_axis : chart->y_axis, &grid);
  return chart;
}

lxw_chart_series* Book::series(lxw_chart* chart, const Range& names, const Range& values,
                               const std::string& title, lxw_color_t colour) {
  lxw_chart_series* const series =
      chart_add_series(chart, ("=" + names.reference).c_str(), ("=" + values.reference).c_str());
  chart_series_set_name(series, title.c_str());
  lxw_chart_fill fill{};
  fill.color = colour;
  chart_series_set_fill(series, &fill);
  return series;
}

void Book::properties(const std::string& title, const std::string& comment) {
  lxw_doc_properties properties{};
  constexpr time_t kNoClock = 946'684'800;  // 2000-01-01: the same report is the same file
  std::string own_title = title;
  std::string own_comment = comment;
  std::string company = "written by mtok";
  properties.title = own_title.data();
  properties.comments = own_comment.data();
  properties.company = company.data();
  properties.created = kNoClock;
  workbook_set_properties(book_, &properties);
}

void Book::close() {
  lxw_workbook* const book = book_;
  book_ = nullptr;  // closing frees it
  const lxw_error error = workbook_close(book);
  if (error != LXW_NO_ERROR) {
    throw std::runtime_error(lxw_strerror(error));
  }
}

void Tab::text(std::uint32_t row, int column, std::string_view words, Look look) {
  worksheet_write_string(sheet_, row, static_cast<lxw_col_t>(column), cell_text(words).c_str(),
                         book_.format(look));
  constexpr double kLine = 15;  // points
  constexpr double kTitleHeight = 26;
  if (look == Look::title) {
    worksheet_set_row(sheet_, row, kTitleHeight, nullptr);
  } else if (look == Look::wrapped || look == Look::header || look == Look::header_right) {
    // Readers do not all grow the rows of wrapped texts when they open a file.
    const auto at = static_cast<std::size_t>(column);
    const double width = at < widths_.size() ? widths_[at] : 8;
    const double bold = look == Look::wrapped ? 1 : 1.15;
    const int lines = static_cast<int>(std::ceil(static_cast<double>(width_of(words)) * bold / width));
    int& most = lines_of_row_[row];
    if (lines > most) {
      most = lines;
      worksheet_set_row(sheet_, row, kLine * lines + 2, nullptr);
    }
  }
}

Term Tab::number(std::uint32_t row, int column, double value, Look look) {
  worksheet_write_number(sheet_, row, static_cast<lxw_col_t>(column), value, book_.format(look));
  return at(row, column, value);
}

Term Tab::formula(std::uint32_t row, int column, const Term& term, Look look) {
  worksheet_write_formula_num(sheet_, row, static_cast<lxw_col_t>(column), ("=" + term.formula).c_str(),
                              book_.format(look), term.value);
  ++book_.formulas_;
  return at(row, column, term.value);
}

void Tab::text_formula(std::uint32_t row, int column, const std::string& formula, const std::string& value,
                       Look look) {
  worksheet_write_formula_str(sheet_, row, static_cast<lxw_col_t>(column), ("=" + formula).c_str(),
                              book_.format(look), cell_text(value).c_str());
}

void Tab::check(std::uint32_t row, int column, const Term& term) {
  text_formula(row, column, "IF(" + term.formula + ",\"TRUE\",\"FALSE\")", term.value != 0 ? "TRUE" : "FALSE",
               Look::check);
}

void Tab::headers(std::uint32_t row, const std::vector<std::string>& titles) {
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const bool numbers = titles[i].starts_with('>');
    text(row, static_cast<int>(i), std::string_view(titles[i]).substr(numbers ? 1 : 0),
         numbers ? Look::header_right : Look::header);
  }
}

void Tab::widths(const std::vector<double>& characters) {
  widths_ = characters;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    worksheet_set_column(sheet_, static_cast<lxw_col_t>(i), static_cast<lxw_col_t>(i), characters[i],
                         nullptr);
  }
}

void Tab::choices_from(std::uint32_t row, int column, const std::string& range) {
  lxw_data_validation rule{};
  std::string formula = "=" + range;
  rule.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
  rule.value_formula = formula.data();
  worksheet_data_validation_cell(sheet_, row, static_cast<lxw_col_t>(column), &rule);
}

void Tab::whole_numbers(std::uint32_t row, int column, int least, int most) {
  lxw_data_validation rule{};
  rule.validate = LXW_VALIDATION_TYPE_INTEGER;
  rule.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
  rule.minimum_number = least;
  rule.maximum_number = most;
  worksheet_data_validation_cell(sheet_, row, static_cast<lxw_col_t>(column), &rule);
}

void Tab::freeze(std::uint32_t rows, int columns) {
  worksheet_freeze_panes(sheet_, rows, static_cast<lxw_col_t>(columns));
}

void Tab::chart(std::uint32_t row, int column, lxw_chart* chart, int width, int height) {
  constexpr double kDefaultWidth = 480;
  constexpr double kDefaultHeight = 288;
  lxw_chart_options options{};
  options.x_scale = width / kDefaultWidth;
  options.y_scale = height / kDefaultHeight;
  worksheet_insert_chart_opt(sheet_, row, static_cast<lxw_col_t>(column), chart, &options);
}

Term Tab::at(std::uint32_t row, int column, double value) const {
  return {fmt::format("{}!${}${}", quoted(name_), column_name(column), row + 1), value};
}

Range Tab::range(std::uint32_t row, int column, std::uint32_t last_row, int last_column,
                 std::vector<double> values) const {
  return {fmt::format("{}!${}${}:${}${}", quoted(name_), column_name(column), row + 1,
                      column_name(last_column), last_row + 1),
          std::move(values)};
}

}  // namespace mtok::report
