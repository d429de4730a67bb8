// Splits lines of a measurement file into named cells.
#include "sim/validation/table.hpp"

#include <algorithm>

#include "sim/units/text.hpp"

namespace mtok::validation {
namespace {

constexpr std::size_t kMaxLine = std::size_t{1} << 20U;

struct Cells {
  std::vector<std::string> texts{};
  std::vector<int> places{};
  bool open_quote = false;
};

Cells split(std::string_view line) {
  Cells cells;
  std::size_t i = 0;
  while (true) {
    cells.places.push_back(static_cast<int>(i) + 1);
    std::string& cell = cells.texts.emplace_back();
    if (i < line.size() && line[i] == '"') {
      bool closed = false;
      for (++i; i < line.size() && !closed; ++i) {
        if (line[i] != '"') {
          cell += line[i];
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          cell += line[i++];
        } else {
          closed = true;
        }
      }
      cells.open_quote = cells.open_quote || !closed;
    }
    const std::size_t comma = std::min(line.find(',', i), line.size());
    cell += line.substr(i, comma - i);
    if (comma == line.size()) {
      return cells;
    }
    i = comma + 1;
  }
}

}  // namespace

Table::Table(const std::filesystem::path& file, const std::vector<std::string>& columns)
    : file_(file.string()), in_(file, std::ios::binary) {
  if (!in_ || !read_line()) {
    throw config::Error({.file = file_, .at = {1, 1}, .message = "cannot be read, or is empty"});
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const Cells header = split(text_.starts_with(kByteOrderMark) ? text_.substr(3) : text_);
  for (std::size_t i = 0; i < header.texts.size(); ++i) {
    columns_.emplace(header.texts[i], i);
  }
  std::string missing;
  for (const std::string& column : columns) {
    missing += columns_.contains(column) ? "" : (missing.empty() ? "" : ", ") + column;
  }
  if (!missing.empty()) {
    throw config::Error(
        {.file = file_, .at = {1, 1}, .message = "the header has no column " + missing, .excerpt = text_});
  }
}

bool Table::read_line() {
  if (!std::getline(in_, text_)) {
    return false;
  }
  ++line_;
  if (text_.size() > kMaxLine) {
    throw config::Error({.file = file_, .at = {line_, 1}, .message = "a line is longer than 1 MiB"});
  }
  if (text_.ends_with('\r')) {
    text_.pop_back();
  }
  return true;
}

bool Table::next() {
  do {
    if (!read_line()) {
      return false;
    }
  } while (text_.empty());
  Cells cells = split(text_);
  cells_ = std::move(cells.texts);
  places_ = std::move(cells.places);
  if (cells.open_quote) {
    fail(0, "a quote is never closed");
  }
  if (cells_.size() != columns_.size()) {
    fail(0, "expected " + std::to_string(columns_.size()) + " cells as in the header, got " +
                std::to_string(cells_.size()));
  }
  return true;
}

bool Table::has_column(std::string_view column) const {
  return columns_.contains(column);
}

const std::string& Table::cell(std::string_view column) const {
  static const std::string kEmpty;
  const auto found = columns_.find(column);
  return found == columns_.end() ? kEmpty : cells_[found->second];
}

double Table::number(std::string_view column, double fallback, config::Range range) const {
  const std::string& text = cell(column);
  if (text.empty()) {
    return fallback;
  }
  const std::optional<double> value = units::parse_number(text);
  if (!value) {
    refuse(column, "expected a number, got '" + config::shown(text) + "'");
  }
  if (*value < range.least || *value > range.most) {
    refuse(column, "expected a value from " + units::shortest(range.least) + " to " +
                       units::shortest(range.most) + ", got '" + config::shown(text) + "'");
  }
  return *value;
}

std::int64_t Table::integer(std::string_view column, std::int64_t fallback, config::IntRange range) const {
  const std::string& text = cell(column);
  if (text.empty()) {
    return fallback;
  }
  const std::optional<std::int64_t> value = units::parse_integer(text);
  if (!value) {
    refuse(column, "expected a whole number, got '" + config::shown(text) + "'");
  }
  if (*value < range.least || *value > range.most) {
    refuse(column, "expected a value from " + std::to_string(range.least) + " to " +
                       std::to_string(range.most) + ", got '" + config::shown(text) + "'");
  }
  return *value;
}

void Table::refuse(std::string_view column, const std::string& message) const {
  fail(columns_.find(column)->second, std::string(column) + ": " + message);
}

void Table::fail(std::size_t column, const std::string& message) const {
  throw config::Error({.file = file_,
                       .at = {line_, column < places_.size() ? places_[column] : 1},
                       .message = message,
                       .excerpt = text_});
}

}  // namespace mtok::validation
