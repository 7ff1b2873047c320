#pragma once
// The inside of an evaluator process: the only place where libjq runs. Started by the pool
// (evaluator_pool.h) with one socket as its standard input, no environment and no other descriptor;
// puts itself into the sandbox before it reads anything, answers requests until the socket closes,
// and ends.
namespace auterity::engine {

// Exit statuses that the pool tells apart.
enum class EvaluatorExit { done = 0, out_of_memory = 3, no_sandbox = 4, bad_request = 5 };

// Returns the exit status. To be called first thing in main(), before threads and signal handlers.
int run_evaluator_process();

}  // namespace auterity::engine
