// Writes the mtok trace format, plain or as gzip.
#include "sim/workload/trace_writer.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <ostream>
#include <string>

#include "sim/config/diagnostic.hpp"
#include "sim/workload/formula_guard.hpp"

namespace mtok::workload {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16U;

/// Seconds with as many decimals as the nanoseconds need: 1500000000 is "1.5".
void append_seconds(std::string& out, std::int64_t ns) {
  constexpr std::int64_t kNanoPerSecond = 1'000'000'000;
  fmt::format_to(std::back_inserter(out), "{}.{:09}", ns / kNanoPerSecond, ns % kNanoPerSecond);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) {
    out.pop_back();
  }
}

/// A text cell by RFC 4180, guarded against being run.
void append_text(std::string& out, std::string_view text) {
  const std::string safe = guarded(text);
  if (safe.find_first_of(",\"") == std::string::npos) {
    out += safe;
    return;
  }
  out += '"';
  for (const char c : safe) {
    out.append(c == '"' ? 2 : 1, c);
  }
  out += '"';
}

void append_row(std::string& out, const Request& request, bool with_ids) {
  append_seconds(out, request.arrival_ns);
  fmt::format_to(std::back_inserter(out), ",{},{},", request.input_tokens, request.output_tokens);
  append_text(out, request.tenant);
  out += ',';
  append_text(out, request.model);
  if (with_ids) {
    fmt::format_to(std::back_inserter(out), ",{}", fmt::join(request.hash_ids, ";"));
  }
  out += '\n';
}

/// Hands the trace to `put` in blocks.
std::int64_t write_blocks(RequestSource& source, const std::function<void(std::string_view)>& put) {
  const bool with_ids = source.hash_block_size() > 0;
  std::string block = "arrival_s,input_tokens,output_tokens,tenant,model";
  block += with_ids ? ",hash_ids\n" : "\n";
  std::int64_t count = 0;
  Request request;
  while (source.next(request)) {
    append_row(block, request, with_ids);
    ++count;
    if (block.size() >= kBlock) {
      put(block);
      block.clear();
    }
  }
  put(block);
  return count;
}

/// Compresses into a stream. The header holds no time and no name, so that equal input gives equal bytes.
class GzipWriter {
 public:
  explicit GzipWriter(std::ostream& out) : out_(&out) {
    constexpr int kGzip = MAX_WBITS + 16;
    constexpr int kMemoryLevel = 8;
    ok_ = deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) ==
          Z_OK;
  }
  ~GzipWriter() { deflateEnd(&stream_); }
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  void put(std::string_view text) { deflate_all(text, Z_NO_FLUSH); }
  /// False when zlib could not do its work.
  bool finish() {
    deflate_all({}, Z_FINISH);
    return ok_;
  }

 private:
  void deflate_all(std::string_view text, int flush) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): zlib only reads it
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      ok_ = ok_ && deflate(&stream_, flush) != Z_STREAM_ERROR;
      out_->write(buffer_.data(), static_cast<std::streamsize>(buffer_.size() - stream_.avail_out));
    } while (ok_ && stream_.avail_out == 0);
  }

  std::ostream* out_;
  z_stream stream_{};
  bool ok_ = false;
  std::array<char, kBlock> buffer_{};
};

}  // namespace

std::int64_t write_mtok_csv(RequestSource& source, std::ostream& out) {
  return write_blocks(source, [&](std::string_view block) {
    out.write(block.data(), static_cast<std::streamsize>(block.size()));
  });
}

std::int64_t write_mtok_csv(RequestSource& source, const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const bool gzip = name.ends_with(".csv.gz");
  if (!gzip && !name.ends_with(".csv")) {
    throw config::Error(
        {.file = path.string(), .message = "expected a file name that ends in .csv or .csv.gz"});
  }
  std::ofstream out(path, std::ios::binary);
  std::int64_t count = 0;
  bool ok = static_cast<bool>(out);
  if (ok && gzip) {
    GzipWriter writer(out);
    count = write_blocks(source, [&](std::string_view block) { writer.put(block); });
    ok = writer.finish();
  } else if (ok) {
    count = write_mtok_csv(source, out);
  }
  out.close();
  if (!ok || !out) {
    throw config::Error(
        {.file = path.string(), .message = std::string("cannot write the file: ") + std::strerror(errno)});
  }
  return count;
}

}  // namespace mtok::workload
