#include "operations/backup/sealed_document.h"

#include <fmt/format.h>
#include <sodium.h>

#include <boost/json.hpp>

#include "core/digest.h"

namespace auterity::operations::backup {
namespace {

constexpr int kFormat = 1;
constexpr std::string_view kFormatMember = "format";
constexpr std::uint64_t kDocumentKey = 1;
constexpr char kKeyContext[crypto_kdf_CONTEXTBYTES + 1] = "autdocmt";
constexpr std::size_t kMaxDocumentBytes = 64u << 20;

static_assert(crypto_kdf_KEYBYTES == 32);
static_assert(crypto_auth_hmacsha256_KEYBYTES == 32);

std::string hex_of(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::unexpected<Error> altered(std::string_view purpose, std::string_view what) {
  return fail(ErrorKind::failed, fmt::format("the {} was altered: {}", purpose, what),
              "take it from another copy of the backup location, or use another backup: auterity "
              "backup list");
}

std::string sealed_text(std::string_view purpose, const JsonObject& body) {
  return fmt::format("{}\n{}", purpose, to_canonical_text(Json(body)));
}

// What stands behind the preface, in this order.
void append_seal(JsonObject& document, std::string_view purpose, JsonObject body,
                 const DocumentSeal& seal) {
  const std::string text = sealed_text(purpose, body);
  document[kFormatMember] = kFormat;
  document["key_id"] = seal.key_id();
  document[purpose] = std::move(body);
  document["sha256"] = sha256_hex(text);
  document["mac"] = seal.mac_of(fmt::format("{}\n{}", seal.key_id(), text));
}

Result<JsonObject> parse_document(std::string_view purpose, std::string_view text) {
  if (!text.ends_with("\n}\n"))
    return fail(ErrorKind::failed,
                fmt::format("the {} was cut short: it ends after {} bytes", purpose, text.size()),
                "take it from another copy of the backup location, or use another backup: auterity "
                "backup list");
  auto value = parse_json(text, {.max_bytes = kMaxDocumentBytes});
  if (!value || !value->is_object()) return altered(purpose, "it is no JSON object");
  return std::move(value->get_object());
}

JsonObject preface_of(const JsonObject& document) {
  JsonObject preface;
  for (const auto& member : document) {
    if (member.key() == kFormatMember) break;
    preface[member.key()] = member.value();
  }
  return preface;
}

}  // namespace

DocumentSeal::DocumentSeal(std::span<const std::uint8_t, 32> backup_key, std::string key_id)
    : key_id_(std::move(key_id)) {
  crypto_kdf_derive_from_key(key_.data(), key_.size(), kDocumentKey, kKeyContext,
                             backup_key.data());
}

DocumentSeal::~DocumentSeal() { sodium_memzero(key_.data(), key_.size()); }

std::string DocumentSeal::mac_of(std::string_view text) const {
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const unsigned char*>(text.data()),
                         text.size(), key_.data());
  return hex_of(mac);
}

bool DocumentSeal::is_mac_of(std::string_view mac, std::string_view text) const {
  const std::string wanted = mac_of(text);
  return mac.size() == wanted.size() && sodium_memcmp(mac.data(), wanted.data(), mac.size()) == 0;
}

std::string seal_document(std::string_view purpose, JsonObject preface, JsonObject body,
                          const DocumentSeal& seal) {
  append_seal(preface, purpose, std::move(body), seal);
  return to_pretty_text(Json(std::move(preface))) + "\n";
}

Result<JsonObject> open_document(std::string_view purpose, std::string_view text,
                                 const DocumentSeal& seal) {
  AUTERITY_TRY(document, parse_document(purpose, text));
  const Json* body = document.if_contains(purpose);
  const Json* format = document.if_contains(kFormatMember);
  if (body == nullptr || !body->is_object()) return altered(purpose, "its content is missing");
  if (format != nullptr && format->is_int64() && format->get_int64() > kFormat)
    return fail(ErrorKind::not_ready,
                fmt::format("the {} has format {}, which this program does not know", purpose,
                            format->get_int64()),
                "use the release that wrote it, or a newer one");
  const std::string body_text = sealed_text(purpose, body->get_object());
  if (string_or(document.if_contains("sha256"), "") != sha256_hex(body_text))
    return altered(purpose, "its checksum is wrong");
  const std::string key_id(string_or(document.if_contains("key_id"), ""));
  if (key_id != seal.key_id())
    return fail(ErrorKind::forbidden,
                fmt::format("the {} was sealed with backup key {}, and this is key {}", purpose,
                            key_id.empty() ? "none" : key_id, seal.key_id()),
                "name the file that holds the other key: backup.key_file in the environment file");
  if (!seal.is_mac_of(string_or(document.if_contains("mac"), ""),
                      fmt::format("{}\n{}", key_id, body_text)))
    return altered(purpose, "its seal is not that of this key");
  // Members that stand twice or are unknown, other spaces, another spelling of a number: not what
  // was written.
  if (seal_document(purpose, preface_of(document), body->get_object(), seal) != text)
    return altered(purpose, "it is not written as this program writes it");
  return body->get_object();
}

}  // namespace auterity::operations::backup
