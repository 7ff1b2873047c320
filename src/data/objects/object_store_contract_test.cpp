// What every object store does. A new implementation joins by one line in kStores.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <functional>

#include "data/object_store.h"
#include "harness/event_loop.h"
#include "harness/throwaway_folder.h"

namespace auterity::data {
namespace {

// An empty store and what it stands on.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual ObjectStore& store() = 0;
};

class FolderUnderTest final : public StoreUnderTest {
 public:
  ~FolderUnderTest() override { threads_.join(); }
  ObjectStore& store() override { return *store_; }

 private:
  harness::ThrowawayFolder folder_{"objects"};
  boost::asio::thread_pool threads_{2};
  std::unique_ptr<ObjectStore> store_ =
      open_folder_object_store(folder_.path().string(), threads_.get_executor());
};

struct StoreFactory {
  const char* name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
};

class ObjectStoreContract : public testing::TestWithParam<StoreFactory> {
 protected:
  ObjectStore& store() { return under_test_->store(); }

  Result<ObjectInfo> put(std::string key, std::string content, WriteCondition condition = {}) {
    return loop_.run(store().put(std::move(key), std::move(content), std::move(condition)));
  }
  Result<std::string> get(std::string key) { return loop_.run(store().get(std::move(key))); }
  std::vector<std::string> keys(std::string prefix = {}, std::string after = {},
                                std::size_t limit = 1000) {
    const auto listed = loop_.run(store().list(std::move(prefix), std::move(after), limit));
    std::vector<std::string> result;
    for (const auto& info : listed.value()) result.push_back(info.key);
    return result;
  }
  template <typename T>
  static ErrorKind kind(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? ErrorKind::internal : result.error().kind;
  }

  harness::EventLoop loop_;
  std::unique_ptr<StoreUnderTest> under_test_ = GetParam().make();
};

TEST_P(ObjectStoreContract, WhatWasPutIsGot) {
  const std::string content("line\n\0binary\xff", 14);
  const auto info = put("a/b.bin", content);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->size, content.size());
  EXPECT_EQ(get("a/b.bin").value(), content);
  const auto head = loop_.run(store().head("a/b.bin"));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->etag, info->etag);
  EXPECT_EQ(head->key, "a/b.bin");
  EXPECT_GT(head->modified, Time{});
}

TEST_P(ObjectStoreContract, AnEmptyObjectIsAnObject) {
  ASSERT_TRUE(put("empty", ""));
  EXPECT_EQ(get("empty").value(), "");
  EXPECT_EQ(keys(), std::vector<std::string>{"empty"});
}

TEST_P(ObjectStoreContract, WhatIsAbsentIsNotFound) {
  EXPECT_EQ(kind(get("absent")), ErrorKind::not_found);
  EXPECT_EQ(kind(loop_.run(store().head("a/b/c"))), ErrorKind::not_found);
  EXPECT_EQ(kind(loop_.run(store().open_reader("absent"))), ErrorKind::not_found);
  ASSERT_TRUE(put("a/b", "x"));
  EXPECT_EQ(kind(get("a")), ErrorKind::not_found);
  EXPECT_EQ(kind(get("a/b/c")), ErrorKind::not_found);
}

TEST_P(ObjectStoreContract, MalformedKeysAreInvalidEverywhere) {
  const std::string key = "../etc/passwd";
  EXPECT_EQ(kind(put(key, "x")), ErrorKind::invalid_input);
  EXPECT_EQ(kind(get(key)), ErrorKind::invalid_input);
  EXPECT_EQ(kind(loop_.run(store().head(key))), ErrorKind::invalid_input);
  EXPECT_EQ(kind(loop_.run(store().open_writer(key))), ErrorKind::invalid_input);
  EXPECT_EQ(kind(loop_.run(store().open_reader(key))), ErrorKind::invalid_input);
  EXPECT_EQ(kind(loop_.run(store().remove(key))), ErrorKind::invalid_input);
  EXPECT_EQ(kind(loop_.run(store().list(key, "", 1))), ErrorKind::invalid_input);
}

TEST_P(ObjectStoreContract, GetHasALimit) {
  ASSERT_TRUE(put("big", std::string(1001, 'x')));
  EXPECT_EQ(kind(loop_.run(store().get("big", 1000))), ErrorKind::too_large);
  EXPECT_TRUE(loop_.run(store().get("big", 1001)));
}

TEST_P(ObjectStoreContract, AReplacementChangesTheEtag) {
  const auto first = put("key", "same").value();
  const auto second = put("key", "diff").value();
  EXPECT_NE(first.etag, second.etag);
  EXPECT_EQ(get("key").value(), "diff");
}

TEST_P(ObjectStoreContract, OnlyIfAbsent) {
  ASSERT_TRUE(put("key", "first", {.only_if_absent = true}));
  EXPECT_EQ(kind(put("key", "second", {.only_if_absent = true})), ErrorKind::conflict);
  EXPECT_EQ(get("key").value(), "first");
  ASSERT_TRUE(loop_.run(store().remove("key")));
  EXPECT_TRUE(put("key", "third", {.only_if_absent = true}));
}

TEST_P(ObjectStoreContract, OnlyIfEtag) {
  const auto first = put("key", "1").value();
  EXPECT_EQ(kind(put("other", "x", {.only_if_etag = first.etag})), ErrorKind::conflict);
  const auto second = put("key", "2", {.only_if_etag = first.etag});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(kind(put("key", "3", {.only_if_etag = first.etag})), ErrorKind::conflict);
  EXPECT_EQ(get("key").value(), "2");
  ASSERT_TRUE(loop_.run(store().remove("key")));
  EXPECT_EQ(kind(put("key", "4", {.only_if_etag = second->etag})), ErrorKind::conflict);
}

TEST_P(ObjectStoreContract, AnUploadIsVisibleOnlyOnceFinished) {
  auto writer = loop_.run(store().open_writer("stream")).value();
  std::string whole;
  for (int i = 0; i < 10; ++i) {
    const std::string piece(100'000, static_cast<char>('a' + i));
    whole += piece;
    ASSERT_TRUE(loop_.run(writer->write(piece)));
  }
  EXPECT_EQ(keys(), std::vector<std::string>{});
  const auto info = loop_.run(writer->finish());
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->size, whole.size());

  auto reader = loop_.run(store().open_reader("stream")).value();
  EXPECT_EQ(reader->info().etag, info->etag);
  std::string read;
  for (;;) {
    const auto piece = loop_.run(reader->read()).value();
    EXPECT_LE(piece.size(), 256u * 1024);
    if (piece.empty()) break;
    read += piece;
  }
  EXPECT_EQ(read, whole);
}

TEST_P(ObjectStoreContract, AnUploadThatWasGivenUpNeverWas) {
  ASSERT_TRUE(put("key", "old"));
  {
    auto writer = loop_.run(store().open_writer("key")).value();
    ASSERT_TRUE(loop_.run(writer->write("new")));
  }
  EXPECT_EQ(get("key").value(), "old");
  EXPECT_EQ(keys(), std::vector<std::string>{"key"});
}

TEST_P(ObjectStoreContract, AnUploadIsFinishedOnce) {
  auto writer = loop_.run(store().open_writer("key")).value();
  ASSERT_TRUE(loop_.run(writer->finish()));
  EXPECT_FALSE(loop_.run(writer->finish()));
  EXPECT_FALSE(loop_.run(writer->write("more")));
}

TEST_P(ObjectStoreContract, TheConditionOfAnUploadIsCheckedWhenItFinishes) {
  auto writer = loop_.run(store().open_writer("key", {.only_if_absent = true})).value();
  ASSERT_TRUE(loop_.run(writer->write("late")));
  ASSERT_TRUE(put("key", "early"));
  EXPECT_EQ(kind(loop_.run(writer->finish())), ErrorKind::conflict);
  EXPECT_EQ(get("key").value(), "early");
}

TEST_P(ObjectStoreContract, AReaderKeepsWhatItOpened) {
  ASSERT_TRUE(put("key", "old"));
  auto reader = loop_.run(store().open_reader("key")).value();
  ASSERT_TRUE(put("key", "new"));
  ASSERT_TRUE(loop_.run(store().remove("key")));
  EXPECT_EQ(loop_.run(reader->read()).value(), "old");
}

TEST_P(ObjectStoreContract, RemovingIsRepeatable) {
  ASSERT_TRUE(put("a/b/c", "x"));
  EXPECT_TRUE(loop_.run(store().remove("a/b/c")));
  EXPECT_TRUE(loop_.run(store().remove("a/b/c")));
  EXPECT_TRUE(loop_.run(store().remove("never/was")));
  EXPECT_EQ(keys(), std::vector<std::string>{});
  EXPECT_TRUE(put("a/b", "a folder that held nothing any more is no obstacle"));
}

TEST_P(ObjectStoreContract, AKeyIsNotAlsoAFolder) {
  ASSERT_TRUE(put("a/b", "x"));
  EXPECT_EQ(kind(put("a", "x")), ErrorKind::conflict);
  EXPECT_EQ(kind(put("a/b/c", "x")), ErrorKind::conflict);
  EXPECT_EQ(get("a/b").value(), "x");
}

TEST_P(ObjectStoreContract, ListsInTheOrderOfKeys) {
  std::vector<std::string> all{"a-b", "a.b", "a/b", "a/b-c", "a/c/d", "a0", "b", "B"};
  for (const auto& key : all) ASSERT_TRUE(put(key, "x"));
  std::ranges::sort(all);
  EXPECT_EQ(keys(), all);
}

TEST_P(ObjectStoreContract, ListsUnderAPrefixAfterAKeyAtMostSoMany) {
  for (const char* key : {"data/1", "data/2/x", "data/2/y", "data/3", "database/1", "other"})
    ASSERT_TRUE(put(key, "x"));
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys("data/"), (Keys{"data/1", "data/2/x", "data/2/y", "data/3"}));
  EXPECT_EQ(keys("data"), (Keys{"data/1", "data/2/x", "data/2/y", "data/3", "database/1"}));
  EXPECT_EQ(keys("data/2"), (Keys{"data/2/x", "data/2/y"}));
  EXPECT_EQ(keys("data/", "data/2/x"), (Keys{"data/2/y", "data/3"}));
  EXPECT_EQ(keys("", "data/2/y", 2), (Keys{"data/3", "database/1"}));
  EXPECT_EQ(keys("", "", 0), Keys{});
  EXPECT_EQ(keys("nothing"), Keys{});
}

TEST_P(ObjectStoreContract, PagesMeetWithoutGapOrOverlap) {
  std::vector<std::string> all;
  for (int i = 0; i < 23; ++i)
    all.push_back("k/" + std::to_string(i % 5) + "/" + std::to_string(i));
  for (const auto& key : all) ASSERT_TRUE(put(key, "x"));
  std::ranges::sort(all);
  std::vector<std::string> paged;
  for (std::string after;;) {
    const auto page = keys("k/", after, 4);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back();
  }
  EXPECT_EQ(paged, all);
}

const std::vector<StoreFactory> kStores{
    {"Folder", [] { return std::make_unique<FolderUnderTest>(); }},
};

INSTANTIATE_TEST_SUITE_P(Every, ObjectStoreContract, testing::ValuesIn(kStores),
                         [](const auto& store) { return std::string(store.param.name); });

}  // namespace
}  // namespace auterity::data
