#include "operations/recover/kept_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "operations/process_call.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kSettings = ".settings.tar";
constexpr std::size_t kMaxBytes = 64u << 20;

Async<Result<std::string>> read_archive(backup::BackupStorage& storage,
                                        const backup::BackupManifest& files) {
  const auto object = std::ranges::find_if(
      files.objects, [](const auto& one) { return one.key.ends_with(kSettings); });
  if (object == files.objects.end())
    co_return fail(ErrorKind::not_found,
                   fmt::format("backup {} holds no configuration", to_text(files.id)),
                   "use another one: auterity backup list");
  AUTERITY_CO_TRY(reader, co_await storage.objects().open_reader(object->key, object->sha256));
  std::string archive;
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await reader->read());
    if (piece.empty()) co_return archive;
    archive += piece;
    if (archive.size() > kMaxBytes)
      co_return fail(ErrorKind::too_large, object->key + " is too large for configuration",
                     "use another backup: auterity backup list");
  }
}

Async<Result<std::string>> member_of(LocalContext& context, std::string archive, std::string name) {
  ProcessRequest request{
      .arguments = {"tar", "--extract", "--to-stdout", "--file=-", std::move(name)},
      .environment = {{"LC_ALL", "C.UTF-8"}},
      .input = std::move(archive)};
  co_return co_await call(context.processes, std::move(request));
}

}  // namespace

Async<Result<KeptSettings>> read_settings(LocalContext& context, backup::BackupStorage& storage,
                                          backup::BackupManifest files) {
  AUTERITY_CO_TRY(archive, co_await read_archive(storage, files));
  AUTERITY_CO_TRY(facts_text, co_await member_of(context, archive, "services/platform.json"));
  AUTERITY_CO_TRY(secrets_text,
                  co_await member_of(context, std::move(archive), "credentials.json"));
  AUTERITY_CO_TRY(facts, local::parse_kept_facts(facts_text));
  AUTERITY_CO_TRY(credentials, local::parse_credentials(secrets_text));
  co_return KeptSettings{std::move(facts), std::move(credentials)};
}

}  // namespace auterity::operations
