// A file from disk to a tree of values, and the errors noted while it is read.
#include "sim/config/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "sim/config/large_json.hpp"
#include "sim/config/source.hpp"

namespace mtok::config {
namespace {

[[noreturn]] void fail_file(const std::string& file, std::string message, std::string hint = {}) {
  throw Error(Diagnostic{.file = file, .message = std::move(message), .hint = std::move(hint)});
}

/// The whole file, or the first `most` + 1 bytes of it: enough to see that it is too large.
std::string read_file(const std::filesystem::path& path, const std::string& file, std::size_t most) {
  std::error_code code;
  const std::filesystem::file_status status = std::filesystem::status(path, code);
  if (status.type() == std::filesystem::file_type::not_found) {
    fail_file(file, "there is no such file");
  }
  if (status.type() == std::filesystem::file_type::directory) {
    fail_file(file, "expected a file, got a folder");
  }
  if (code) {
    fail_file(file, "cannot read the file: " + code.message());
  }
  if (status.type() != std::filesystem::file_type::regular) {
    fail_file(file, "expected a regular file, got a pipe, a socket or a device");
  }
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  if (!code && size > most) {
    fail_file(file, fmt::format("the file is too large: {} bytes, and at most {} can be read", size, most));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    fail_file(file, "cannot open the file: " + std::generic_category().message(errno));
  }
  // As many bytes as the file says it has, and one to see its end; more only if it has grown since.
  std::string text;
  std::size_t room = (code ? 0 : static_cast<std::size_t>(size)) + 1;
  while (in && text.size() <= most) {
    const std::size_t before = text.size();
    text.resize(std::min(before + room, most + 1));
    in.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    text.resize(before + static_cast<std::size_t>(in.gcount()));
    room = 2 * room;
  }
  if (in.bad()) {
    fail_file(file, "cannot read the file to its end");
  }
  return text;
}

bool is_json(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".json" || extension == ".JSON";
}

bool same_error(const Diagnostic& a, const Diagnostic& b) {
  return a.at == b.at && a.message == b.message;
}

/// Appends the scalars below `value`, whose path is `path`.
void append_leaves(const Value& value, const std::string& path,
                   std::vector<std::pair<std::string, std::string>>& leaves) {
  switch (value.kind) {
    case Value::Kind::mapping:
      for (const Value::Entry& entry : value.entries) {
        append_leaves(entry.value, path.empty() ? entry.key : path + "." + entry.key, leaves);
      }
      break;
    case Value::Kind::list:
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        append_leaves(value.items[i], fmt::format("{}[{}]", path, i), leaves);
      }
      break;
    case Value::Kind::plain:
    case Value::Kind::quoted:
    case Value::Kind::null:
    case Value::Kind::special:
      leaves.emplace_back(path, value.text);
      break;
  }
}

}  // namespace

Document::Document(std::unique_ptr<Content> content) : content_(std::move(content)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document Document::load(const std::filesystem::path& path) {
  const std::string file = path.string();
  return is_json(path) ? from_json(read_file(path, file, kMaxJsonBytes), file)
                       : from_yaml(read_file(path, file, kMaxYamlBytes), file);
}

Document Document::from_yaml(std::string text, std::string file) {
  auto content = std::make_unique<Content>();
  content->root = parse_yaml(text, file);
  content->text = std::move(text);
  content->file = std::move(file);
  return Document(std::move(content));
}

Document Document::from_json(std::string text, std::string file) {
  auto content = std::make_unique<Content>();
  content->json = true;
  content->root = parse_large_json(text, file);  // load() has a smaller limit
  if (content->root.kind != Value::Kind::mapping) {
    Source{.text = without_mark(text), .file = file}.fail(content->root.at, "expected an object '{...}'");
  }
  content->text = std::move(text);
  content->file = std::move(file);
  return Document(std::move(content));
}

Reader Document::root() {
  if (!content_->root_state) {
    content_->root_state = std::make_shared<Reader::State>(*content_, &content_->root, "");
  }
  return Reader(content_->root_state);
}

std::vector<std::pair<std::string, std::string>> Document::leaves() const {
  std::vector<std::pair<std::string, std::string>> leaves;
  append_leaves(content_->root, "", leaves);
  return leaves;
}

void Document::finish() const {
  if (content_->notes.list.empty()) {
    return;
  }
  std::vector<Diagnostic> errors = content_->notes.list;
  std::stable_sort(errors.begin(), errors.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
  });
  errors.erase(std::unique(errors.begin(), errors.end(), same_error), errors.end());
  const Source source{.text = without_mark(content_->text), .file = content_->file};
  for (Diagnostic& d : std::span(errors).first(std::min(errors.size(), kMaxDiagnostics))) {
    d = source.error(d.at, std::move(d.message), d.width, std::move(d.hint));
  }
  throw Error(std::move(errors));
}

}  // namespace mtok::config
