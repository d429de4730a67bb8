// SHA-256 of texts and files: the fingerprint by which a result names what it depends on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mtok::config {

/// The SHA-256 of the bytes (FIPS 180-4) as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

/// The SHA-256 of a file's bytes, read in pieces. Throws Error when the file cannot be read.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace mtok::config
