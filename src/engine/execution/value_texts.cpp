#include "engine/execution/value_texts.h"

namespace auterity::engine {

void ValueTexts::begin_round() {
  std::erase_if(entries_, [this](const auto& entry) {
    const bool old = entry.second.round != round_;
    if (old) bytes_ -= entry.second.text.size();
    return old;
  });
  ++round_;
}

const ValueTexts::Entry* ValueTexts::find(const Value& value) {
  if (const auto known = entries_.find(value.get()); known != entries_.end()) {
    known->second.round = round_;
    return &known->second;
  }
  const std::size_t size = approximate_size(*value, kMostEach);
  if (size == kMostEach || bytes_ > kMostTogether) return nullptr;
  Entry& entry = entries_[value.get()];
  entry = {
      .value = value, .text = auterity::to_text(*value), .approximate_size = size, .round = round_};
  bytes_ += entry.text.size();
  return &entry;
}

}  // namespace auterity::engine
