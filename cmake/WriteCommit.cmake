# Writes the commit of SOURCE into the C++ file OUTPUT; leaves the file alone when it says so already, so that nothing is built anew.
find_program(GIT git)
set(commit "unknown")
set(time 0)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} log -1 --format=%H\ %ct OUTPUT_VARIABLE head ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed AND head MATCHES "^([0-9a-f]+) ([0-9]+)")
    set(commit ${CMAKE_MATCH_1})
    set(time ${CMAKE_MATCH_2})
    execute_process(COMMAND ${GIT} -C ${SOURCE} status --porcelain OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      string(APPEND commit "-dirty")
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "commit.h"

namespace auterity {

const char* const kCommit = "@commit@";
const long long kCommittedAt_s = @time@;

}  // namespace auterity
]] @ONLY)
