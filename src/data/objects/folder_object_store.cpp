// The folder behind the asynchronous interface: every blocking call goes to the pool.
#include <boost/asio/post.hpp>
#include <utility>

#include "data/object_store.h"
#include "data/objects/object_folder.h"
#include "data/objects/object_key.h"
#include "data/run_blocking.h"

namespace auterity::data {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

class FolderObjectWriter final : public ObjectWriter {
 public:
  FolderObjectWriter(std::shared_ptr<ObjectFolder> folder, Executor blocking, Upload upload,
                     std::string key, WriteCondition condition)
      : folder_(std::move(folder)),
        blocking_(std::move(blocking)),
        upload_(std::move(upload)),
        key_(std::move(key)),
        condition_(std::move(condition)) {}

  ~FolderObjectWriter() override {
    if (over_) return;
    boost::asio::post(
        blocking_, [upload = std::make_shared<Upload>(std::move(upload_))] { upload->discard(); });
  }

  Async<Status> write(std::string_view bytes) override {
    if (over_) co_return std::unexpected(is_over());
    auto status = co_await run_blocking(blocking_, [&] { return upload_.append(bytes); });
    over_ = !status;
    co_return status;
  }

  Async<Result<ObjectInfo>> finish() override {
    if (std::exchange(over_, true)) co_return std::unexpected(is_over());
    co_return co_await run_blocking(
        blocking_, [&] { return folder_->publish(std::move(upload_), key_, condition_); });
  }

 private:
  static Error is_over() {
    return Error{ErrorKind::failed, "the upload has ended already", "begin another one"};
  }

  std::shared_ptr<ObjectFolder> folder_;
  Executor blocking_;
  Upload upload_;
  std::string key_;
  WriteCondition condition_;
  bool over_ = false;  // published, or failed
};

class FolderObjectReader final : public ObjectReader {
 public:
  FolderObjectReader(Executor blocking, OpenObject object)
      : blocking_(std::move(blocking)), object_(std::move(object)) {}

  const ObjectInfo& info() const override { return object_.info; }
  Async<Result<std::string>> read() override {
    return run_blocking(blocking_,
                        [this] { return ObjectFolder::read(object_.file, kPieceBytes); });
  }

 private:
  Executor blocking_;
  OpenObject object_;
};

class FolderObjectStore final : public ObjectStore {
 public:
  FolderObjectStore(std::string folder, Executor blocking)
      : folder_(std::make_shared<ObjectFolder>(std::move(folder))),
        blocking_(std::move(blocking)) {}

  Async<Result<std::unique_ptr<ObjectWriter>>> open_writer(std::string key,
                                                           WriteCondition condition) override {
    AUTERITY_CO_CHECK(check_object_key(key));
    AUTERITY_CO_TRY(upload,
                    co_await run_blocking(blocking_, [&] { return folder_->begin_upload(); }));
    co_return std::make_unique<FolderObjectWriter>(folder_, blocking_, std::move(upload),
                                                   std::move(key), std::move(condition));
  }

  Async<Result<std::unique_ptr<ObjectReader>>> open_reader(std::string key) override {
    AUTERITY_CO_CHECK(check_object_key(key));
    AUTERITY_CO_TRY(object, co_await run_blocking(blocking_, [&] { return folder_->open(key); }));
    co_return std::make_unique<FolderObjectReader>(blocking_, std::move(object));
  }

  Async<Result<ObjectInfo>> put(std::string key, std::string content,
                                WriteCondition condition) override {
    AUTERITY_CO_CHECK(check_object_key(key));
    co_return co_await run_blocking(blocking_, [&]() -> Result<ObjectInfo> {
      AUTERITY_TRY(upload, folder_->begin_upload());
      AUTERITY_CHECK(upload.append(content));
      return folder_->publish(std::move(upload), key, condition);
    });
  }

  Async<Result<std::string>> get(std::string key, std::size_t max_bytes) override {
    AUTERITY_CO_CHECK(check_object_key(key));
    co_return co_await run_blocking(blocking_, [&]() -> Result<std::string> {
      AUTERITY_TRY(object, folder_->open(key));
      if (object.info.size > max_bytes) {
        return fail(ErrorKind::too_large,
                    "the object " + key + " has more than " + std::to_string(max_bytes) + " bytes",
                    "read it in pieces");
      }
      return ObjectFolder::read(object.file, object.info.size);
    });
  }

  Async<Result<ObjectInfo>> head(std::string key) override {
    AUTERITY_CO_CHECK(check_object_key(key));
    AUTERITY_CO_TRY(object, co_await run_blocking(blocking_, [&] { return folder_->open(key); }));
    co_return std::move(object.info);
  }

  Async<Status> remove(std::string key) override {
    AUTERITY_CO_CHECK(check_object_key(key));
    co_return co_await run_blocking(blocking_, [&] { return folder_->remove(key); });
  }

  Async<Result<std::vector<ObjectInfo>>> list(std::string prefix, std::string after,
                                              std::size_t limit) override {
    AUTERITY_CO_CHECK(check_object_prefix(prefix));
    co_return co_await run_blocking(blocking_, [&] { return folder_->list(prefix, after, limit); });
  }

 private:
  std::shared_ptr<ObjectFolder> folder_;
  Executor blocking_;
};

}  // namespace

std::unique_ptr<ObjectStore> open_folder_object_store(std::string folder, Executor blocking) {
  return std::make_unique<FolderObjectStore>(std::move(folder), std::move(blocking));
}

}  // namespace auterity::data
