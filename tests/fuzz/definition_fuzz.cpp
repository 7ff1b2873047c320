// Any bytes as a definition: the parser neither crashes nor hangs, and what it accepts it also
// accepts as JSON.
#include <cstdint>
#include <cstdlib>

#include "core/cron.h"
#include "engine/definition/duration.h"
#include "engine/definition/parser.h"
#include "engine/definition/uri_template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace auterity::engine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto definition = parse_definition(text);
  if (definition && !parse_definition(auterity::to_text((*definition)->source))) std::abort();
  if (!definition && definition.error().empty()) std::abort();
  if (size < 256) {
    if (const auto cron = CronSchedule::parse(text); cron)
      if (cron->next_after(auterity::Time{}) <= auterity::Time{}) std::abort();
    if (const auto duration = parse_duration(text); duration)
      if (*duration < auterity::Duration::zero() || *duration > kLongestDuration) std::abort();
    if (!expand_uri_template(text, nullptr) != !check_uri_template(text)) std::abort();
  }
  return 0;
}
