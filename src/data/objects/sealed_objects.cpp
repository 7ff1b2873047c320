#include "data/objects/sealed_objects.h"

#include <fmt/format.h>

#include <utility>

#include "core/digest.h"
#include "data/run_blocking.h"

namespace auterity::data {
namespace {

constexpr std::size_t kGatheredBytes = 512 * 1024;  // before work goes to the pool

class Writer final : public SealedWriter {
 public:
  Writer(std::unique_ptr<ObjectWriter> writer, Executor blocking, Sealer sealer, std::string key)
      : writer_(std::move(writer)), blocking_(std::move(blocking)), sealer_(std::move(sealer)) {
    object_.key = std::move(key);
  }

  Async<Status> write(std::string_view bytes) override {
    object_.size += bytes.size();
    gathered_.append(bytes);
    if (gathered_.size() < kGatheredBytes) co_return Status{};
    co_return co_await pass_on(false);
  }

  Async<Result<SealedObject>> finish() override {
    AUTERITY_CO_CHECK(co_await pass_on(true));
    AUTERITY_CO_TRY(info, co_await writer_->finish());
    object_.sha256 = sha256_.hex();
    co_return std::move(object_);
  }

 private:
  Async<Status> pass_on(bool last) {
    stored_.clear();
    AUTERITY_CO_CHECK(co_await run_blocking(blocking_, [&]() -> Status {
      AUTERITY_CHECK(sealer_.add(gathered_, stored_));
      if (last) AUTERITY_CHECK(sealer_.finish(stored_));
      sha256_.add(stored_);
      return {};
    }));
    gathered_.clear();
    object_.stored_size += stored_.size();
    if (stored_.empty()) co_return Status{};
    co_return co_await writer_->write(stored_);
  }

  std::unique_ptr<ObjectWriter> writer_;
  Executor blocking_;
  Sealer sealer_;
  Sha256 sha256_;
  SealedObject object_;
  std::string gathered_, stored_;
};

class Reader final : public SealedReader {
 public:
  Reader(std::unique_ptr<ObjectReader> reader, Executor blocking, Unsealer unsealer,
         std::string key, std::string expected)
      : reader_(std::move(reader)),
        blocking_(std::move(blocking)),
        unsealer_(std::move(unsealer)),
        expected_(std::move(expected)) {
    object_.key = std::move(key);
  }

  Async<Result<std::string>> read() override {
    for (;;) {
      AUTERITY_CO_TRY(piece, co_await run_blocking(blocking_, [&] { return take(); }));
      object_.size += piece.size();
      if (!piece.empty() || ended_) co_return std::move(piece);
      AUTERITY_CO_TRY(stored, co_await reader_->read());
      stored_ = std::move(stored);
      fresh_ = true;
    }
  }

  const SealedObject& object() const override { return object_; }

 private:
  // Takes in what was read, and answers what the unsealer has ready.
  Result<std::string> take() {
    if (std::exchange(fresh_, false)) {
      if (stored_.empty()) {
        AUTERITY_CHECK(end());
      } else {
        object_.stored_size += stored_.size();
        sha256_.add(stored_);
        unsealer_.add(stored_);
      }
    }
    return unsealer_.next();
  }

  // Reader's end: the store has no more bytes.
  Status end() {
    ended_ = true;
    object_.sha256 = sha256_.hex();
    unsealer_.end();
    if (expected_.empty() || expected_ == object_.sha256) return {};
    return fail(ErrorKind::failed,
                fmt::format("the object {} is not the one that was stored: its SHA-256 is {} "
                            "instead of {}",
                            object_.key, object_.sha256, expected_),
                "take another backup's, or another copy of it");
  }

  std::unique_ptr<ObjectReader> reader_;
  Executor blocking_;
  Unsealer unsealer_;
  std::string expected_;
  Sha256 sha256_;
  SealedObject object_;
  std::string stored_;
  bool fresh_ = false;
  bool ended_ = false;
};

}  // namespace

Async<Result<std::unique_ptr<SealedWriter>>> SealedObjects::open_writer(std::string key,
                                                                        SealOptions options) {
  AUTERITY_CO_TRY(writer, co_await store_.open_writer(key, options.condition));
  Sealer sealer(key_, key, options.compression);
  co_return std::make_unique<Writer>(std::move(writer), blocking_, std::move(sealer),
                                     std::move(key));
}

Async<Result<std::unique_ptr<SealedReader>>> SealedObjects::open_reader(std::string key,
                                                                        std::string sha256) {
  AUTERITY_CO_TRY(reader, co_await store_.open_reader(key));
  co_return std::make_unique<Reader>(std::move(reader), blocking_, Unsealer(key_, key), key,
                                     std::move(sha256));
}

Async<Result<SealedObject>> SealedObjects::put(std::string key, std::string content,
                                               SealOptions options) {
  AUTERITY_CO_TRY(writer, co_await open_writer(std::move(key), std::move(options)));
  AUTERITY_CO_CHECK(co_await writer->write(content));
  co_return co_await writer->finish();
}

Async<Result<std::string>> SealedObjects::get(std::string key, std::size_t max_bytes) {
  AUTERITY_CO_TRY(reader, co_await open_reader(key));
  std::string content;
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await reader->read());
    if (piece.empty()) co_return std::move(content);
    content += piece;
    if (content.size() > max_bytes) {
      co_return fail(ErrorKind::too_large,
                     fmt::format("the object {} holds more than {} bytes", key, max_bytes),
                     "read it in pieces");
    }
  }
}

Async<Result<SealedObject>> digest_stored(ObjectStore& store, Executor blocking, std::string key) {
  AUTERITY_CO_TRY(reader, co_await store.open_reader(key));
  SealedObject object{.key = std::move(key)};
  Sha256 sha256;
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await reader->read());
    if (piece.empty()) break;
    object.stored_size += piece.size();
    co_await run_blocking(blocking, [&] { sha256.add(piece); });
  }
  object.sha256 = sha256.hex();
  co_return object;
}

}  // namespace auterity::data
