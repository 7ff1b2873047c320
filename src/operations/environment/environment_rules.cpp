#include "operations/environment/environment_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/cron.h"

namespace auterity::operations {
namespace {

constexpr std::size_t kAccountDigits = 12;

std::unexpected<Error> broken(const EnvironmentFile& environment, std::string_view path,
                              std::string what, std::string hint) {
  return fail(ErrorKind::invalid_input,
              fmt::format("{}: {}", environment.source(path), std::move(what)), std::move(hint));
}

bool is_named(const std::string& name, std::string_view word) {
  return name == word || name.ends_with("-" + std::string(word));
}

// A name that promises protections, without them, is the mistake that costs data.
Status check_names(const EnvironmentFile& environment) {
  if (environment.text("environment") != environment.name())
    return broken(environment, "environment",
                  fmt::format("environment is {}, but the file is {}'s",
                              environment.text("environment"), environment.name()),
                  "give the file and the key the same name");
  const std::string& level = environment.text("class");
  const std::string& file = environment.file();
  if (is_named(environment.name(), "production") && level != "production")
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: environment {} has class {}, without production's protections",
                            file, environment.name(), level),
                "write class: production, or give the environment another name");
  if (is_named(environment.name(), "staging") && level == "development")
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: environment {} has class development", file, environment.name()),
                "write class: staging, or give the environment another name");
  return {};
}

Status check_capacity(const EnvironmentFile& environment) {
  const std::int64_t least = environment.number("app_min_capacity");
  const std::int64_t most = environment.number("app_max_capacity");
  const std::int64_t desired = environment.number("app_desired_capacity");
  if (least > most)
    return broken(environment, "app_min_capacity",
                  fmt::format("app_min_capacity {} is more than app_max_capacity {}", least, most),
                  "mend one of the two");
  if (desired < least || desired > most)
    return broken(environment, "app_desired_capacity",
                  "app_desired_capacity is not between app_min_capacity and app_max_capacity",
                  "mend one of the three");
  if (environment.number("scale_down_threshold") >= environment.number("scale_up_threshold"))
    return broken(environment, "scale_down_threshold",
                  "scale_down_threshold is not below scale_up_threshold",
                  "leave a gap between them, or scaling goes back and forth");
  const auto storage = environment.find_number("db_allocated_storage");
  const auto largest = environment.find_number("db_max_allocated_storage");
  if (storage && largest && *storage > *largest)
    return broken(environment, "db_allocated_storage",
                  "db_allocated_storage is more than db_max_allocated_storage",
                  "mend one of the two");
  return {};
}

Status check_addresses(const EnvironmentFile& environment) {
  const std::string& address = environment.text("ports.address");
  if (!address.empty() && address != "*" &&
      address.find_first_not_of("0123456789.") != std::string::npos)
    return broken(environment, "ports.address",
                  fmt::format("ports.address: '{}' is no IPv4 address and not *", address),
                  "for example 127.0.0.1, or * for every interface");
  for (const std::string_view path : {"ai_service.url", "apm.server_url"}) {
    const std::string& url = environment.text(path);
    if (url.empty()) continue;
    const bool web = url.starts_with("http://") || url.starts_with("https://");
    const std::string_view host = std::string_view(url).substr(web ? url.find("//") + 2 : 0);
    if (host.substr(0, host.find('/')).contains('@'))
      return broken(environment, path, fmt::format("{} holds a user or password", path),
                    "leave it out of the address: a secret is never written here");
    if (!web || host.empty() || host.find_first_of(" \t\r\n\"'\\") != host.npos)
      return broken(environment, path, fmt::format("{} is no http or https address", path),
                    "for example https://ai.example.com/health");
  }
  return {};
}

Status check_deploy(const EnvironmentFile& environment) {
  const auto steps = environment.numbers("deploy.canary_steps");
  const bool rises = std::ranges::adjacent_find(steps, std::greater_equal<>()) == steps.end();
  if (!rises || steps.back() != 100)
    return broken(environment, "deploy.canary_steps", "canary_steps do not rise to 100",
                  "for example: [10, 50, 100]");
  return {};
}

bool looks_like_key(std::string_view text) {
  const auto is_key_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '=' || c == '/';
  };
  return !text.starts_with('/') && text.size() >= 32 && std::ranges::all_of(text, is_key_digit);
}

Status check_backup(const EnvironmentFile& environment) {
  if (const std::string& schedule = environment.text("backup.schedule"); !schedule.empty()) {
    const auto cron = CronSchedule::parse(schedule);
    if (!cron)
      return broken(environment, "backup.schedule", "backup.schedule: " + cron.error().message,
                    "for example: \"0 2 * * *\", every day at two o'clock UTC");
  }
  const std::string& key = environment.text("backup.key_file");
  if (looks_like_key(key))
    return broken(environment, "backup.key_file", "backup.key_file looks like the key itself",
                  "write the key into a file of its own, mode 0600, and its path here");
  if (!key.empty() && !key.starts_with('/'))
    return broken(environment, "backup.key_file", "backup.key_file is no absolute path",
                  "for example /etc/auterity/backup.key");
  const std::string& location = environment.text("backup.location");
  if (location.contains('@') || (!location.empty() && !location.starts_with('/') &&
                                 !(location.starts_with("s3://") && location.size() > 5)))
    return broken(environment, "backup.location",
                  "backup.location is neither an absolute path nor s3://bucket/prefix",
                  "for example /srv/backups; credentials do not belong here");
  return {};
}

std::vector<std::string_view> fields_of(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  for (std::size_t end = 0; end != text.npos;) {
    end = text.find(separator);
    fields.push_back(text.substr(0, end));
    if (end != text.npos) text.remove_prefix(end + 1);
  }
  return fields;
}

// arn:partition:acm:region:account:certificate/id
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html)
Status check_certificate(const EnvironmentFile& environment) {
  const std::string_view path = "ssl_certificate_arn";
  const std::string& arn = environment.text(path);
  if (arn.empty()) return {};
  const auto fields = fields_of(arn, ':');
  if (fields.size() != 6 || fields[0] != "arn" || !fields[1].starts_with("aws") ||
      fields[2] != "acm" || !fields[5].starts_with("certificate/"))
    return broken(environment, path, "ssl_certificate_arn is no certificate's ARN",
                  "for example arn:aws:acm:us-west-2:123456789012:certificate/ID");
  if (fields[4].size() != kAccountDigits ||
      fields[4].find_first_not_of("0123456789") != std::string_view::npos)
    return broken(environment, path,
                  fmt::format("ssl_certificate_arn has an account of {} characters; AWS accounts "
                              "have 12 digits",
                              fields[4].size()),
                  "copy the ARN from the certificate's page in ACM");
  if (fields[3] != environment.text("region"))
    return broken(
        environment, path,
        fmt::format("ssl_certificate_arn is in region {}, the environment in {}", fields[3],
                    environment.text("region").empty() ? "none" : environment.text("region")),
        "a load balancer takes certificates of its own region only");
  return {};
}

Status check_aws(const EnvironmentFile& environment) {
  AUTERITY_CHECK(check_certificate(environment));
  if (environment.text("target") != "aws") return {};
  for (const std::string_view path : {"region", "db_instance_class", "redis_node_type"})
    if (environment.text(path).empty())
      return fail(ErrorKind::invalid_input,
                  fmt::format("{}: target aws needs {}", environment.file(), path),
                  "add the key to the file");
  const std::string& size = environment.text("app_instance_type");
  const auto parts = fields_of(size, '/');
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == part.npos;
  };
  if (parts.size() != 2 || !std::ranges::all_of(parts, digits))
    return broken(environment, "app_instance_type",
                  fmt::format("app_instance_type '{}' is no size of a Fargate task", size),
                  "Fargate has no instance types such as t3.large: write CPU units and MiB, for "
                  "example 1024/2048");
  return {};
}

}  // namespace

Status check_rules(const EnvironmentFile& environment) {
  constexpr std::array kRules{check_names,  check_capacity, check_addresses,
                              check_deploy, check_backup,   check_aws};
  for (const auto rule : kRules) AUTERITY_CHECK(rule(environment));
  return {};
}

}  // namespace auterity::operations
