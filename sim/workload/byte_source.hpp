// The bytes of a file, decompressed where it is a gzip or zstd archive.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace mtok::workload {

/// An archive may hold this many bytes before its ratio is looked at, and this many times its own size after.
inline constexpr std::size_t kFreeArchiveBytes = std::size_t{16} << 20U;
inline constexpr std::size_t kMaxArchiveRatio = 200;

/// A single pass over the bytes of one file, in bounded memory.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills a front part of `buffer`, which must not be empty; 0 only at the end. Throws config::Error when
  /// the file cannot be read, the archive is damaged or cut off, or it grows beyond kMaxArchiveRatio.
  [[nodiscard]] virtual std::size_t read(std::span<char> buffer) = 0;
};

/// Opens a file or FIFO. What it is, is told by its first bytes; a name that ends in .gz or .zst must keep
/// its word. Throws config::Error when it cannot be opened, is a folder, or is a Git LFS pointer in place of
/// the data.
[[nodiscard]] std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path);

}  // namespace mtok::workload
