#include "operations/deploy/turn_back.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

std::filesystem::path path_of(const local::Layout& layout) {
  return layout.operations() / "turn-back.json";
}

}  // namespace

Status ask_to_turn_back(Files& files, const local::Layout& layout, const TurnBackWish& wish) {
  return files.write_atomically(
      path_of(layout), auterity::to_text(Json(JsonObject{
                           {"who", wish.who}, {"why", wish.why}, {"deploy", wish.deploy}})));
}

std::optional<TurnBackWish> find_turn_back(Files& files, const local::Layout& layout,
                                           std::string_view deploy) {
  if (!files.exists(path_of(layout))) return std::nullopt;
  const auto text = files.read(path_of(layout));
  const auto value = text ? parse_json(*text) : Result<Json>(std::unexpected(text.error()));
  if (!value || string_or(find_member(*value, "deploy"), "") != deploy) return std::nullopt;
  return TurnBackWish{std::string(string_or(find_member(*value, "who"), "somebody")),
                      std::string(string_or(find_member(*value, "why"), "")), std::string(deploy)};
}

std::string to_text(const TurnBackWish& wish) {
  return fmt::format("{} asked to turn back{}{}", wish.who, wish.why.empty() ? "" : ": ", wish.why);
}

Status forget_turn_back(Files& files, const local::Layout& layout) {
  return files.remove_tree(path_of(layout));
}

}  // namespace auterity::operations
