#include "operations/backup/log_shipping.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kFile = "log-shipping.json";
constexpr Duration kSilence = std::chrono::seconds(5);

std::string text_of(const Json& document, std::string_view name) {
  return std::string(string_or(find_member(document, name), ""));
}

std::int64_t number_of(const Json& document, std::string_view name) {
  const Json* value = find_member(document, name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::optional<WalPiece> piece_of(const Json* value) {
  if (value == nullptr || !value->is_object()) return std::nullopt;
  const auto from = data::Lsn::parse(text_of(*value, "from"));
  const auto to = data::Lsn::parse(text_of(*value, "to"));
  if (!from || !to) return std::nullopt;
  return WalPiece{*from, *to};
}

Json to_json(const std::optional<WalPiece>& gap) {
  if (!gap) return nullptr;
  return JsonObject{{"from", gap->start.text()}, {"to", gap->end.text()}};
}

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

std::string_view state_of(const LogShipping& shipping, Time now) {
  if (is_silent(shipping, now)) return "silent";
  return shipping.failure.empty() ? "shipping" : "interrupted";
}

}  // namespace

Status write_log_shipping(Files& files, const std::filesystem::path& folder,
                          const LogShipping& shipping) {
  const JsonObject document{{"observed_at", to_rfc3339(shipping.observed_at)},
                            {"system_id", shipping.system_id},
                            {"timeline", shipping.timeline},
                            {"archived_to", shipping.archived_to.text()},
                            {"complete_at", to_rfc3339(shipping.complete_at)},
                            {"longest_wait_us", shipping.longest_wait.count()},
                            {"failure", shipping.failure},
                            {"gap", to_json(shipping.gap)}};
  return files.write_atomically(folder / kFile, to_pretty_text(Json(document)) + "\n");
}

Result<std::optional<LogShipping>> read_log_shipping(Files& files,
                                                     const std::filesystem::path& folder) {
  if (!files.exists(folder / kFile)) return std::nullopt;
  AUTERITY_TRY(text, files.read(folder / kFile));
  const auto document = parse_json(text);
  if (document) {
    const auto observed_at = parse_rfc3339(text_of(*document, "observed_at"));
    const auto complete_at = parse_rfc3339(text_of(*document, "complete_at"));
    const auto archived_to = data::Lsn::parse(text_of(*document, "archived_to"));
    if (observed_at && complete_at && archived_to)
      return LogShipping{*observed_at,
                         text_of(*document, "system_id"),
                         static_cast<data::Timeline>(number_of(*document, "timeline")),
                         *archived_to,
                         *complete_at,
                         Duration(number_of(*document, "longest_wait_us")),
                         text_of(*document, "failure"),
                         piece_of(find_member(*document, "gap"))};
  }
  return fail(ErrorKind::failed, fmt::format("{} cannot be read", (folder / kFile).string()),
              "the service wal-shipper writes it anew within a second");
}

bool is_silent(const LogShipping& shipping, Time now) {
  return now - shipping.observed_at > kSilence;
}

Duration behind(const LogShipping& shipping, Time now) {
  const Time seen = is_silent(shipping, now) ? now : shipping.observed_at;
  return std::max(seen - shipping.complete_at, Duration{});
}

Json shipping_status(const std::optional<LogShipping>& shipping, Time now) {
  if (!shipping) return nullptr;
  return JsonObject{{"state", state_of(*shipping, now)},
                    {"observed_at", to_rfc3339(shipping->observed_at)},
                    {"archived_to", shipping->archived_to.text()},
                    {"complete_at", to_rfc3339(shipping->complete_at)},
                    {"behind_seconds", seconds(behind(*shipping, now))},
                    {"longest_wait_seconds", seconds(shipping->longest_wait)},
                    {"failure", shipping->failure},
                    {"gap", to_json(shipping->gap)}};
}

}  // namespace auterity::operations::backup
