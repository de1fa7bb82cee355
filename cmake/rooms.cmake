# The rooms of Holdfast and what each may see: the only place where an edge can be added.
#
# Every room also sees `base` and `model` (model itself sees only base). A room is a static library;
# its include path holds the rooms it sees (and what their headers need), so a lower room cannot
# include a higher one: it does not compile. That a file includes only rooms of its own line,
# directly, is checked by tools/tidy, which reads this table and compares it with the folders under
# src/ and with docs/ARCHITECTURE.md.
#
# Order matters: a room may see only rooms above it in this table.

set(HOLDFAST_ROOMS
  "base"
  "model    SEES base"
  "world    SEES"
  "stock    SEES"
  "ledger   SEES stock"
  "journal  SEES world"
  "columnar SEES world"
  "engine   SEES world stock ledger journal"
  "sql      SEES"
  "access   SEES world"
  "service  SEES engine sql access stock"
  "net      SEES world"
  "pgwire   SEES service net access sql"
  "node     SEES world stock ledger journal engine sql access service net pgwire"
  "sim      SEES world stock ledger journal engine sql access service"
)

# room(<name> SEES <rooms…>): src/<name>/**/*.cc as a library, its *_test.cc as one test program,
# each *_bench.cc and *_fuzz.cc as a program of its own.
function(room name)
  cmake_parse_arguments(ARG "" "" "SEES" ${ARGN})
  set(sees ${ARG_SEES})
  if(NOT name STREQUAL "base")
    list(APPEND sees base)
    if(NOT name STREQUAL "model")
      list(APPEND sees model)
    endif()
  endif()
  list(REMOVE_DUPLICATES sees)

  # One include root per room, so that `#include "stock/stock.h"` resolves only where the room is
  # seen. Outside the build tree, so that every tree compiles the same command lines and shares one
  # ccache.
  set(root ${CMAKE_SOURCE_DIR}/build/rooms/${name})
  file(MAKE_DIRECTORY ${root})
  if(NOT EXISTS ${root}/${name})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${root}/${name} SYMBOLIC)
  endif()

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cc$")

  if(sources)
    add_library(${name} STATIC ${sources})
    set(scope PUBLIC)
    target_compile_options(${name} PRIVATE ${HOLDFAST_WARNINGS})
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} ${root})
  foreach(seen IN LISTS sees)
    if(NOT TARGET ${seen})
      message(FATAL_ERROR "room ${name} may not see ${seen}: it comes later in cmake/rooms.cmake")
    endif()
    target_link_libraries(${name} ${scope} ${seen})
  endforeach()
  holdfast_libraries_of(${name} ${scope})

  if(tests AND HOLDFAST_UNIT_TESTS AND NOT HOLDFAST_FUZZ)
    add_executable(${name}_test ${tests})
    target_compile_options(${name}_test PRIVATE ${HOLDFAST_WARNINGS})
    target_link_libraries(${name}_test PRIVATE ${name} GTest::gmock GTest::gtest_main rapidcheck)
    if(name STREQUAL "base")
      target_precompile_headers(base_test PRIVATE <gtest/gtest.h> <gmock/gmock.h>)
    else()
      target_precompile_headers(${name}_test REUSE_FROM base_test)
    endif()
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
      PROPERTIES LABELS unit TIMEOUT 900)
  endif()
  if(NOT HOLDFAST_FUZZ)
    foreach(bench IN LISTS benches)
      get_filename_component(program ${bench} NAME_WE)
      add_executable(${program} ${bench})
      target_compile_options(${program} PRIVATE ${HOLDFAST_WARNINGS})
      target_link_libraries(${program} PRIVATE ${name} benchmark::benchmark)
    endforeach()
  endif()
  if(HOLDFAST_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(program ${fuzzer} NAME_WE)
      add_executable(${program} ${fuzzer})
      target_link_libraries(${program} PRIVATE ${name})
      target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()

# Third-party libraries, named once each beside the only rooms that may use them.
function(holdfast_libraries_of name scope)
  if(name STREQUAL "base")
    target_link_libraries(${name} ${scope} fmt::fmt)
  elseif(name STREQUAL "model")
    target_link_libraries(${name} ${scope} simdjson)
  elseif(name STREQUAL "world")
    target_link_libraries(${name} ${scope} uring)
  elseif(name STREQUAL "columnar")
    target_link_libraries(${name} ${scope} duckdb)
  elseif(name STREQUAL "sql")
    target_link_libraries(${name} ${scope} pg_query)
    target_compile_definitions(${name} PRIVATE HOLDFAST_VERSION="${PROJECT_VERSION}")
  elseif(name STREQUAL "access")
    target_link_libraries(${name} ${scope} OpenSSL::Crypto)
  elseif(name STREQUAL "net")
    target_link_libraries(${name} ${scope} Threads::Threads)
  elseif(name STREQUAL "node")
    target_link_libraries(${name} ${scope} CLI11::CLI11)
    target_compile_definitions(${name} PRIVATE HOLDFAST_VERSION="${PROJECT_VERSION}")
  endif()
endfunction()

foreach(line IN LISTS HOLDFAST_ROOMS)
  separate_arguments(words UNIX_COMMAND "${line}")
  room(${words})
endforeach()
