// Reads CSV traces: RFC 4180 cells, one row a line, columns found by the names of the header.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/workload/formula_guard.hpp"
#include "sim/workload/trace_rows.hpp"

namespace mtok::workload {
namespace {

/// Cuts a line of a LineReader into cells. Texts lie in the line, or in `unquoted` where doubled quotes had
/// to be undone.
class CsvSplitter {
 public:
  explicit CsvSplitter(const LineReader& lines) : lines_(&lines) {}

  void split(std::string_view line, std::vector<Cell>& cells) {
    cells.clear();
    std::size_t start = 0;
    for (std::size_t from = 0; from < line.size(); from += 64) {
      const auto [commas, quoted] = marks(line.substr(from, 64));
      if (quoted) {
        split_quoted(line, cells);
        return;
      }
      for (std::uint64_t left = commas; left != 0; left &= left - 1) {
        const std::size_t comma = from + static_cast<std::size_t>(std::countr_zero(left));
        add(line, start, comma, cells);
        start = comma + 1;
      }
    }
    add(line, start, line.size(), cells);
  }

 private:
  /// The cell line[start, end). Written in place: a copy would wait for what it copies.
  static void add(std::string_view line, std::size_t start, std::size_t end, std::vector<Cell>& cells) {
    Cell& cell = cells.emplace_back();
    cell.text = {line.data() + start, end - start};
    cell.column = start + 1;
    cell.padded = true;
  }

  struct Marks {
    std::uint64_t commas = 0;  ///< a bit for each byte
    bool quoted = false;       ///< there may be a quote
  };
  /// Of at most 64 bytes. Without a branch that depends on them: where commas stand cannot be foreseen.
  static Marks marks(std::string_view piece) {
    std::uint64_t commas = 0;
    std::uint64_t quotes = 0;
    for (std::size_t i = 0; i < piece.size(); i += 8) {
      const std::uint64_t word = eight_bytes(piece.data() + i);
      commas |= gathered(tops_of(word, ',')) << i;
      quotes |= tops_of(word, '"');  // one just behind the piece does no harm
    }
    const std::uint64_t inside = ~std::uint64_t{0} >> (64 - piece.size());
    return {.commas = commas & inside, .quoted = quotes != 0};
  }

  void split_quoted(std::string_view line, std::vector<Cell>& cells) {
    cells.clear();
    unquoted_.clear();
    unquoted_.reserve(line.size());  // so that texts that point into it stay where they are
    std::size_t start = 0;
    for (;;) {
      std::size_t end = 0;
      if (start < line.size() && line[start] == '"') {
        cells.push_back({unquote(line, start, end), start + 1});
      } else {
        end = std::min(line.find(',', start), line.size());
        cells.push_back({line.substr(start, end - start), start + 1});
        if (const std::size_t quote = cells.back().text.find('"'); quote != std::string_view::npos) {
          lines_->fail(start + quote + 1, 1, "a quote inside a cell that does not start with one",
                       "put the whole cell in quotes and double each quote inside");
        }
      }
      if (end == line.size()) {
        return;
      }
      start = end + 1;
    }
  }

  /// The text of the quoted cell at `start`; `end` becomes the place of the comma after it, or of the end of
  /// the line.
  std::string_view unquote(std::string_view line, std::size_t start, std::size_t& end) {
    const std::size_t first = unquoted_.size();
    std::size_t from = start + 1;
    for (;;) {
      const std::size_t quote = line.find('"', from);
      if (quote == std::string_view::npos) {
        lines_->fail(start + 1, line.size() - start, "the quote does not end on its line",
                     "a cell of a trace cannot hold a line break");
      }
      unquoted_.append(line.substr(from, quote - from));
      if (quote + 1 == line.size() || line[quote + 1] == ',') {
        end = quote + 1;
        return std::string_view(unquoted_).substr(first);
      }
      if (line[quote + 1] != '"') {
        lines_->fail(quote + 2, 1, "text after the closing quote of a cell; expected a comma");
      }
      unquoted_.push_back('"');
      from = quote + 2;
    }
  }

  const LineReader* lines_;
  std::string unquoted_;
};

class CsvRows final : public TraceRows {
 public:
  CsvRows(LineReader& lines, const std::optional<TraceFormat>& asked) : lines_(&lines), splitter_(lines) {
    splitter_.split(lines.line(), cells_);
    std::vector<std::string_view> names;
    for (const Cell& cell : cells_) {
      if (std::ranges::find(names, cell.text) != names.end()) {
        lines.fail(cell.column, cell.text.size(), fmt::format("the column '{}' is there twice", cell.text));
      }
      names.push_back(cell.text);
    }
    Mismatch mismatch;
    format_ = detect_format(false, names, asked, mismatch);
    if (format_ == nullptr) {
      const bool semicolons = names.size() == 1 && names[0].find(';') != std::string_view::npos;
      lines.fail(1, lines.line().size(), mismatch.message,
                 semicolons ? "cells are separated by commas, not semicolons" : mismatch.hint);
    }
    columns_ = names.size();
    place(names);
  }

  const FormatColumns& format() const override { return *format_; }
  bool has_hash_ids() const override { return hash_ids_ != kAbsent; }
  Cell hash_ids_name() const override { return hash_ids_name_; }

  bool next(TraceRow& row, Request& request) override {
    std::string_view line;
    if (!lines_->next_filled(line)) {
      return false;
    }
    splitter_.split(line, cells_);
    if (cells_.size() != columns_) {
      fail_count();
    }
    row = {.arrival = &cells_[arrival_], .input = &cells_[input_], .output = &cells_[output_]};
    if (total_ != kAbsent) {
      row.total = &cells_[total_];
    }
    request.tenant.clear();
    request.model.clear();
    request.hash_ids.clear();
    if (tenant_ != kAbsent) {
      request.tenant = text_of(cells_[tenant_]);
    }
    if (model_ != kAbsent) {
      request.model = text_of(cells_[model_]);
    }
    if (hash_ids_ != kAbsent && !cells_[hash_ids_].text.empty()) {
      row.hash_ids = &cells_[hash_ids_];
      read_hash_ids(*row.hash_ids, request.hash_ids);
    }
    return true;
  }

 private:
  static constexpr std::size_t kAbsent = SIZE_MAX;

  void place(const std::vector<std::string_view>& names) {
    const auto find = [&](std::string_view name) {
      const auto at = std::ranges::find(names, name);
      return name.empty() || at == names.end() ? kAbsent : static_cast<std::size_t>(at - names.begin());
    };
    arrival_ = find(format_->arrival);
    input_ = find(format_->input);
    output_ = find(format_->output);
    total_ = find(format_->total);
    tenant_ = find(format_->tenant);
    model_ = find(format_->model);
    hash_ids_ = find(format_->hash_ids);
    if (hash_ids_ != kAbsent) {
      hash_ids_name_ = cells_[hash_ids_];
    }
    for (std::size_t i = 0; format_->closed && i < names.size(); ++i) {
      const std::array used{arrival_, input_, output_, tenant_, model_, hash_ids_};
      if (std::ranges::find(used, i) == used.end()) {
        lines_->fail(cells_[i].column, names[i].size(), fmt::format("unknown column '{}'", names[i]),
                     "mtok traces have arrival_s,input_tokens,output_tokens[,tenant,model,hash_ids]");
      }
    }
  }

  [[noreturn]] void fail_count() const {
    const bool few = cells_.size() < columns_;
    const Cell& at = few ? cells_.back() : cells_[columns_];
    lines_->fail(at.column, at.text.size(),
                 fmt::format("the row has {} cells; the header has {}", cells_.size(), columns_));
  }

  std::string text_of(const Cell& cell) const {
    const auto control = std::ranges::find_if(cell.text, [](char c) { return c == '\t' || c == '\r'; });
    if (control != cell.text.end()) {
      lines_->fail(cell.column, cell.text.size(), "a control character in a name");
    }
    return format_->closed ? unguarded(cell.text) : std::string(cell.text);
  }

  void read_hash_ids(const Cell& cell, std::vector<std::uint64_t>& ids) const {
    const char* at = cell.text.data();
    const char* const end = at + cell.text.size();
    for (;;) {
      std::uint64_t id = 0;
      const auto [stop, status] = std::from_chars(at, end, id);
      if (status != std::errc{} || (stop != end && *stop != ';')) {
        lines_->fail(cell.column, cell.text.size(),
                     fmt::format("hash id {} is not a whole number below 2^64", ids.size() + 1),
                     "ids are separated by ';'");
      }
      ids.push_back(id);
      if (stop == end) {
        return;
      }
      at = stop + 1;
    }
  }

  LineReader* lines_;
  CsvSplitter splitter_;
  const FormatColumns* format_ = nullptr;
  std::vector<Cell> cells_;
  std::size_t columns_ = 0;
  std::size_t arrival_ = kAbsent;
  std::size_t input_ = kAbsent;
  std::size_t output_ = kAbsent;
  std::size_t total_ = kAbsent;
  std::size_t tenant_ = kAbsent;
  std::size_t model_ = kAbsent;
  std::size_t hash_ids_ = kAbsent;
  Cell hash_ids_name_{};
};

}  // namespace

std::unique_ptr<TraceRows> open_csv_rows(LineReader& lines, const std::optional<TraceFormat>& asked) {
  return std::make_unique<CsvRows>(lines, asked);
}

}  // namespace mtok::workload
