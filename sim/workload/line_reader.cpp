// Finds line ends block by block; looks closely only at blocks that hold more than plain text.
#include "sim/workload/line_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/config/diagnostic.hpp"
#include "sim/config/value.hpp"

namespace mtok::workload {
namespace {

constexpr std::size_t kFirstBuffer = std::size_t{1} << 18U;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Anything but printable ASCII, LF, CR and TAB. Bytes in, bytes out and no branch: GCC makes it run on whole
/// vectors.
bool holds_unusual(std::string_view bytes) {
  constexpr unsigned char kPrintable = 0x7e - 0x20;
  unsigned char found = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const auto from_space = static_cast<unsigned char>(byte - 0x20);  // wraps around below it
    const auto odd = static_cast<unsigned char>(from_space > kPrintable);
    const auto no_lf = static_cast<unsigned char>(byte != '\n');
    const auto no_cr = static_cast<unsigned char>(byte != '\r');
    const auto no_tab = static_cast<unsigned char>(byte != '\t');
    found = static_cast<unsigned char>(found | (odd & no_lf & no_cr & no_tab));
  }
  return found != 0;
}

}  // namespace

LineReader::LineReader(const std::filesystem::path& path)
    : file_(path.string()), bytes_(open_bytes(path)), buffer_(kFirstBuffer) {}

void LineReader::refill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ + kPadding == buffer_.size()) {
    buffer_.resize(2 * buffer_.size());
  }
  const std::size_t count = bytes_->read(std::span(buffer_).subspan(end_, buffer_.size() - kPadding - end_));
  at_end_ = count == 0;
  const bool left_unusual = unusual_ && holds_unusual({buffer_.data(), end_});
  unusual_ = left_unusual || holds_unusual({buffer_.data() + end_, count});
  end_ += count;
}

bool LineReader::next(std::string_view& line) {
  std::size_t looked = 0;
  const void* newline = nullptr;
  while ((newline = std::memchr(buffer_.data() + begin_ + looked, '\n', end_ - begin_ - looked)) == nullptr &&
         !at_end_ && end_ - begin_ <= kMaxLineBytes) {
    looked = end_ - begin_;
    refill();
  }
  if (newline == nullptr && begin_ == end_) {
    return false;
  }
  const std::size_t stop = newline == nullptr
                               ? end_
                               : static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data());
  // Two scalars: a view that is changed goes by way of memory, and waits for it.
  const char* first = buffer_.data() + begin_;
  const char* last = buffer_.data() + stop;
  begin_ = newline == nullptr ? stop : stop + 1;
  ++number_;
  if (number_ == 1 && std::string_view(first, last).starts_with(kByteOrderMark)) {
    first += kByteOrderMark.size();
  }
  last -= first != last && last[-1] == '\r' ? 1 : 0;
  line_ = std::string_view(first, last);
  line = std::string_view(first, last);
  if (line_.size() > kMaxLineBytes) {
    fail(1, 1, "the line is longer than 1 MiB; expected one request a line");
  }
  if (unusual_) {
    config::check_text(std::string(line_), file_, number_);
  }
  return true;
}

bool LineReader::next_filled(std::string_view& line) {
  while (next(line)) {
    const bool starts_with_ink = !line.empty() && line.front() > ' ';
    if (starts_with_ink || line.find_first_not_of(" \t") != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

void LineReader::fail(std::size_t column, std::size_t width, std::string message, std::string hint) const {
  constexpr std::size_t kBeyond = 200;  // what follows the column; the printer cuts what lies before it
  throw config::Error({.file = file_,
                       .at = {.line = number_, .column = static_cast<int>(column)},
                       .message = std::move(message),
                       .excerpt = std::string(line_.substr(0, column + kBeyond)),
                       .width = static_cast<int>(std::max<std::size_t>(1, width)),
                       .hint = std::move(hint)});
}

}  // namespace mtok::workload
