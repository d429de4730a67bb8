// File names that stand in a user's file, kept inside the folder that they are relative to.
#include "sim/config/reader.hpp"
#include "sim/config/source.hpp"

namespace mtok::config {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// "C:\traces" or "c:/traces"; "c:" alone too.
bool has_drive_letter(std::string_view path) {
  return path.size() >= 2 && is_letter(path[0]) && path[1] == ':' &&
         (path.size() == 2 || path[2] == '\\' || path[2] == '/');
}

/// "file:...", "https://...": a word of letters, digits, '+', '-', '.' before "://", or "file:".
bool is_url(std::string_view path) {
  if (path.starts_with("file:") || path.starts_with("FILE:")) {
    return true;
  }
  const std::size_t colon = path.find("://");
  return colon != std::string_view::npos && colon > 0 && path.find('/') > colon;
}

/// Some prefix of the path lies above where it started.
bool climbs_out(const std::filesystem::path& path) {
  int depth = 0;
  for (const std::filesystem::path& part : path) {
    if (part == "..") {
      --depth;
    } else if (part != "." && !part.empty()) {
      ++depth;
    }
    if (depth < 0) {
      return true;
    }
  }
  return false;
}

[[noreturn]] void refuse(const Diagnostic& at, const std::string& what, std::string hint = {}) {
  Diagnostic d = at;
  d.message += (d.message.empty() ? "" : ": ") + what;
  d.hint = std::move(hint);
  throw Error(std::move(d));
}

}  // namespace

std::filesystem::path resolve_inside(const std::filesystem::path& folder, const std::string& path,
                                     const Diagnostic& at) {
  if (path.empty()) {
    refuse(at, "expected the path of a file, got an empty text");
  }
  if (!is_clean(path)) {
    refuse(at, "expected the path of a file, got a text with control characters");
  }
  if (is_url(path)) {
    refuse(at, "expected the path of a file, got the address '" + shown(path) + "'");
  }
  if (path.starts_with("\\\\") || path.starts_with("//") || has_drive_letter(path)) {
    refuse(at, "expected a path relative to this file, got the Windows path '" + shown(path) + "'");
  }
  if (path.find('\\') != std::string::npos) {
    refuse(at, "expected a path with '/' between its parts, got '" + shown(path) + "'");
  }
  const std::filesystem::path given(path);
  if (given.is_absolute()) {
    return given;
  }
  if (climbs_out(given)) {
    refuse(at, "expected a path inside the folder of this file, got '" + shown(path) + "'",
           "move the file there, or give an absolute path");
  }
  return folder / given;
}

}  // namespace mtok::config
