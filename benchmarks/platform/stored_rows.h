#pragma once
// What the benchmark does to the database behind the platform: counts the rows that one execution
// wrote, and puts millions of ended executions there, as years of use would.
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "data/database.h"

namespace auterity::benchmark {

// Inserts and updates of rows: those of its history, one each, and those of the execution itself,
// which is inserted with its first checkpoint and updated with each later one.
Async<Result<double>> count_row_writes(data::Database& database, std::string execution_id);

// `count` executions of these workflows, begun within the last minutes; one in fifty has faulted,
// the others have completed. In transactions of some 100,000.
Async<Status> add_ended_executions(data::Database& database, std::vector<std::string> workflow_ids,
                                   long count);

}  // namespace auterity::benchmark
