#include "engine/execution/secret_mask.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace auterity::engine {
namespace {

constexpr std::size_t kShortestSecret = 4;
constexpr char kOpen = '\x01';   // begins a reference; doubled it stands for itself
constexpr char kClose = '\x02';  // ends a reference

// `value` with every string replaced by change(string).
template <typename Change>
Json map_strings(const Json& value, const Change& change) {
  if (const auto* text = value.if_string())
    return Json(change(std::string_view(text->data(), text->size())));
  if (const auto* array = value.if_array()) {
    JsonArray changed;
    changed.reserve(array->size());
    for (const Json& element : *array) changed.push_back(map_strings(element, change));
    return changed;
  }
  if (const auto* object = value.if_object()) {
    JsonObject changed;
    changed.reserve(object->size());
    for (const auto& [key, member] : *object) changed[key] = map_strings(member, change);
    return changed;
  }
  return value;
}

}  // namespace

SecretMask::SecretMask(const JsonObject& secrets) {
  collect(secrets, "");
  std::sort(texts_.begin(), texts_.end(), [](const Text& a, const Text& b) {
    return a.value.size() != b.value.size() ? a.value.size() > b.value.size()
                                            : a.pointer < b.pointer;
  });
}

void SecretMask::collect(const Json& value, const std::string& pointer) {
  if (const auto* text = value.if_string()) {
    if (text->size() >= kShortestSecret) texts_.push_back({std::string(*text), pointer});
  } else if (const auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      collect((*array)[i], pointer + "/" + std::to_string(i));
  } else if (const auto* object = value.if_object()) {
    for (const auto& [key, member] : *object)
      collect(member, pointer + "/" + escape_pointer_token(key));
  }
}

std::string SecretMask::mask(std::string_view text) const {
  std::string masked(text);
  for (const Text& secret : texts_)
    for (std::size_t at = masked.find(secret.value); at != std::string::npos;
         at = masked.find(secret.value, at + 3))
      masked.replace(at, secret.value.size(), "***");
  return masked;
}

Json SecretMask::mask(const Json& value) const {
  if (empty()) return value;
  return map_strings(value, [this](std::string_view text) { return mask(text); });
}

std::string SecretMask::seal_text(std::string_view text) const {
  std::string sealed;
  for (std::size_t at = 0; at < text.size();) {
    const auto secret = std::ranges::find_if(texts_, [&](const Text& candidate) {
      return text.substr(at).starts_with(candidate.value);
    });
    if (secret != texts_.end()) {
      sealed += kOpen + secret->pointer + kClose;
      at += secret->value.size();
      continue;
    }
    if (text[at] == kOpen) sealed += kOpen;
    sealed += text[at++];
  }
  return sealed;
}

std::string SecretMask::unseal_text(std::string_view text) const {
  std::string open;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != kOpen) {
      open += text[at];
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == kOpen) {
      open += text[++at];
      continue;
    }
    const std::size_t end = std::min(text.find(kClose, at), text.size());
    const std::string_view pointer = text.substr(at + 1, end - at - 1);
    const auto secret = std::ranges::find(texts_, pointer, &Text::pointer);
    if (secret != texts_.end()) open += secret->value;
    at = end;
  }
  return open;
}

Json SecretMask::seal(const Json& value) const {
  return map_strings(value, [this](std::string_view text) { return seal_text(text); });
}

Json SecretMask::unseal(const Json& value) const {
  return map_strings(value, [this](std::string_view text) { return unseal_text(text); });
}

}  // namespace auterity::engine
