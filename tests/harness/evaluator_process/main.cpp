// The smallest program that is an evaluator process, for tests that need a real one without the
// whole product.
#include "engine/expression/evaluator_process.h"

int main() { return auterity::engine::run_evaluator_process(); }
