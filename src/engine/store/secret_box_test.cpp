#include "engine/store/secret_box.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

const std::string kKey(64, 'a');
const std::string kOtherKey(64, 'b');

TEST(SecretBox, OpensWhatItSealed) {
  SystemRandom random;
  auto box = SecretBox::from_key(kKey);
  ASSERT_TRUE(box);
  for (const std::string& value :
       {std::string(), std::string("a readable value"), std::string(5000, '\xff')}) {
    const std::string sealed = box->seal("token", value, random);
    EXPECT_EQ(sealed.find(value.empty() ? "token" : value), std::string::npos);
    auto opened = box->open("token", sealed);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(*opened, value);
  }
}

TEST(SecretBox, TheSameValueIsNeverSealedTwiceAlike) {
  SystemRandom random;
  auto box = SecretBox::from_key(kKey);
  EXPECT_NE(box->seal("a", "v", random), box->seal("a", "v", random));
}

TEST(SecretBox, AnotherNameKeyOrByteDoesNotOpen) {
  SystemRandom random;
  auto box = SecretBox::from_key(kKey);
  auto other = SecretBox::from_key(kOtherKey);
  EXPECT_NE(box->key_id(), other->key_id());
  std::string sealed = box->seal("token", "value", random);
  EXPECT_FALSE(other->open("token", sealed));
  EXPECT_FALSE(box->open("tokem", sealed));
  EXPECT_FALSE(box->open("toke", sealed));
  EXPECT_FALSE(box->open("token", ""));
  EXPECT_FALSE(box->open("token", "not base64!"));
  sealed[sealed.size() / 2] = sealed[sealed.size() / 2] == 'A' ? 'B' : 'A';
  auto damaged = box->open("token", sealed);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().message.find("value"), std::string::npos);
  EXPECT_FALSE(damaged.error().hint.empty());
}

TEST(SecretBox, AKeyIsSixtyFourHexDigits) {
  for (const std::string& key : {std::string(), std::string(63, 'a'), std::string(65, 'a'),
                                 std::string(64, 'g'), std::string(62, 'a')}) {
    auto box = SecretBox::from_key(key);
    ASSERT_FALSE(box) << key;
    EXPECT_EQ(box.error().kind, ErrorKind::invalid_input);
  }
}

}  // namespace
}  // namespace auterity::engine
