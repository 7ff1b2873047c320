#include "api/process/process_settings.h"

#include "api/auth/access_token.h"
#include "engine/store/secret_box.h"

namespace auterity::api {
namespace {

constexpr std::uint64_t kMebibyte = 1u << 20;

Status read_numbers(const Settings& settings, ProcessSettings& read) {
  AUTERITY_TRY(connections, settings.number("AUTERITY_DATABASE_CONNECTIONS", 1, 100));
  AUTERITY_TRY(in_place, settings.number("AUTERITY_IN_PLACE", 1, 100'000));
  AUTERITY_TRY(upload, settings.number("AUTERITY_UPLOAD_LIMIT_MB", 1, 1'000'000));
  AUTERITY_TRY(retention, settings.number("AUTERITY_RETENTION_DAYS", 1, 36'500));
  read.database_connections = static_cast<std::size_t>(connections);
  read.in_place = static_cast<std::size_t>(in_place);
  read.upload_limit = static_cast<std::uint64_t>(upload) * kMebibyte;
  read.retention_days = static_cast<int>(retention);
  if (!settings.is_set("AUTERITY_READY_FD")) return {};
  AUTERITY_TRY(descriptor, settings.number("AUTERITY_READY_FD", 3, 1'000'000));
  read.ready_descriptor = static_cast<int>(descriptor);
  return {};
}

Status read_addresses(const Settings& settings, ProcessSettings& read) {
  auto listen = parse_listen_address(settings.text("AUTERITY_LISTEN"));
  if (!listen) return std::unexpected(std::move(listen).error().within("AUTERITY_LISTEN"));
  read.listen = std::move(*listen);
  const std::string& metrics = settings.text("AUTERITY_METRICS_LISTEN");
  AUTERITY_TRY(peers, MetricsPeers::parse(settings.text("AUTERITY_METRICS_PEERS"), metrics));
  read.metrics_peers = std::move(peers);
  if (metrics.empty()) return {};
  auto address = parse_listen_address(metrics);
  if (!address)
    return std::unexpected(std::move(address).error().within("AUTERITY_METRICS_LISTEN"));
  const bool on_this_machine =
      !address->path.empty() || address->host.starts_with("127.") || address->host == "::1";
  if (!on_this_machine)
    return fail(ErrorKind::invalid_input, "AUTERITY_METRICS_LISTEN is not a loopback address",
                "write 127.0.0.1:port or unix:/path: this page asks for no token");
  read.metrics_listen = std::move(*address);
  return {};
}

}  // namespace

Result<ProcessSettings> read_process_settings(const Environment& environment) {
  AUTERITY_TRY(settings, Settings::read(environment));
  ProcessSettings read;
  read.database_url = settings.text("DATABASE_URL");
  read.redis_url = settings.text("REDIS_URL");
  read.jwt_secret_key = settings.text("JWT_SECRET_KEY");
  read.secrets_key = settings.text("AUTERITY_SECRETS_KEY");
  read.metrics_token = settings.text("AUTERITY_METRICS_TOKEN");
  read.objects_folder = settings.text("AUTERITY_OBJECTS");
  read.operations_folder = settings.text("AUTERITY_OPERATIONS");
  read.base_url = settings.text("API_BASE_URL");
  read.instance = settings.text("AUTERITY_INSTANCE");
  read.colour = settings.text("AUTERITY_COLOUR");
  read.ai_service_url = settings.text("AUTERITY_AI_SERVICE_URL");
  AUTERITY_CHECK(AccessTokens::check_key(read.jwt_secret_key));
  AUTERITY_CHECK(engine::SecretBox::from_key(read.secrets_key));
  AUTERITY_CHECK(read_numbers(settings, read));
  AUTERITY_CHECK(read_addresses(settings, read));
  if (read.instance.empty()) read.instance = "auterity";
  return read;
}

}  // namespace auterity::api
