#include "engine/expression/evaluator_process.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "engine/expression/jq_program.h"
#include "engine/expression/protocol.h"
#include "engine/expression/sandbox.h"

namespace auterity::engine {
namespace {

constexpr int socket_descriptor = 0;
// Half of the sandbox's processor time, a quarter of its memory: then it asks to be replaced, long
// before a wall hits a request that has nothing to do with it.
constexpr SandboxLimits walls;
constexpr auto tired_after = walls.processor_time / 2;
constexpr std::size_t grown_at_bytes = walls.memory_bytes / 4;
constexpr unsigned evaluations_between_checks = 64;

bool read_fully(char* to, std::size_t bytes) {
  while (bytes > 0) {
    ssize_t got = ::read(socket_descriptor, to, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_fully(std::string_view frame) {
  while (!frame.empty()) {
    ssize_t written = ::write(socket_descriptor, frame.data(), frame.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    frame.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<std::string> read_frame() {
  char header[protocol::header_bytes];
  if (!read_fully(header, sizeof header)) return std::nullopt;
  std::string body(protocol::body_length({header, sizeof header}), '\0');
  if (!read_fully(body.data(), body.size())) return std::nullopt;
  return body;
}

class Service {
 public:
  // The answer's frame, or nothing when the request makes no sense.
  std::optional<std::string> answer(std::string_view request) {
    protocol::Reader reader(request);
    switch (static_cast<char>(reader.byte())) {
      case protocol::load:
        return load(reader);
      case protocol::evaluate:
        return evaluate(reader);
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<std::string> load(protocol::Reader& reader) {
    limits_.max_result_bytes = reader.u32();
    limits_.max_depth = reader.u32();
    auto names = read_texts(reader);
    auto texts = read_texts(reader);
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    program_ = std::make_unique<JqProgram>(std::move(names), std::move(texts));
    auto problems = program_->problems();
    protocol::Writer writer;
    writer.byte(protocol::ready);
    writer.u32(static_cast<std::uint32_t>(problems.size()));
    for (const protocol::NotJq& problem : problems) {
      writer.u32(problem.slot);
      writer.text(problem.why);
    }
    return std::move(writer).frame();
  }

  std::optional<std::string> evaluate(protocol::Reader& reader) {
    if (!program_) return std::nullopt;
    protocol::Writer writer;
    writer.byte(protocol::results);
    writer.byte(should_retire() ? 1 : 0);
    if (!program_->evaluate(reader, writer, limits_)) return std::nullopt;
    return std::move(writer).frame();
  }

  bool should_retire() {
    if (++evaluations_ % evaluations_between_checks != 0) return false;
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    struct mallinfo2 memory = ::mallinfo2();
    return used.tv_sec >= tired_after.count() || memory.arena + memory.hblkhd >= grown_at_bytes;
  }

  static std::vector<std::string> read_texts(protocol::Reader& reader) {
    std::vector<std::string> texts(reader.count(4));
    for (std::string& text : texts) text = reader.text();
    return texts;
  }

  JqProgram::Limits limits_;
  std::unique_ptr<JqProgram> program_;
  unsigned evaluations_ = 0;
};

int serve() {
  Service service;
  while (auto request = read_frame()) {
    auto answer = service.answer(*request);
    if (!answer) return static_cast<int>(EvaluatorExit::bad_request);
    if (!write_fully(*answer)) break;
  }
  return static_cast<int>(EvaluatorExit::done);
}

}  // namespace

int run_evaluator_process() {
  // Times are UTC whatever the machine thinks, and no time zone file is looked for inside the
  // sandbox.
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  if (!enter_sandbox(walls)) return static_cast<int>(EvaluatorExit::no_sandbox);
  try {
    return serve();
  } catch (const std::bad_alloc&) {
    return static_cast<int>(EvaluatorExit::out_of_memory);
  }
}

}  // namespace auterity::engine
