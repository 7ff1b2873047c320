#pragma once
// The platform's dependencies as health checks see them.
#include <memory>
#include <string>

#include "api/health/health.h"
#include "core/http_client.h"
#include "data/database.h"
#include "data/object_store.h"
#include "data/redis.h"

namespace auterity::api {

std::unique_ptr<Dependency> make_database_dependency(data::Database& database);
// Null: not configured.
std::unique_ptr<Dependency> make_redis_dependency(data::Redis* redis);
std::unique_ptr<Dependency> make_object_store_dependency(data::ObjectStore& objects);
// Empty address: not configured.
std::unique_ptr<Dependency> make_ai_service_dependency(HttpClient& http, std::string url);

}  // namespace auterity::api
