// Tests SHA-256 against the vectors of the standard.
#include "sim/config/sha256.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "sim/config/diagnostic.hpp"

namespace mtok::config {
namespace {

// Vectors: NIST, FIPS 180-4 examples.
TEST(Sha256, AgreesWithTheStandard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// 200,000 bytes are read in more than one piece.
TEST(Sha256, OfAFileIsThatOfItsBytes) {
  const std::string bytes(200'000, 'a');
  const std::string path = testing::TempDir() + "/sha256_test.bin";
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_EQ(sha256_of_file(path), sha256_hex(bytes));
}

TEST(Sha256, OfAMissingFileIsAnError) {
  EXPECT_THROW(static_cast<void>(sha256_of_file(testing::TempDir() + "/no such file")), Error);
}

}  // namespace
}  // namespace mtok::config
