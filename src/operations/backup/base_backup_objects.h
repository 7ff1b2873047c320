#pragma once
// A base backup on its way into sealed objects: each archive as it comes from the server,
// compressed there, never as a whole on this machine's disk. Nothing counts before a manifest
// names the objects.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/objects/sealed_objects.h"
#include "data/postgres/replication.h"
#include "operations/backup/manifest.h"

namespace auterity::operations::backup {

BackupObject object_of(const data::SealedObject& sealed);

class BaseBackupObjects final : public data::BaseBackupSink {
 public:
  using OnStored = std::function<void(std::uint64_t bytes)>;
  // Keys begin with `prefix`. `on_stored` hears how many bytes were stored so far, now and then.
  BaseBackupObjects(data::SealedObjects& objects, std::string prefix, OnStored on_stored);

  // not_ready for a cluster with tablespaces of its own: its copy would not stand on its own.
  Async<Status> begin(const data::BaseBackupStart& start) override;
  Async<Status> begin_archive(std::string name) override;
  Async<Status> begin_manifest() override;
  Async<Status> content(std::string_view bytes) override;

  // Ends the last object. The archive's size is that of the files in it, as the server's own
  // manifest lists them.
  Async<Result<std::vector<BackupObject>>> finish();

 private:
  Async<Status> begin_object(std::string name, data::Compression compression);
  Async<Status> end_object();

  data::SealedObjects& objects_;
  std::string prefix_;
  OnStored on_stored_;
  std::unique_ptr<data::SealedWriter> writer_;
  std::vector<BackupObject> done_;
  bool in_manifest_ = false;
  std::string manifest_;
  std::uint64_t stored_ = 0;
  std::uint64_t told_ = 0;
};

// Bytes of all files in a server's manifest of a base backup
// (https://www.postgresql.org/docs/15/backup-manifest-format.html). failed when it is none.
Result<std::uint64_t> file_bytes(std::string_view server_manifest);

}  // namespace auterity::operations::backup
