#include "engine/store/write_batch.h"

namespace auterity::engine {
namespace {

std::size_t size_of(const std::optional<std::string>& text) { return text ? text->size() : 0; }
std::size_t size_of(const HistoryRow& row) { return row.events.size() + size_of(row.state); }

}  // namespace

const Uuid& execution_of(const Write& write) {
  return std::visit([](const auto& any) -> const Uuid& { return any.id; }, write);
}

std::size_t weight_of(const Write& write) {
  if (const auto* save = std::get_if<SaveWrite>(&write))
    return size_of(save->history) + size_of(save->output) + size_of(save->error);
  const auto& create = std::get<CreateWrite>(write);
  return create.input.size() + size_of(create.output) + size_of(create.error) +
         create.started_by.size() + create.trigger.size() +
         (create.first ? size_of(*create.first) : 0);
}

std::optional<std::string> start_key_of(const Write& write) {
  const auto* create = std::get_if<CreateWrite>(&write);
  if (!create || !create->key) return std::nullopt;
  return to_text(create->workflow_id) + create->key->kind + ':' + create->key->key;
}

}  // namespace auterity::engine
