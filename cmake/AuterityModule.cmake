# What nearly every source includes, read once: a third of a clean build's time. Off in the dev preset, so that a source which
# forgets an include is noticed.
option(AUTERITY_PRECOMPILE "precompile the headers that everything includes" OFF)

function(auterity_precompile target)
  if(NOT AUTERITY_PRECOMPILE)
    return()
  endif()
  # A precompiled header that holds the time of its making would be another one for ccache each time.
  target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(${target} PRIVATE
    <chrono> <expected> <functional> <map> <memory> <optional> <string> <string_view> <vector>
    <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
    <boost/asio/use_awaitable.hpp> <boost/json.hpp> <fmt/format.h> ${ARGN})
endfunction()

# Takes what OWNER precompiled: both are compiled with the same options.
function(auterity_precompiled_by owner target)
  if(AUTERITY_PRECOMPILE)
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

# What is tested is optimised; optimising the tests themselves would only cost time. The unit tests of core precompile for all.
function(auterity_test_code target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
  if(target STREQUAL "core_tests")
    auterity_precompile(${target} <gtest/gtest.h>)
  else()
    auterity_precompiled_by(core_tests ${target})
  endif()
endfunction()

# auterity_module(NAME LIBRARIES...): one static library from every source below the calling folder. A file
# x_test.cpp beside x.cpp is a unit test; all of a module's unit tests make one program, NAME_tests.
function(auterity_module name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} ${scope} ${ARGN})
  if(name STREQUAL "core")
    auterity_precompile(core)
  elseif(sources)
    auterity_precompiled_by(core ${name})
  endif()
  # A sanitizer build is there for core and engine; data is in it only because engine needs it.
  if(AUTERITY_ENGINE_ONLY AND name STREQUAL "data")
    set(tests "")
  endif()
  if(AUTERITY_TESTS AND tests)
    add_executable(${name}_tests ${tests})
    target_link_libraries(${name}_tests PRIVATE ${name} test_harness GTest::gtest GTest::gmock GTest::gtest_main)
    auterity_test_code(${name}_tests)
    auterity_discover(${name}_tests unit)
  endif()
endfunction()

# auterity_discover(TARGET LABEL [ENTRY ARGUMENTS...]): registers a GoogleTest program with ctest, one entry a program (or what
# the arguments select of it) so that start-up costs are paid once.
function(auterity_discover target label)
  set(arguments ${ARGN})
  set(entry ${target})
  if(arguments)
    list(POP_FRONT arguments entry)
  endif()
  add_test(NAME ${entry} COMMAND ${target} ${arguments})
  set_tests_properties(${entry} PROPERTIES LABELS ${label} TIMEOUT 1500
    ENVIRONMENT "AUTERITY_SOURCE_DIR=${CMAKE_SOURCE_DIR};AUTERITY_BINARY=${CMAKE_BINARY_DIR}/auterity")
endfunction()
