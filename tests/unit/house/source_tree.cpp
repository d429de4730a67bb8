// Reads the sources of this repository for the tests of the house rules.
#include "tests/unit/house/source_tree.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <regex>

namespace mtok::house {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

SourceFile read_source(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return {.path = path.lexically_relative(repository()).generic_string(),
          .lines = lines_of(text),
          .code = lines_of(without_comments_and_strings(text))};
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Where the literal or comment that starts at `at` ends (one past its last character); `at` itself when none
/// starts.
std::size_t end_of_literal(std::string_view text, std::size_t at) {
  const auto after = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string_view::npos ? text.size() : found + mark.size();
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) {
    return std::min(text.find('\n', at), text.size());
  }
  if (rest.starts_with("/*")) {
    return after("*/", at + 2);
  }
  if (rest.starts_with("R\"") && (at == 0 || !is_word(text[at - 1]))) {
    const std::size_t open = std::min(rest.find('('), rest.size());
    const std::string close = ")" + std::string(rest.substr(2, open - std::min<std::size_t>(open, 2))) + "\"";
    return after(close, at + open);
  }
  const bool separator = rest.starts_with('\'') && at > 0 && is_word(text[at - 1]);
  if (!(rest.starts_with('"') || rest.starts_with('\'')) || separator) {
    return at;
  }
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != text[at] && text[end] != '\n') {
    end += text[end] == '\\' ? 2 : 1;
  }
  return std::min(end + 1, text.size());
}

}  // namespace

std::filesystem::path repository() {
  return std::filesystem::path(MTOK_SOURCE_DIR).lexically_normal();
}

std::vector<SourceFile> all_sources() {
  std::vector<SourceFile> files;
  for (const char* const folder : {"sim", "app", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(repository() / folder)) {
      const std::string suffix = entry.path().extension().string();
      if (entry.is_regular_file() && (suffix == ".hpp" || suffix == ".cpp")) {
        files.push_back(read_source(entry.path()));
      }
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::string without_comments_and_strings(std::string_view text) {
  std::string code;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_literal(text, at);
    if (end == at) {
      code.push_back(text[at++]);
      continue;
    }
    const std::string_view literal = text.substr(at, end - at);
    code.append(literal.starts_with('/') ? "" : "\"\"");
    code.append(static_cast<std::size_t>(std::count(literal.begin(), literal.end(), '\n')), '\n');
    at = end;
  }
  return code;
}

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> includes;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    std::smatch match;
    if (std::regex_search(file.lines[i], match, pattern)) {
      includes.push_back({.target = match[2].str(), .quoted = match[1].str() == "\"", .line = i + 1});
    }
  }
  return includes;
}

std::string place(const SourceFile& file, std::size_t line, std::string_view what) {
  return file.path + ":" + std::to_string(line) + ": " + std::string(what);
}

bool starts_with_one_of(std::string_view path, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return path.starts_with(prefix); });
}

std::string room_of(std::string_view path) {
  const int depth = path.starts_with("tests/unit/") ? 3 : 2;
  std::size_t end = 0;
  for (int i = 0; i < depth; ++i) {
    end = path.find('/', end + static_cast<std::size_t>(i > 0));
    if (end == std::string_view::npos) {
      return "";
    }
  }
  return std::string(path.substr(0, end));
}

}  // namespace mtok::house
