// SHA-256 by OpenSSL's digest interface.
#include "sim/config/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "sim/config/diagnostic.hpp"

namespace mtok::config {
namespace {

/// One running SHA-256.
class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  void add(std::string_view bytes) {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }

  /// Ends the digest; nothing may be added after it.
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
      text.push_back(kDigits[digest[i] >> 4U]);
      text.push_back(kDigits[digest[i] & 15U]);
    }
    return text;
  }

 private:
  static void require(bool done) {
    if (!done) {
      throw std::runtime_error("OpenSSL offers no SHA-256");
    }
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.hex();
}

std::string sha256_of_file(const std::filesystem::path& path) {
  constexpr std::size_t kPiece = std::size_t{1} << 16U;
  std::ifstream in(path, std::ios::binary);
  std::vector<char> piece(kPiece);
  Digest digest;
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    digest.add({piece.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (!in.eof() || in.bad()) {
    throw Error(Diagnostic{.file = path.string(), .message = "the file cannot be read"});
  }
  return digest.hex();
}

}  // namespace mtok::config
