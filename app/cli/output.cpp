// Writes results without leaving half a file behind.
#include "app/cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>

#include "app/cli/refusal.hpp"
#include "app/report/text.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;
using report::Format;

struct NamedFormat {
  std::string_view name;  ///< as --format and file endings say it
  Format format;
};
constexpr std::array<NamedFormat, 4> kFormats{
    {{"table", Format::table}, {"json", Format::json}, {"csv", Format::csv}, {"md", Format::markdown}}};

std::optional<Format> format_named(std::string_view name) {
  const auto* const found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const NamedFormat& f) { return f.name == name; });
  return found == kFormats.end() ? std::nullopt : std::optional(found->format);
}

std::string check_format(const std::string& name) {
  return format_named(name) ? "" : "expected table, json, csv or md, got '" + name + "'";
}

/// An environment variable that is set to something.
bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool wants_colour() {
  const char* const terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && !is_set("NO_COLOR") &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw Refusal(file.string() + " cannot be written: " + why);
}

std::string last_error() {
  return std::generic_category().message(errno);
}

}  // namespace

void Output::add_to(CLI::App& verb) {
  verb.add_option("-o,--output", file, "write the result to this file; '-' is standard output")
      ->type_name("FILE");
  verb.add_option("--format", format, "table, json, csv or md; without it by the ending of -o, else table")
      ->type_name("FORMAT")
      ->check(check_format);
  verb.add_flag("-q,--quiet", quiet, "no progress and no warnings on standard error");
}

report::Form Output::form() const {
  const std::string ending = fs::path(file).extension().string();
  const std::optional<Format> by_name = format_named(format);
  const std::optional<Format> by_ending = format_named(ending.empty() ? ending : ending.substr(1));
  const Format chosen = by_name ? *by_name : by_ending.value_or(Format::table);
  return {.format = chosen, .colour = file == "-" && wants_colour()};
}

void Output::write(const std::string& text) const {
  if (file == "-") {
    write_to_stdout(text);
  } else {
    replace_file(file, [&](std::ostream& out) { out << text; });
  }
}

void Output::say(const std::string& kind, const std::vector<std::string>& notes) const {
  const bool seen = file == "-" && isatty(STDOUT_FILENO) == 1 && form().format == Format::table;
  if (quiet || seen) {
    return;
  }
  for (const std::string& note : notes) {
    fmt::print(stderr, "{}: {}\n", kind, report::printable(note));
  }
}

void replace_file(const fs::path& file, const std::function<void(std::ostream&)>& write_to) {
  replace_file_by_name(file, [&](const fs::path& name) {
    std::ofstream out(name, std::ios::binary | std::ios::trunc);
    if (out) {
      write_to(out);
      out.close();
    }
    if (!out) {
      refuse(file, last_error());
    }
  });
}

void replace_file_by_name(const fs::path& file, const std::function<void(const fs::path&)>& write_to) {
  std::error_code error;
  if (fs::is_directory(file, error)) {
    refuse(file, "it is a folder");
  }
  if (fs::exists(file, error) && !fs::is_regular_file(file, error)) {
    write_to(file);
    return;
  }
  const fs::path target = fs::is_symlink(file, error) ? fs::weakly_canonical(file, error) : file;
  const fs::path draft = target.parent_path() / fmt::format(".{}.{}", getpid(), target.filename().string());
  try {
    write_to(draft);
  } catch (...) {
    fs::remove(draft, error);
    throw;
  }
  fs::rename(draft, target, error);
  if (error) {
    const std::string why = error.message();
    fs::remove(draft, error);
    refuse(file, why);
  }
}

void write_to_stdout(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      return;  // the reader has seen enough
    } else if (errno != EINTR) {
      refuse("standard output", last_error());
    }
  }
}

}  // namespace mtok::cli
