#include "core/digest.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

// Of FIPS 180-4's examples (https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines).
constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, IsTheOneOfTheStandard) {
  EXPECT_EQ(sha256_hex("abc"), kOfAbc);
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, OfPiecesIsTheOneOfTheWhole) {
  Sha256 digest;
  for (const char* piece : {"a", "", "bc"}) digest.add(piece);
  EXPECT_EQ(digest.hex(), kOfAbc);
}

}  // namespace
}  // namespace auterity
