// The table of the environment file's keys. The first part are the platform guide's own keys, which
// keep their names; what they say is not said twice below (replicas of the API are
// app_desired_capacity).
#include <fmt/format.h>

#include <array>

#include "operations/environment/environment.h"

namespace auterity::operations {
namespace {

using enum KeyType;
constexpr std::int64_t kMany = 1'000'000;

// path, type, default, least, most, choices, help
constexpr std::array kKeys{
    EnvironmentKey{"environment", text, "", 0, 0, "", "name; the same as the file's"},
    EnvironmentKey{"region", text, "", 0, 0, "", "AWS region"},
    EnvironmentKey{"app_instance_type", text, "", 0, 0, "",
                   "size of the API's tasks on AWS, CPU units/MiB as Fargate has them: 1024/2048; "
                   "no meaning on one machine"},
    EnvironmentKey{"app_min_capacity", number, "1", 1, 100, "", "fewest API replicas"},
    EnvironmentKey{"app_max_capacity", number, "10", 1, 100, "", "most API replicas"},
    EnvironmentKey{"app_desired_capacity", number, "2", 1, 100, "", "API replicas at the start"},
    EnvironmentKey{"db_instance_class", text, "", 0, 0, "", "size of the database server"},
    EnvironmentKey{"db_allocated_storage", number, "", 20, 65536, "", "GiB"},
    EnvironmentKey{"db_max_allocated_storage", number, "", 20, 65536, "", "GiB"},
    EnvironmentKey{"db_backup_retention", number, "7", 0, 35, "", "days"},
    EnvironmentKey{"db_multi_az", flag, "false", 0, 0, "", "a standby in another zone"},
    EnvironmentKey{"redis_node_type", text, "", 0, 0, "", "size of the Redis nodes"},
    EnvironmentKey{"redis_num_nodes", number, "1", 1, 6, "", "Redis nodes"},
    EnvironmentKey{"cloudwatch_log_retention", number, "14", 1, 3653, "", "days"},
    EnvironmentKey{"enable_detailed_monitoring", flag, "false", 0, 0, "", "metrics each minute"},
    EnvironmentKey{"ssl_certificate_arn", text, "", 0, 0, "",
                   "certificate of the load balancer (ACM, same region)"},
    EnvironmentKey{"waf_enabled", flag, "false", 0, 0, "", "web application firewall"},
    EnvironmentKey{"enable_deletion_protection", flag, "false", 0, 0, "",
                   "refuse to delete load balancer and database"},
    EnvironmentKey{"scale_up_threshold", number, "70", 1, 100, "", "CPU percent"},
    EnvironmentKey{"scale_down_threshold", number, "30", 0, 99, "", "CPU percent"},
    EnvironmentKey{"scale_up_adjustment", number, "2", 1, 100, "", "replicas"},
    EnvironmentKey{"scale_down_adjustment", number, "-1", -100, -1, "", "replicas"},

    EnvironmentKey{"target", text, "local", 0, 0, "local|aws", "where the platform runs"},
    EnvironmentKey{"class", text, "development", 0, 0, "production|staging|development",
                   "decides protections, whatever the name"},
    EnvironmentKey{"ports.public", number, "8000", 1, 65535, "", "the platform's one open port"},
    EnvironmentKey{"ports.address", text, "", 0, 0, "",
                   "address of the public port; * for every interface; default: 127.0.0.1 in class "
                   "development, else *"},
    EnvironmentKey{"workers", number, "1", 0, 100, "", "worker processes"},
    EnvironmentKey{"autoscaling.interval_s", number, "10", 1, 3600, "",
                   "seconds between two looks of the autoscaler"},
    EnvironmentKey{"autoscaling.scale_up_cooldown_s", number, "60", 0, 86400, "", "seconds"},
    EnvironmentKey{"autoscaling.scale_down_cooldown_s", number, "300", 0, 86400, "", "seconds"},
    EnvironmentKey{"autoscaling.queue_age_s", number, "10", 1, 86400, "",
                   "age of the oldest ready execution that calls for a worker, seconds"},
    EnvironmentKey{"autoscaling.workers_min", number, "0", 0, 100, "", "fewest worker processes"},
    EnvironmentKey{"autoscaling.workers_max", number, "10", 0, 100, "", "most worker processes"},
    EnvironmentKey{"autoscaling.latency_ms", number, "500", 1, 600000, "",
                   "p95 of requests that calls for a replica, milliseconds"},
    EnvironmentKey{"deploy.canary_steps", numbers, "10,50,100", 1, 100, "",
                   "percent of requests on the new version, step by step"},
    EnvironmentKey{"deploy.bake_s", number, "60", 0, 86400, "", "seconds on each step"},
    EnvironmentKey{"deploy.analysis.error_rate_percent", number, "1", 0, 100, "",
                   "most failing requests"},
    EnvironmentKey{"deploy.analysis.latency_ratio_percent", number, "150", 100, 10000, "",
                   "p95 of the new version against the old one"},
    EnvironmentKey{"deploy.analysis.minimum_requests", number, "100", 1, kMany, "",
                   "fewer are no evidence"},
    EnvironmentKey{"backup.location", text, "", 0, 0, "",
                   "folder or s3://bucket/prefix; default: backups in AUTERITY_HOME"},
    EnvironmentKey{
        "backup.key_file", text, "", 0, 0, "",
        "file with the key that seals backups, an absolute path, neither in the environment's "
        "state nor in backup.location; default: ENVIRONMENT-backup.key in "
        "/etc/auterity for root, else in $XDG_CONFIG_HOME/auterity"},
    EnvironmentKey{"backup.schedule", text, "", 0, 0, "", "cron expression, UTC; empty: by hand"},
    EnvironmentKey{"backup.retention.daily", number, "7", 0, 3650, "", "newest daily backups kept"},
    EnvironmentKey{"backup.retention.weekly", number, "4", 0, 520, "",
                   "newest weekly backups kept"},
    EnvironmentKey{"backup.retention.monthly", number, "12", 0, 120, "",
                   "newest monthly backups kept"},
    EnvironmentKey{"backup.keep_minimum", number, "3", 1, 1000, "", "never fewer than these"},
    EnvironmentKey{"ai_service.url", text, "", 0, 0, "", "health address; empty: not configured"},
    EnvironmentKey{"apm.service_name", text, "", 0, 0, "", "name at the APM server"},
    EnvironmentKey{"apm.server_url", text, "", 0, 0, "", "empty: no APM"},
    EnvironmentKey{"apm.secret_token", reference, "", 0, 0, "",
                   "env:NAME, file:PATH or ssm:NAME, never the token itself"},
};

}  // namespace

std::span<const EnvironmentKey> environment_keys() { return kKeys; }

std::string describe_type(const EnvironmentKey& key) {
  switch (key.type) {
    case text: {
      std::string words(key.choices);
      return words.empty() ? "text" : "one of " + words;
    }
    case number:
      return fmt::format("a whole number from {} to {}", key.low, key.high);
    case flag:
      return "true or false";
    case numbers:
      return fmt::format("a list of whole numbers from {} to {}", key.low, key.high);
    case reference:
      return "a reference, env:NAME, file:PATH or ssm:NAME, and never the secret itself";
  }
  return "";
}

std::string variable_of(const EnvironmentKey& key) {
  if (key.path == "environment" || key.path == "target" || key.path == "class") return "";
  std::string variable = "AUTERITY_";
  for (const char c : key.path)
    variable += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return variable;
}

std::string environment_reference() {
  std::string page =
      "| key | holds | default | meaning | environment variable |\n|---|---|---|---|---|\n";
  for (const EnvironmentKey& key : environment_keys()) {
    std::string holds = describe_type(key);
    for (std::size_t at = 0; (at = holds.find('|', at)) != std::string::npos; at += 2)
      holds.replace(at, 1, ", ");
    const std::string variable = variable_of(key);
    page += fmt::format("| `{}` | {} | {} | {} | {} |\n", key.path, holds,
                        key.fallback.empty() ? "–" : fmt::format("`{}`", key.fallback), key.help,
                        variable.empty() ? "–" : fmt::format("`{}`", variable));
  }
  return page;
}

}  // namespace auterity::operations
