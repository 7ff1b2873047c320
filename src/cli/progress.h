#pragma once
// What a person sees while a command works, on standard error: on a terminal one line that turns
// and counts and is replaced by its outcome; elsewhere (logs, CI) a plain line as each step begins
// and as it ends. Never on standard output. With --json nothing changes here: progress is not a
// result.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/world.h"

namespace auterity::cli {

class Progress {
 public:
  explicit Progress(World& world);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A step begins; the one before it, if it still runs, counts as done.
  void begin(std::string_view step);
  // What the running step is at; on a terminal only.
  void at(std::string_view detail);
  // How far the running step is; a bar on a terminal, nothing elsewhere. total > 0.
  void advance(std::uint64_t done, std::uint64_t total);
  // The running step's end, with what was found ("3 replicas ready"); elapsed time is added.
  void done(std::string_view evidence = {});
  void failed(std::string_view reason);
  // A line that stands on its own.
  void say(std::string_view line);

 private:
  struct State;
  void end(std::string_view mark, std::string_view text);

  std::shared_ptr<State> state_;
};

// "0.3 s", "12 s", "3 min 20 s", "2 h 5 min".
std::string elapsed_text(Duration duration);

}  // namespace auterity::cli
