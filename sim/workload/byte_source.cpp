// Reads plain, gzip and zstd files block by block, and stops at archives that are cut off or blow up.
#include "sim/workload/byte_source.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/config/diagnostic.hpp"

namespace mtok::workload {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::string_view kLfsPointer = "version https://git-lfs.github.com/spec/v1";
constexpr std::size_t kArchiveBlock = std::size_t{1} << 16U;

[[noreturn]] void fail(const std::string& file, std::string message, std::string hint = {}) {
  throw config::Error({.file = file, .message = std::move(message), .hint = std::move(hint)});
}

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The file as it lies on the disk. Its first bytes can be looked at before they are read, so a FIFO works
/// too.
class RawFile {
 public:
  explicit RawFile(const std::filesystem::path& path) : name_(path.string()) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
      fail(name_, "is a folder; expected a trace file");
    }
    file_.reset(std::fopen(name_.c_str(), "rb"));
    if (!file_) {
      fail(name_, std::string("cannot open the file: ") + std::strerror(errno));
    }
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
    head_size_ = read_file(head_);
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string_view head() const { return {head_.data(), head_size_}; }

  std::size_t read(std::span<char> buffer) {
    if (head_taken_ == head_size_) {
      return read_file(buffer);
    }
    const std::size_t count = std::min(buffer.size(), head_size_ - head_taken_);
    std::memcpy(buffer.data(), head_.data() + head_taken_, count);
    head_taken_ += count;
    return count;
  }

 private:
  std::size_t read_file(std::span<char> buffer) {
    const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file_.get());
    if (count < buffer.size() && std::ferror(file_.get()) != 0) {
      fail(name_, std::string("cannot read the file: ") + std::strerror(errno));
    }
    return count;
  }

  std::string name_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::array<char, 64> head_{};
  std::size_t head_size_ = 0;
  std::size_t head_taken_ = 0;
};

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(RawFile file) : file_(std::move(file)) {}
  std::size_t read(std::span<char> buffer) override { return file_.read(buffer); }

 private:
  RawFile file_;
};

/// What gzip and zstd have in common: a block of compressed bytes, and the watch over how far it swells.
class Archive {
 public:
  explicit Archive(RawFile file) : file_(std::move(file)), block_(kArchiveBlock) {}

  /// The next compressed bytes; empty at the end of the file.
  std::span<char> refill() { return std::span(block_).first(file_.read(block_)); }

  void count(std::size_t consumed, std::size_t produced) {
    consumed_ += consumed;
    produced_ += produced;
    if (produced_ > kFreeArchiveBytes && produced_ / kMaxArchiveRatio > consumed_) {
      fail(file_.name(), "decompresses to more than " + std::to_string(kMaxArchiveRatio) +
                             " times its size; expected a trace");
    }
  }
  [[noreturn]] void fail_truncated() const {
    fail(file_.name(), "the archive is cut off: its end is missing", "copy or download the file again");
  }
  [[noreturn]] void fail_damaged(const char* why) const {
    fail(file_.name(), std::string("the archive is damaged: ") + why, "copy or download the file again");
  }

 private:
  RawFile file_;
  std::vector<char> block_;
  std::size_t consumed_ = 0;
  std::size_t produced_ = 0;
};

/// One or more gzip members, one after the other, each with its check sum.
class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(RawFile file) : archive_(std::move(file)) {
    constexpr int kGzipOnly = MAX_WBITS + 16;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) {
      archive_.fail_damaged("the decompressor did not start");
    }
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  std::size_t read(std::span<char> buffer) override {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    while (stream_.avail_out == buffer.size()) {
      if (stream_.avail_in == 0) {
        const std::span<char> block = archive_.refill();
        stream_.next_in = reinterpret_cast<Bytef*>(block.data());
        stream_.avail_in = static_cast<uInt>(block.size());
      }
      const bool at_end = stream_.avail_in == 0;
      if (between_members_) {
        if (at_end) {
          return 0;
        }
        inflateReset(&stream_);
        between_members_ = false;
      }
      step(at_end);
    }
    return buffer.size() - stream_.avail_out;
  }

 private:
  void step(bool at_end) {
    const uInt in = stream_.avail_in;
    const uInt out = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    archive_.count(in - stream_.avail_in, out - stream_.avail_out);
    if (status == Z_STREAM_END) {
      between_members_ = true;
    } else if (status == Z_BUF_ERROR && at_end) {
      archive_.fail_truncated();
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      archive_.fail_damaged(stream_.msg != nullptr ? stream_.msg : "not gzip");
    }
  }

  Archive archive_;
  z_stream stream_{};
  bool between_members_ = false;
};

struct FreeZstd {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

/// One or more zstd frames, one after the other.
class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(RawFile file) : archive_(std::move(file)), stream_(ZSTD_createDStream()) {}

  std::size_t read(std::span<char> buffer) override {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size) {
        const std::span<char> block = archive_.refill();
        in_ = {block.data(), block.size(), 0};
      }
      const bool at_end = in_.size == 0;
      if (at_end && between_frames_) {
        return 0;
      }
      const std::size_t in_before = in_.pos;
      const std::size_t status = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(status) != 0) {
        archive_.fail_damaged(ZSTD_getErrorName(status));
      }
      archive_.count(in_.pos - in_before, out.pos);
      between_frames_ = status == 0;
      if (at_end && out.pos == 0 && !between_frames_) {
        archive_.fail_truncated();
      }
    }
    return out.pos;
  }

 private:
  Archive archive_;
  std::unique_ptr<ZSTD_DStream, FreeZstd> stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool between_frames_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path) {
  RawFile file(path);
  const std::string_view head = file.head();
  if (head.starts_with(kLfsPointer)) {
    fail(file.name(), "is a Git LFS pointer, not the data it stands for",
         "run 'git lfs pull' where it came from");
  }
  if (head.starts_with(kGzipMagic)) {
    return std::make_unique<GzipSource>(std::move(file));
  }
  if (head.starts_with(kZstdMagic)) {
    return std::make_unique<ZstdSource>(std::move(file));
  }
  const std::string extension = path.extension().string();
  if (extension == ".gz" || extension == ".zst") {
    fail(file.name(), "its name ends in " + extension + ", but it does not begin as such an archive");
  }
  return std::make_unique<PlainSource>(std::move(file));
}

}  // namespace mtok::workload
