#include "targets/local/database_setup.h"

#include <gtest/gtest.h>

namespace auterity::local {
namespace {

TEST(ScramVerifier, HasPostgresFormAndDependsOnSaltAndPassword) {
  const std::string verifier = scram_verifier("pencil", "0123456789abcdef");
  EXPECT_TRUE(verifier.starts_with("SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$")) << verifier;
  EXPECT_EQ(verifier.size(), std::string("SCRAM-SHA-256$4096:").size() + 24 + 1 + 44 + 1 + 44);
  EXPECT_EQ(scram_verifier("pencil", "0123456789abcdef"), verifier);
  EXPECT_NE(scram_verifier("pencil", "0123456789abcdeg"), verifier);
  EXPECT_NE(scram_verifier("pencils", "0123456789abcdef"), verifier);
}

}  // namespace
}  // namespace auterity::local
