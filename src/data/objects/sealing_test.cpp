#include "data/objects/sealing.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace auterity::data {
namespace {

constexpr std::size_t kChunk = 256 * 1024;

SealingKey key_of(std::uint64_t seed) {
  SeededRandom random(seed);
  return SealingKey::draw(random);
}

// Half of it compresses well.
std::string content_of(SeededRandom& random, std::size_t size) {
  std::string bytes(size, 'a');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), size / 2});
  return bytes;
}

std::string seal(const SealingKey& key, const std::string& name, std::string_view content,
                 Compression compression, SeededRandom* pieces = nullptr) {
  Sealer sealer(key, name, compression);
  std::string stored;
  while (!content.empty()) {
    const auto size =
        pieces ? std::min<std::size_t>(content.size(), 1 + pieces->below(400'000)) : content.size();
    EXPECT_TRUE(sealer.add(content.substr(0, size), stored));
    content.remove_prefix(size);
  }
  EXPECT_TRUE(sealer.finish(stored));
  return stored;
}

Result<std::string> unseal(const SealingKey& key, const std::string& name, std::string_view stored,
                           std::size_t piece_size = 100'000) {
  Unsealer unsealer(key, name);
  std::string content;
  for (bool ended = false;;) {
    AUTERITY_TRY(piece, unsealer.next());
    EXPECT_LE(piece.size(), 1u << 20);
    content += piece;
    if (!piece.empty()) continue;
    if (ended) return content;
    ended = stored.empty();
    if (ended) unsealer.end();
    unsealer.add(stored.substr(0, piece_size));
    stored.remove_prefix(std::min(piece_size, stored.size()));
  }
}

TEST(Sealing, GivesBackWhatWasSealedWhateverItsSize) {
  SeededRandom random(1);
  const auto key = key_of(1);
  std::vector<std::size_t> sizes{0, 1, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, 5'000'000};
  for (int i = 0; i < 30; ++i) sizes.push_back(random.below(3 * kChunk));
  for (const auto size : sizes) {
    const auto content = content_of(random, size);
    for (const auto compression : {Compression::none, Compression::zstd}) {
      const auto stored = seal(key, "a/b", content, compression, &random);
      const auto back = unseal(key, "a/b", stored, 1 + random.below(600'000));
      ASSERT_TRUE(back) << size << ": " << back.error().message;
      EXPECT_EQ(*back == content, true) << size;
      if (compression == Compression::none) {
        const auto chunks = std::max<std::size_t>(1, (size + kChunk - 1) / kChunk);
        EXPECT_EQ(stored.size(), kSealedHeaderBytes + size + 17 * chunks);
      }
    }
  }
}

TEST(Sealing, WhatExpandsGreatlyComesInPiecesOfBoundedSize) {
  const std::string content(16u << 20, '\0');
  const auto stored = seal(key_of(1), "wal", content, Compression::zstd);
  EXPECT_LT(stored.size(), 10'000u);
  const auto back = unseal(key_of(1), "wal", stored);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(*back == content);
}

TEST(Sealing, FindsEveryFlippedByteOfASmallObject) {
  const auto key = key_of(2);
  for (const auto compression : {Compression::none, Compression::zstd}) {
    const auto stored = seal(key, "name", "what must not change", compression);
    for (std::size_t at = 0; at < stored.size(); ++at)
      for (const int bit : {0, 3, 7}) {
        auto changed = stored;
        changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
        const auto back = unseal(key, "name", changed);
        ASSERT_FALSE(back) << "byte " << at;
        EXPECT_EQ(back.error().kind, ErrorKind::failed) << "byte " << at << back.error().message;
        EXPECT_NE(back.error().message.find("name is damaged"), std::string::npos);
      }
  }
}

TEST(Sealing, FindsRandomDamageOfLargeObjects) {
  SeededRandom random(3);
  const auto key = key_of(3);
  const auto stored = seal(key, "large", content_of(random, 3 * kChunk + 5), Compression::none);
  for (int i = 0; i < 60; ++i) {
    auto changed = stored;
    auto& byte = changed[random.below(changed.size())];
    byte = static_cast<char>(byte ^ (1 + random.below(255)));
    ASSERT_FALSE(unseal(key, "large", changed));
  }
}

TEST(Sealing, FindsEveryTruncationOfASmallObjectAndAnyOfALargeOne) {
  SeededRandom random(4);
  const auto key = key_of(4);
  const auto small = seal(key, "small", "twelve bytes", Compression::zstd);
  for (std::size_t size = 0; size < small.size(); ++size)
    ASSERT_FALSE(unseal(key, "small", small.substr(0, size))) << size;
  const auto large = seal(key, "large", content_of(random, 2 * kChunk + 9), Compression::none);
  std::vector<std::size_t> sizes{kSealedHeaderBytes + kChunk + 17,
                                 kSealedHeaderBytes + 2 * (kChunk + 17), large.size() - 1};
  for (int i = 0; i < 40; ++i) sizes.push_back(random.below(large.size()));
  for (const auto size : sizes) ASSERT_FALSE(unseal(key, "large", large.substr(0, size))) << size;
}

TEST(Sealing, FindsAppendedBytesAndChunksOutOfOrder) {
  SeededRandom random(5);
  const auto key = key_of(5);
  const auto stored = seal(key, "x", content_of(random, 3 * kChunk), Compression::none);
  EXPECT_FALSE(unseal(key, "x", stored + "z"));
  EXPECT_FALSE(unseal(key, "x", stored + stored));
  const auto full = kChunk + 17;
  auto swapped = stored;
  std::swap_ranges(swapped.begin() + kSealedHeaderBytes,
                   swapped.begin() + static_cast<std::ptrdiff_t>(kSealedHeaderBytes + full),
                   swapped.begin() + static_cast<std::ptrdiff_t>(kSealedHeaderBytes + full));
  EXPECT_FALSE(unseal(key, "x", swapped));
}

TEST(Sealing, AnotherObjectsContentDoesNotOpen) {
  const auto key = key_of(6);
  const auto back = unseal(key, "b", seal(key, "a", "content", Compression::none));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().kind, ErrorKind::failed);
}

TEST(Sealing, AnotherKeyIsToldFromDamage) {
  const auto back = unseal(key_of(8), "a", seal(key_of(7), "a", "content", Compression::none));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().kind, ErrorKind::forbidden);
  EXPECT_NE(back.error().message.find(key_of(7).id()), std::string::npos);
  EXPECT_EQ(back.error().message.find(key_of(8).text()), std::string::npos);
  EXPECT_FALSE(back.error().hint.empty());
}

TEST(Sealing, TheSameContentIsNeverStoredTheSameWay) {
  const auto key = key_of(9);
  EXPECT_NE(seal(key, "a", "content", Compression::none),
            seal(key, "a", "content", Compression::none));
}

TEST(SealingKey, TextAndBack) {
  const auto key = key_of(10);
  EXPECT_EQ(key.text().size(), 64u);
  const auto back = SealingKey::parse(" " + key.text() + "\n");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id(), key.id());
  EXPECT_EQ(back->id().size(), 32u);
  EXPECT_EQ(back->derive("a"), key.derive("a"));
  EXPECT_NE(back->derive("a"), key.derive("b"));
  EXPECT_EQ(key.text().find(key.id()), std::string::npos);
}

TEST(SealingKey, RefusesWhatIsNoKeyWithoutRepeatingIt) {
  const auto text = key_of(11).text();
  for (const auto& bad : {std::string(), text.substr(1), text + "0a", text + "x", "z" + text}) {
    const auto key = SealingKey::parse(bad);
    ASSERT_FALSE(key) << bad;
    EXPECT_EQ(key.error().kind, ErrorKind::invalid_input);
    EXPECT_EQ((key.error().message + key.error().hint).find(text.substr(1, 20)), std::string::npos);
  }
}

}  // namespace
}  // namespace auterity::data
