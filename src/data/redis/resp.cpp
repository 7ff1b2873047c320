#include "data/redis/resp.h"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <array>

namespace auterity::data {
namespace {

struct CodeRow {
  std::string_view code;
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view kCheckUrl = "check user, password and database in the Redis URL";
constexpr std::string_view kTryAgain = "try again in a moment";

constexpr std::array kCodes{
    CodeRow{"WRONGPASS", ErrorKind::unavailable, kCheckUrl},
    CodeRow{"NOAUTH", ErrorKind::unavailable, kCheckUrl},
    CodeRow{"NOPERM", ErrorKind::unavailable, "give the Redis user the right to this command"},
    CodeRow{"LOADING", ErrorKind::unavailable, kTryAgain},
    CodeRow{"MASTERDOWN", ErrorKind::unavailable, kTryAgain},
    CodeRow{"READONLY", ErrorKind::unavailable,
            "the Redis URL leads to a replica; name the primary"},
    CodeRow{"CLUSTERDOWN", ErrorKind::unavailable, kTryAgain},
    CodeRow{"BUSY", ErrorKind::try_again, kTryAgain},
    CodeRow{"TRYAGAIN", ErrorKind::try_again, kTryAgain},
    CodeRow{"OOM", ErrorKind::storage_full, "raise maxmemory of Redis, or let it evict keys"},
    CodeRow{"MISCONF", ErrorKind::storage_full, "see the log of Redis: it cannot save its data"},
    CodeRow{"NOSCRIPT", ErrorKind::not_found, "load the script first"},
    CodeRow{"BUSYGROUP", ErrorKind::conflict, "the group exists already"},
};

using ReplyPointer = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

std::string_view text_of(const redisReply& reply) { return {reply.str, reply.len}; }

Result<RedisReply> convert(const redisReply& reply) {
  RedisReply converted;
  switch (reply.type) {
    case REDIS_REPLY_ERROR:
      return std::unexpected(redis_error(text_of(reply)));
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      converted.kind = RedisReply::Kind::text;
      converted.text = text_of(reply);
      break;
    case REDIS_REPLY_INTEGER:
      converted.kind = RedisReply::Kind::integer;
      converted.integer = reply.integer;
      break;
    case REDIS_REPLY_ARRAY:
      converted.kind = RedisReply::Kind::array;
      for (std::size_t i = 0; i < reply.elements; ++i) {
        AUTERITY_TRY(element, convert(*reply.element[i]));
        converted.elements.push_back(std::move(element));
      }
      break;
    default:
      break;
  }
  return converted;
}

}  // namespace

std::string encode_command(const std::vector<std::string>& arguments) {
  std::string text = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const auto& argument : arguments) {
    text += "$" + std::to_string(argument.size()) + "\r\n";
    text += argument;
    text += "\r\n";
  }
  return text;
}

Error redis_error(std::string_view text) {
  const auto code = text.substr(0, text.find(' '));
  auto message = "redis refused a command: " + std::string(text);
  for (const auto& row : kCodes) {
    if (row.code == code) return Error{row.kind, std::move(message), std::string(row.hint)};
  }
  return Error{ErrorKind::internal, std::move(message),
               "this is a defect of the platform; report it with the log lines around it"};
}

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyReader::ReplyReader() : reader_(redisReaderCreate()) {
  if (!reader_) throw std::bad_alloc();
}

void ReplyReader::feed(std::string_view bytes) {
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

Result<std::optional<Result<RedisReply>>> ReplyReader::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
    return fail(ErrorKind::unavailable, "the server does not speak the Redis protocol",
                "check that the Redis URL leads to Redis, and whether it expects TLS (rediss://)");
  }
  if (!reply) return std::nullopt;
  const ReplyPointer owned(static_cast<redisReply*>(reply), freeReplyObject);
  return convert(*owned);
}

}  // namespace auterity::data
