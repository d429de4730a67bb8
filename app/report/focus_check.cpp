// Reads a FOCUS file cell by cell and notes what breaks a rule.
#include "app/report/focus_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "app/report/focus_columns.hpp"
#include "app/report/focus_rules.hpp"

namespace mtok::report {
namespace {

constexpr std::size_t kMostErrors = 100;

/// A row of a CSV file (RFC 4180) with the place of every cell.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) {
      text_.remove_prefix(3);
    }
  }

  /// False at the end. An open quote runs to the end of the file and is told by `broken`.
  bool next(std::vector<FocusCell>& cells) {
    cells.clear();
    if (at_ >= text_.size()) {
      return false;
    }
    bool more = true;
    while (more) {
      more = cell(cells.emplace_back());
    }
    return true;
  }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  /// True when another cell follows on the same row.
  bool cell(FocusCell& out) {
    out.at = {.line = line_, .column = static_cast<int>(at_ - start_) + 1};
    if (at_ < text_.size() && text_[at_] == '"') {
      out.quoted = true;
      ++at_;
      while (at_ < text_.size() &&
             !(text_[at_] == '"' && (at_ + 1 >= text_.size() || text_[at_ + 1] != '"'))) {
        at_ += text_[at_] == '"' ? 1U : 0U;
        note_line();
        out.text += text_[at_++];
      }
      broken_ = broken_ || at_ >= text_.size();
      ++at_;
    }
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
      out.text += text_[at_++];
    }
    const bool more = at_ < text_.size() && text_[at_] == ',';
    if (more) {
      ++at_;
      return true;
    }
    if (at_ < text_.size() && text_[at_] == '\r') {
      ++at_;
    }
    if (at_ < text_.size() && text_[at_] == '\n') {
      note_line();
      ++at_;
    }
    return false;
  }
  void note_line() {
    if (text_[at_] == '\n') {
      ++line_;
      start_ = at_ + 1;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  int line_ = 1;
  bool broken_ = false;
};

class Checker {
 public:
  Checker(const std::string& text, std::string file) : reader_(text), file_(std::move(file)) {}

  FocusVerdict run() {
    std::vector<FocusCell> cells;
    if (!reader_.next(cells)) {
      note({1, 1}, "the file is empty; expected a header with the columns of FOCUS");
      return std::move(verdict_);
    }
    read_header(cells);
    while (verdict_.errors.size() < kMostErrors && reader_.next(cells)) {
      read_row(cells);
    }
    if (reader_.broken()) {
      note({1, 1}, "a quoted cell does not end");
    }
    return std::move(verdict_);
  }

 private:
  void note(config::Position at, std::string message) {
    if (verdict_.errors.size() < kMostErrors) {
      verdict_.errors.push_back({.file = file_, .at = at, .message = std::move(message)});
    }
  }

  void read_header(const std::vector<FocusCell>& cells) {
    std::set<std::string> seen;
    bool own = false;
    for (const FocusCell& cell : cells) {
      names_.push_back(cell.text);
      const bool is_own = cell.text.starts_with("x_");
      if (!seen.insert(cell.text).second) {
        note(cell.at, "column '" + cell.text + "' stands twice");
      } else if (!is_own && focus_column(cell.text) == nullptr) {
        note(cell.at, "'" + cell.text + "' is no column of FOCUS 1.2; own columns start with x_");
      } else if (own && !is_own) {
        note(cell.at, "column '" + cell.text + "' must stand before the own columns");
      }
      own = own || is_own;
    }
    for (const FocusColumn& column : focus_columns()) {
      if (column.level == FocusLevel::mandatory && !seen.contains(std::string(column.name))) {
        note(cells.front().at, fmt::format("the mandatory column {} is missing", column.name));
      }
    }
    verdict_.columns = names_.size();
  }

  void read_row(const std::vector<FocusCell>& cells) {
    ++verdict_.rows;
    if (cells.size() != names_.size()) {
      note(cells.front().at, fmt::format("expected {} cells, got {}", names_.size(), cells.size()));
      return;
    }
    FocusRow row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      row.emplace(names_[i], &cells[i]);
      check_cell(names_[i], cells[i]);
    }
    for (const FocusFinding& finding : broken_rules(row)) {
      note(finding.at.line == 0 ? cells.front().at : finding.at, finding.message);
    }
  }

  void check_cell(const std::string& name, const FocusCell& cell) {
    if (cell.text.empty()) {
      const FocusColumn* const column = focus_column(name);
      if (cell.quoted) {
        note(cell.at, name + ": null is an empty cell without quotes");
      } else if (column != nullptr && !column->nulls) {
        note(cell.at, name + ": must not be null");
      }
      return;
    }
    if (const std::string problem = broken_format(name, cell.text); !problem.empty()) {
      note(cell.at, name + ": " + problem);
    }
  }

  CsvReader reader_;
  std::string file_;
  std::vector<std::string> names_;
  FocusVerdict verdict_;
};

}  // namespace

FocusVerdict check_focus(const std::string& text, const std::string& file) {
  return Checker(text, file).run();
}

}  // namespace mtok::report
