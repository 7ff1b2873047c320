#pragma once
// An object store in memory for tests: the contract of data/object_store.h, and a disk that can be
// full or away.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/object_store.h"

namespace auterity::harness {

class MemoryObjectStore final : public data::ObjectStore {
 public:
  // What every following write answers, when set.
  void fail_writes(std::optional<ErrorKind> kind) { write_failure_ = kind; }
  // What is stored, to look at and to damage.
  std::map<std::string, std::string>& objects() { return objects_; }

  Async<Result<std::unique_ptr<data::ObjectWriter>>> open_writer(
      std::string key, data::WriteCondition condition) override {
    co_return std::make_unique<Writer>(*this, std::move(key), std::move(condition));
  }
  Async<Result<std::unique_ptr<data::ObjectReader>>> open_reader(std::string key) override {
    AUTERITY_CO_TRY(content, co_await get(key, std::string::npos));
    co_return std::make_unique<Reader>(info_of(key, content), std::move(content));
  }
  Async<Result<data::ObjectInfo>> put(std::string key, std::string content,
                                      data::WriteCondition condition) override {
    if (write_failure_)
      co_return fail(*write_failure_, "the object store is full",
                     "free space where objects are kept");
    auto found = objects_.find(key);
    const bool there = found != objects_.end();
    if ((condition.only_if_absent && there) ||
        (condition.only_if_etag &&
         (!there || info_of(key, found->second).etag != *condition.only_if_etag)))
      co_return fail(ErrorKind::conflict, "the object changed meanwhile", "read it again");
    data::ObjectInfo info = info_of(key, content);
    objects_[key] = std::move(content);
    co_return info;
  }
  Async<Result<std::string>> get(std::string key, std::size_t max_bytes) override {
    auto found = objects_.find(key);
    if (found == objects_.end())
      co_return fail(ErrorKind::not_found, "no object has this key", "list the keys");
    if (found->second.size() > max_bytes)
      co_return fail(ErrorKind::too_large, "the object is too large", "read it in pieces");
    co_return found->second;
  }
  Async<Result<data::ObjectInfo>> head(std::string key) override {
    auto found = objects_.find(key);
    if (found == objects_.end())
      co_return fail(ErrorKind::not_found, "no object has this key", "list the keys");
    co_return info_of(key, found->second);
  }
  Async<Status> remove(std::string key) override {
    objects_.erase(key);
    co_return Status();
  }
  Async<Result<std::vector<data::ObjectInfo>>> list(std::string prefix, std::string after,
                                                    std::size_t limit) override {
    std::vector<data::ObjectInfo> found;
    for (auto next = objects_.upper_bound(std::max(after, prefix.substr(0, prefix.size() - 1)));
         next != objects_.end() && found.size() < limit; ++next)
      if (next->first.starts_with(prefix)) found.push_back(info_of(next->first, next->second));
    co_return found;
  }

 private:
  static data::ObjectInfo info_of(const std::string& key, const std::string& content) {
    return {.key = key,
            .size = content.size(),
            .etag = std::to_string(std::hash<std::string>{}(content)),
            .modified = {}};
  }

  class Writer final : public data::ObjectWriter {
   public:
    Writer(MemoryObjectStore& store, std::string key, data::WriteCondition condition)
        : store_(store), key_(std::move(key)), condition_(std::move(condition)) {}
    Async<Status> write(std::string_view bytes) override {
      content_ += bytes;
      co_return Status();
    }
    Async<Result<data::ObjectInfo>> finish() override {
      return store_.put(std::move(key_), std::move(content_), std::move(condition_));
    }

   private:
    MemoryObjectStore& store_;
    std::string key_, content_;
    data::WriteCondition condition_;
  };

  class Reader final : public data::ObjectReader {
   public:
    Reader(data::ObjectInfo info, std::string content)
        : info_(std::move(info)), content_(std::move(content)) {}
    const data::ObjectInfo& info() const override { return info_; }
    Async<Result<std::string>> read() override {
      std::string piece = content_.substr(0, 256 * 1024);
      content_.erase(0, piece.size());
      co_return piece;
    }

   private:
    data::ObjectInfo info_;
    std::string content_;
  };

  std::map<std::string, std::string> objects_;
  std::optional<ErrorKind> write_failure_;
};

}  // namespace auterity::harness
