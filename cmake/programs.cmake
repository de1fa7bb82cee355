# Programs made of rooms: the server, and the peers and drivers under bench/, tests/ and flash_sale/
# that are written in C++.

if(NOT HOLDFAST_FUZZ AND EXISTS ${CMAKE_SOURCE_DIR}/src/node/main.cc)
  add_executable(holdfast ${CMAKE_SOURCE_DIR}/src/node/main.cc)
  target_compile_options(holdfast PRIVATE ${HOLDFAST_WARNINGS})
  target_link_libraries(holdfast PRIVATE node)
endif()
if(NOT HOLDFAST_FUZZ AND EXISTS ${CMAKE_SOURCE_DIR}/src/sim/main.cc)
  add_executable(holdfast-sim ${CMAKE_SOURCE_DIR}/src/sim/main.cc)
  target_compile_options(holdfast-sim PRIVATE ${HOLDFAST_WARNINGS})
  target_link_libraries(holdfast-sim PRIVATE sim)
endif()
foreach(folder bench tests flash_sale)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${folder})
  endif()
endforeach()
