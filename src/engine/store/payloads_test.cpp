#include "engine/store/payloads.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "harness/event_loop.h"
#include "harness/memory_object_store.h"

namespace auterity::engine {
namespace {

class PayloadsTest : public testing::Test {
 protected:
  std::string kept(std::string text) {
    auto stored = loop_.run(payloads_.keep(id_, std::move(text)));
    EXPECT_TRUE(stored) << stored.error().message;
    return stored.value_or("");
  }

  harness::EventLoop loop_;
  harness::MemoryObjectStore objects_;
  Payloads payloads_{objects_};
  SeededRandom random_{1};
  Uuid id_ = make_uuid(*parse_rfc3339("2026-11-24T23:59:59Z"), random_);
};

TEST_F(PayloadsTest, WhatIsSmallStaysAndWhatIsLargeGoes) {
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("@"), std::string("@@a"),
        std::string("@payload:forged"), std::string(kMaxInlineBytes, 'x'),
        std::string(kMaxInlineBytes + 1, 'x'), "@" + std::string(kMaxInlineBytes, '@')}) {
    const std::string stored = kept(text);
    EXPECT_EQ(parse_payload_reference(stored).has_value(), text.size() > kMaxInlineBytes);
    auto fetched = loop_.run(payloads_.fetch(id_, stored));
    ASSERT_TRUE(fetched) << fetched.error().message;
    EXPECT_EQ(*fetched, text);
  }
}

TEST_F(PayloadsTest, KeysHoldTheDayAndTheContent) {
  const auto reference = parse_payload_reference(kept(std::string(70'000, 'x')));
  ASSERT_TRUE(reference);
  EXPECT_EQ(reference->size, 70'000u);
  ASSERT_EQ(objects_.objects().size(), 1u);
  EXPECT_EQ(objects_.objects().begin()->first, "payloads/2026-11-24/" + reference->sha256);
  kept(std::string(70'000, 'x'));
  EXPECT_EQ(objects_.objects().size(), 1u);
}

TEST(PayloadReference, OnlyTheExactFormIsOne) {
  const PayloadReference reference{.sha256 = std::string(64, 'a'), .size = 70'000};
  EXPECT_EQ(parse_payload_reference(to_text(reference)), reference);
  const std::string prefix = "@payload:" + std::string(64, 'a');
  for (const std::string& text : {prefix, prefix + ":", prefix + ":x", prefix + ":1x",
                                  "@payload:" + std::string(63, 'a') + ":1", std::string("{}")})
    EXPECT_FALSE(parse_payload_reference(text)) << text;
}

}  // namespace
}  // namespace auterity::engine
