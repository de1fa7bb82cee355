# DuckDB, as the imported target `duckdb`: what the machine has, else what tools/install brought
# from npm (the header of the C API from one package, the library from another, in one version).

set(npm_duckdb ${CMAKE_SOURCE_DIR}/build/third_party/duckdb/node_modules)
find_path(DUCKDB_INCLUDE duckdb.h)
find_library(DUCKDB_LIBRARY duckdb)
if(NOT DUCKDB_INCLUDE OR NOT DUCKDB_LIBRARY)
  find_path(DUCKDB_INCLUDE duckdb.h PATHS ${npm_duckdb}/duckdb/src/duckdb/src/include
    NO_DEFAULT_PATH REQUIRED)
  find_library(DUCKDB_LIBRARY duckdb PATHS ${npm_duckdb}/@duckdb/node-bindings-linux-x64
    NO_DEFAULT_PATH REQUIRED)
endif()
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE})
