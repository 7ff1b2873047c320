#include "data/objects/sealed_objects.h"

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>

#include "core/digest.h"
#include "harness/event_loop.h"
#include "harness/memory_object_store.h"
#include "harness/throwaway_folder.h"

namespace auterity::data {
namespace {

class SealedObjectsTest : public testing::Test {
 protected:
  SealedObjectsTest() : objects_(store_, pool_.get_executor(), draw(1)) {}
  static SealingKey draw(std::uint64_t seed) {
    SeededRandom random(seed);
    return SealingKey::draw(random);
  }
  Result<SealedObject> put(const std::string& key, const std::string& content,
                           SealOptions options = {}) {
    return loop_.run(objects_.put(key, content, std::move(options)));
  }
  Result<std::string> get(const std::string& key) { return loop_.run(objects_.get(key)); }

  // Reads to the end and answers what the reader says then.
  Result<SealedObject> read_through(const std::string& key, const std::string& sha256) {
    return loop_.run([](SealedObjects& objects, std::string name,
                        std::string expected) -> Async<Result<SealedObject>> {
      AUTERITY_CO_TRY(reader, co_await objects.open_reader(name, expected));
      for (;;) {
        AUTERITY_CO_TRY(piece, co_await reader->read());
        if (piece.empty()) co_return reader->object();
      }
    }(objects_, key, sha256));
  }

  harness::EventLoop loop_;
  boost::asio::thread_pool pool_{2};
  harness::MemoryObjectStore store_;
  SealedObjects objects_;
};

TEST_F(SealedObjectsTest, TellsSizesAndHashOfWhatIsStored) {
  const std::string content(3'000'000, 'x');
  const auto object = put("a/b", content, {.compression = Compression::none});
  ASSERT_TRUE(object) << object.error().message;
  const auto& stored = store_.objects().at("a/b");
  EXPECT_EQ(object->key, "a/b");
  EXPECT_EQ(object->size, content.size());
  EXPECT_EQ(object->stored_size, stored.size());
  EXPECT_EQ(object->sha256, sha256_hex(stored));
  EXPECT_EQ(get("a/b").value(), content);
  const auto digest = loop_.run(digest_stored(store_, pool_.get_executor(), "a/b"));
  EXPECT_EQ(digest->sha256, object->sha256);
  EXPECT_EQ(digest->stored_size, object->stored_size);
}

TEST_F(SealedObjectsTest, ReaderKnowsAtItsEndWhatItRead) {
  const auto written = put("a", std::string(700'000, 'y'));
  const auto read = read_through("a", written->sha256);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->sha256, written->sha256);
  EXPECT_EQ(read->size, 700'000u);
  EXPECT_EQ(read->stored_size, written->stored_size);
}

// Authentic, but not the one that the manifest means: an older object put back, say.
TEST_F(SealedObjectsTest, AnOlderObjectOfTheSameNameIsFoundByItsHash) {
  ASSERT_TRUE(put("a", "old"));
  const auto old = store_.objects().at("a");
  const auto written = put("a", "new");
  store_.objects().at("a") = old;
  const auto read = read_through("a", written->sha256);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::failed);
}

TEST_F(SealedObjectsTest, SwappedObjectsAreFound) {
  ASSERT_TRUE(put("a", "one"));
  ASSERT_TRUE(put("b", "two"));
  std::swap(store_.objects().at("a"), store_.objects().at("b"));
  EXPECT_EQ(get("a").error().kind, ErrorKind::failed);
  EXPECT_EQ(get("b").error().kind, ErrorKind::failed);
}

TEST_F(SealedObjectsTest, EmptyAndCutOffObjectsAreFound) {
  ASSERT_TRUE(put("empty", ""));
  EXPECT_EQ(get("empty").value(), "");
  store_.objects()["empty"].clear();
  EXPECT_EQ(get("empty").error().kind, ErrorKind::failed);
  ASSERT_TRUE(put("a", std::string(2'000'000, 'q'), {.compression = Compression::none}));
  store_.objects()["a"].resize(1'000'000);
  EXPECT_EQ(get("a").error().kind, ErrorKind::failed);
}

TEST_F(SealedObjectsTest, ErrorsOfTheStoreComeThrough) {
  EXPECT_EQ(get("absent").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(put("a", "one", {.condition = {.only_if_absent = true}}));
  EXPECT_EQ(put("a", "two", {.condition = {.only_if_absent = true}}).error().kind,
            ErrorKind::conflict);
  store_.fail_writes(ErrorKind::storage_full);
  EXPECT_EQ(put("c", "three").error().kind, ErrorKind::storage_full);
  EXPECT_EQ(get("a").value(), "one");
}

TEST_F(SealedObjectsTest, RefusesToGatherMoreThanAllowed) {
  ASSERT_TRUE(put("a", std::string(100'000, 'q')));
  EXPECT_EQ(loop_.run(objects_.get("a", 99'999)).error().kind, ErrorKind::too_large);
}

TEST_F(SealedObjectsTest, InARealFolderNothingIsReadableWithoutTheKey) {
  const harness::ThrowawayFolder folder("sealed");
  const auto disk = open_folder_object_store(folder.path().string(), pool_.get_executor());
  SealedObjects mine(*disk, pool_.get_executor(), draw(1));
  SealedObjects others(*disk, pool_.get_executor(), draw(2));
  ASSERT_TRUE(loop_.run(mine.put("wal/1", "confidential", {.compression = Compression::none})));
  EXPECT_EQ(loop_.run(disk->get("wal/1"))->find("confidential"), std::string::npos);
  EXPECT_EQ(loop_.run(mine.get("wal/1")).value(), "confidential");
  EXPECT_EQ(loop_.run(others.get("wal/1")).error().kind, ErrorKind::forbidden);
}

}  // namespace
}  // namespace auterity::data
