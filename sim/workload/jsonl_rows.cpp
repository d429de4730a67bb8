// Reads JSONL traces: one object a line, fields found by name, the scanner first and the strict parser for
// the rest.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "sim/config/value.hpp"
#include "sim/workload/json_fields.hpp"
#include "sim/workload/trace_rows.hpp"

namespace mtok::workload {
namespace {

class JsonlRows final : public TraceRows {
 public:
  JsonlRows(LineReader& lines, const std::optional<TraceFormat>& asked) : lines_(&lines) {
    read_fields(lines.line(), "");
    std::vector<std::string_view> names;
    for (const JsonField& field : fields_) {
      names.push_back(field.key);
    }
    Mismatch mismatch;
    format_ = detect_format(true, names, asked, mismatch);
    if (format_ == nullptr) {
      lines.fail(1, lines.line().size(), mismatch.message, mismatch.hint);
    }
  }

  const FormatColumns& format() const override { return *format_; }
  bool has_hash_ids() const override { return !format_->hash_ids.empty(); }
  Cell hash_ids_name() const override { return {}; }

  bool next(TraceRow& row, Request& request) override {
    std::string_view line = lines_->line();
    if (!first_ && !lines_->next_filled(line)) {
      return false;
    }
    first_ = false;
    read_fields(line, format_->hash_ids);
    request.hash_ids.assign(ids_.begin(), ids_.end());
    request.tenant.clear();
    request.model.clear();
    row = {.arrival = &number(format_->arrival),
           .input = &number(format_->input),
           .output = &number(format_->output)};
    if (has_hash_ids()) {
      row.hash_ids = &required(format_->hash_ids).value;
      if (!row.hash_ids->text.starts_with('[')) {
        fail_at(*row.hash_ids, fmt::format("{}: expected a list of whole numbers", format_->hash_ids));
      }
    }
    return true;
  }

 private:
  void read_fields(std::string_view line, std::string_view list_name) {
    if (!scan_fields(line, list_name, fields_, ids_)) {
      parse_fields(line, list_name);
    }
  }

  /// The slow way, for objects with nested values, escapes or faults: throws the precise error of the parser.
  void parse_fields(std::string_view line, std::string_view list_name) {
    tree_ = config::parse_json(std::string(line), lines_->file(), lines_->number());
    if (tree_.kind != config::Value::Kind::mapping) {
      lines_->fail(1, 1, "expected a JSON object, one a line");
    }
    fields_.clear();
    ids_.clear();
    for (const config::Value::Entry& entry : tree_.entries) {
      const auto column = static_cast<std::size_t>(entry.value.at.column);
      const bool plain = entry.value.kind == config::Value::Kind::plain;
      const bool list = entry.value.kind == config::Value::Kind::list;
      fields_.push_back(
          {.key = entry.key,
           .key_column = static_cast<std::size_t>(entry.at.column),
           .kind = plain ? JsonField::Kind::number : JsonField::Kind::other,
           .value = {list ? std::string_view("[]") : std::string_view(entry.value.text), column}});
      if (list && entry.key == list_name) {
        read_ids(entry.value);
      }
    }
  }

  void read_ids(const config::Value& list) {
    for (const config::Value& item : list.items) {
      std::uint64_t id = 0;
      const char* const end = item.text.data() + item.text.size();
      const auto [stop, status] = std::from_chars(item.text.data(), end, id);
      if (item.kind != config::Value::Kind::plain || status != std::errc{} || stop != end) {
        lines_->fail(static_cast<std::size_t>(item.at.column), item.text.size(),
                     fmt::format("hash id {} is not a whole number below 2^64", ids_.size() + 1));
      }
      ids_.push_back(id);
    }
  }

  [[nodiscard]] const JsonField& required(std::string_view name) const {
    const auto field = std::ranges::find(fields_, name, &JsonField::key);
    if (field == fields_.end()) {
      lines_->fail(1, 1, fmt::format("the field {} is missing", name));
    }
    return *field;
  }

  [[nodiscard]] const Cell& number(std::string_view name) const {
    const JsonField& field = required(name);
    if (field.kind != JsonField::Kind::number) {
      fail_at(field.value, fmt::format("{}: expected a number", name));
    }
    return field.value;
  }

  [[noreturn]] void fail_at(const Cell& cell, std::string message) const {
    lines_->fail(cell.column, cell.text.size(), std::move(message));
  }

  LineReader* lines_;
  const FormatColumns* format_ = nullptr;
  bool first_ = true;
  std::vector<JsonField> fields_;
  std::vector<std::uint64_t> ids_;
  config::Value tree_;  ///< of a line that went the slow way; the fields point into it
};

}  // namespace

std::unique_ptr<TraceRows> open_jsonl_rows(LineReader& lines, const std::optional<TraceFormat>& asked) {
  return std::make_unique<JsonlRows>(lines, asked);
}

}  // namespace mtok::workload
