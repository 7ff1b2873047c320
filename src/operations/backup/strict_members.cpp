#include "operations/backup/strict_members.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace auterity::operations::backup {
namespace {

constexpr std::size_t kSha256Digits = 64;

}  // namespace

StrictMembers::StrictMembers(const Json* value, std::string path) : path_(std::move(path)) {
  if (value != nullptr && value->is_object())
    object_ = &value->get_object();
  else
    problem_ = path_ + " is missing";
}

const Json* StrictMembers::find(std::string_view name) {
  asked_.emplace(name);
  return object_ == nullptr ? nullptr : object_->if_contains(name);
}

const Json* StrictMembers::wanted(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) refuse(name, "is missing");
  return value;
}

void StrictMembers::refuse(std::string_view name, std::string_view what) {
  if (problem_.empty()) problem_ = fmt::format("{}.{} {}", path_, name, what);
}

std::string StrictMembers::text(std::string_view name) {
  const Json* value = wanted(name);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    refuse(name, "is no text");
    return {};
  }
  return std::string(value->get_string());
}

std::uint64_t StrictMembers::number(std::string_view name) {
  const Json* value = wanted(name);
  if (value == nullptr) return 0;
  if (!value->is_int64() || value->get_int64() < 0) {
    refuse(name, "is no whole number from 0");
    return 0;
  }
  return static_cast<std::uint64_t>(value->get_int64());
}

bool StrictMembers::flag(std::string_view name) {
  const Json* value = wanted(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) refuse(name, "is neither true nor false");
  return value->is_bool() && value->get_bool();
}

Time StrictMembers::time(std::string_view name) {
  const std::string value = text(name);
  const auto time = parse_rfc3339(value);
  if (!time) refuse(name, "is no time");
  return time.value_or(Time{});
}

Uuid StrictMembers::uuid(std::string_view name) {
  const auto id = parse_uuid(text(name));
  if (!id) refuse(name, "is no id");
  return id.value_or(Uuid{});
}

std::string StrictMembers::sha256(std::string_view name) {
  std::string value = text(name);
  if (value.size() != kSha256Digits || value.find_first_not_of("0123456789abcdef") != value.npos)
    refuse(name, "is no SHA-256");
  return value;
}

const JsonArray* StrictMembers::array(std::string_view name) {
  const Json* value = wanted(name);
  if (value != nullptr && value->is_array()) return &value->get_array();
  refuse(name, "is no list");
  return nullptr;
}

const JsonObject* StrictMembers::object(std::string_view name) {
  const Json* value = wanted(name);
  if (value != nullptr && value->is_object()) return &value->get_object();
  refuse(name, "is no object");
  return nullptr;
}

Status StrictMembers::end() {
  if (problem_.empty() && object_ != nullptr)
    for (const auto& member : *object_)
      if (!asked_.contains(member.key())) {
        refuse(member.key(), "is not known here");
        break;
      }
  if (problem_.empty()) return {};
  return fail(ErrorKind::invalid_input, problem_,
              "it was written by another release: use that one, or another backup");
}

}  // namespace auterity::operations::backup
