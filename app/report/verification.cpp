// Compares a result with its recomputation, value by value.
#include "app/report/verification.hpp"

#include <fmt/format.h>

#include <map>

#include "app/report/dossier_reader.hpp"
#include "app/report/money_text.hpp"
#include "app/report/sheet.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

/// Every leaf with its path, as it is written in JSON.
void leaves_of(const Json& value, const std::string& path,
               std::vector<std::pair<std::string, std::string>>& out) {
  if (value.is_structured() && !value.empty()) {
    std::size_t index = 0;
    for (const auto& [key, child] : value.items()) {
      const std::string name =
          value.is_array() ? fmt::format("[{}]", index) : (path.empty() ? "" : ".") + key;
      leaves_of(child, path + name, out);
      ++index;
    }
    return;
  }
  out.emplace_back(path, value.dump());
}

std::vector<DifferentValue> differences_of(const Json& stated, const Json& recomputed, std::int64_t& count) {
  std::vector<std::pair<std::string, std::string>> before;
  std::vector<std::pair<std::string, std::string>> after;
  leaves_of(stated, "", before);
  leaves_of(recomputed, "", after);
  std::map<std::string, std::string> known(after.begin(), after.end());
  std::vector<DifferentValue> list;
  for (const auto& [key, value] : before) {
    ++count;
    const auto found = known.find(key);
    if (found == known.end()) {
      list.push_back({key, value, ""});
    } else {
      if (found->second != value) {
        list.push_back({key, value, found->second});
      }
      known.erase(found);
    }
  }
  for (const auto& [key, value] : known) {
    list.push_back({key, "", value});
  }
  return list;
}

std::vector<std::string> verdict_of(const Verification& verification) {
  if (verification.holds()) {
    return {fmt::format("Verified: all {} values are the same, bit for bit.", grouped(verification.figures))};
  }
  std::vector<std::string> lines;
  if (!verification.intact) {
    lines.emplace_back(
        "NOT verified: the content does not fit its hash; the file was changed after it was written.");
  }
  if (!verification.differences.empty()) {
    lines.push_back(fmt::format("NOT verified: {} of {} values come out differently.",
                                grouped(static_cast<std::int64_t>(verification.differences.size())),
                                grouped(verification.figures)));
  }
  if (!all_agree(verification.sums)) {
    lines.emplace_back("NOT verified: the control sums do not agree.");
  }
  return lines;
}

Page page_of(const Verification& verification) {
  Page page{.title = verification.name + ": " + verification.file, .headline = verdict_of(verification)};
  constexpr std::size_t kShown = 20;
  if (!verification.differences.empty()) {
    Table table{.columns = {{"value", Align::left}, {"stated", Align::left}, {"computed anew", Align::left}}};
    for (std::size_t i = 0; i < verification.differences.size() && i < kShown; ++i) {
      const DifferentValue& one = verification.differences[i];
      table.rows.push_back({one.key, one.stated.empty() ? "absent" : one.stated,
                            one.recomputed.empty() ? "absent" : one.recomputed});
    }
    page.sections.push_back({.title = "What differs", .blocks = {table}});
    if (verification.differences.size() > kShown) {
      page.sections.back().blocks.emplace_back(
          Notes{{fmt::format("and {} more", verification.differences.size() - kShown)}});
    }
  }
  if (!verification.sums.empty()) {
    Table table{.columns = {{"the same bill, added up", Align::left}, {"USD"}}};
    for (const ControlSum& sum : verification.sums) {
      table.rows.push_back({sum.title, sum.amount.to_decimal()});
    }
    page.sections.push_back({.title = "Control sums", .blocks = {table}});
  }
  page.sections.push_back(
      {.title = "Result",
       .blocks = {Facts{{{"hash", verification.hash},
                         {"written by", verification.version.empty() ? "an unknown version"
                                                                     : "mtok " + verification.version},
                         {"verified by", "mtok " MTOK_VERSION}}}}});
  return page;
}

Json document_of(const Verification& verification) {
  Json differences = Json::array();
  for (const DifferentValue& one : verification.differences) {
    differences.push_back({{"key", one.key}, {"stated", one.stated}, {"recomputed", one.recomputed}});
  }
  Json sums = Json::array();
  for (const ControlSum& sum : verification.sums) {
    sums.push_back({{"key", sum.key}, {"title", sum.title}, {"usd", usd(std::optional(sum.amount))}});
  }
  return {{"schema", "mtok.verify/1"},
          {"scenario", verification.name},
          {"hash", text_or_null(verification.hash)},
          {"verified", verification.holds()},
          {"hash_fits", verification.intact},
          {"values", verification.figures},
          {"differences", std::move(differences)},
          {"control", {{"sums", std::move(sums)}, {"agree", all_agree(verification.sums)}}}};
}

}  // namespace

Verification verification_of(const std::string& file, const std::string& stated,
                             const std::string& recomputed) {
  const Json before = parsed(stated, file);
  const auto text = [&](const char* key) {
    const auto found = before.find(key);
    return found != before.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  Verification verification{.name = text("scenario").empty() ? text("name") : text("scenario"),
                            .file = file,
                            .hash = text("hash"),
                            .intact = hash_fits(before),
                            .version = text("version")};
  verification.differences = differences_of(before, Json::parse(recomputed), verification.figures);
  return verification;
}

std::string verification_text(const Verification& verification, Form form) {
  return text_of(Sheet{.page = page_of(verification), .document = document_of(verification)}, form);
}

}  // namespace mtok::report
