#pragma once
// The service that ships the database's log into the backup location while it is written. Every
// platform has it; it runs from the release in use, as the platform's owner.
#include <string_view>

#include "targets/local/service_definition.h"

namespace auterity::local {

inline constexpr std::string_view kWalShipper = "wal-shipper";

ServiceDefinition define_wal_shipper(const Platform& platform);

}  // namespace auterity::local
