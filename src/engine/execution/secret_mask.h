#pragma once
// Keeps the values of secrets out of what is stored. Two forms:
//  - mask(): for what people see (history, errors, outputs): each occurrence of a secret's text
//  becomes "***", for good;
//  - seal() and unseal(): for the stored state: each occurrence becomes a reference to the secret,
//  and the value that the secret then has
//    when the state is loaded.
// What counts as a secret's text: every string inside a resolved secret that has at least 4 bytes.
// Found anywhere within strings, values of objects at any depth included. Not found, so not masked:
// object keys, numbers and booleans, shorter strings, and encoded or transformed forms (base64,
// percent-encoding, hashes, parts of the text).
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace auterity::engine {

class SecretMask {
 public:
  explicit SecretMask(const JsonObject& secrets);

  bool empty() const { return texts_.empty(); }
  Json mask(const Json& value) const;
  std::string mask(std::string_view text) const;
  // seal() marks its references so that no data can imitate one; unseal() undoes exactly seal(). A
  // reference to a secret that is gone becomes "".
  Json seal(const Json& value) const;
  Json unseal(const Json& value) const;

 private:
  struct Text {
    std::string value;
    std::string pointer;  // RFC 6901 into the secrets
  };
  void collect(const Json& value, const std::string& pointer);
  std::string seal_text(std::string_view text) const;
  std::string unseal_text(std::string_view text) const;

  std::vector<Text> texts_;  // longest first
};

}  // namespace auterity::engine
