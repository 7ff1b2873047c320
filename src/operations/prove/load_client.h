#pragma once
// A careful client of the load: it counts every attempt, and sends again what got no answer or
// cannot be done just now, until it is answered. What the tasks of a load share is here, too; all
// of it belongs to the thread that the load runs on.
#include <string>
#include <string_view>

#include "core/clock.h"
#include "operations/prove/books.h"
#include "operations/prove/load_connection.h"
#include "operations/prove/proof_report.h"

namespace auterity::operations {

struct LoadWorld {
  Clock& clock;
  LoadAddress address;
  std::string run;  // part of every name and key, so that two loads never meet
  int requests_per_second = 0;
  std::string token = {};
  std::string workflow_id = {};
  bool ending = false;
  ProofReport report = {};
  Books books = {};

  // What happened to one attempt at `what`. Whether it is to be made again.
  bool count_status(std::string_view what, int status);
  void count_unanswered(std::string_view what, const Error& error);
  // An answer that must not come.
  void count_unexpected(std::string_view what, std::string_view answer);
  // Comes after `duration`, or when the load ends if that is earlier.
  Async<void> rest(Duration duration);
};

struct LoadCall {
  std::string_view what;  // for people: "list workflows"
  std::string_view method;
  std::string target;
  std::string headers = {};  // further ones, each with its line end
  std::string body = {};
};

class LoadClient {
 public:
  explicit LoadClient(Executor executor, LoadWorld& world)
      : world_(world), connection_(std::move(executor), world.address) {}

  // Any answer but 429 and 5xx; unavailable when there was none within half a minute of attempts.
  Async<Result<LoadAnswer>> call(LoadCall call);
  // Starts the execution and writes its acknowledgement down; the id, or empty when there is none.
  Async<std::string> start(std::uint64_t number, StartKind kind, std::string_view prefer);

 private:
  LoadWorld& world_;
  LoadConnection connection_;
};

// The bytes of a request with the world's token.
std::string request_text(const LoadWorld& world, const LoadCall& call);
// A member of an answer's document; empty when it is none or lacks it.
std::string text_in(const LoadAnswer& answer, std::string_view member);

}  // namespace auterity::operations
