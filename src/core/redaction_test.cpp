#include "core/redaction.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

TEST(Redaction, KnowsSecretNames) {
  for (const char* name :
       {"password", "new_password", "Authorization", "X-Api-Key", "DATABASE_URL", "refresh_token",
        "Set-Cookie", "JWT_SECRET_KEY", "aws_secret_access_key"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  for (const char* name : {"user_id", "token_type", "status", "database", "keyboard"})
    EXPECT_FALSE(is_secret_name(name)) << name;
}

TEST(Redaction, MasksRegisteredValuesWhereverTheyOccur) {
  Redactor redactor;
  redactor.add("hunter22");
  redactor.add("hunter22-longer");
  redactor.add("abc");
  EXPECT_EQ(redactor.redact("abc hunter22-longer, hunter22hunter22"), "abc ***, ******");
}

TEST(Redaction, WalksDocumentsByNameAndByValue) {
  Redactor redactor;
  redactor.add("hunter22");
  const Json value =
      *parse_json(R"({"password":"x","nested":[{"note":"is hunter22"}],"token":null})");
  EXPECT_EQ(to_text(redactor.redact(value, true)),
            R"({"password":"***","nested":[{"note":"is ***"}],"token":null})");
  EXPECT_EQ(to_text(redactor.redact(value, false)),
            R"({"password":"x","nested":[{"note":"is ***"}],"token":null})");
}

}  // namespace
}  // namespace auterity
