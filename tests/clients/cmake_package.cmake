# Builds the clients as a CMake project of their own that finds the installed package.
include(${CMAKE_CURRENT_LIST_DIR}/run_traced.cmake)
set(ENV{LD_LIBRARY_PATH} ${SCRATCH}/moved/${LIBDIR})
set(build ${SCRATCH}/project)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCES}/project -B ${build} -G ${GENERATOR}
                -D CMAKE_PREFIX_PATH=${SCRATCH}/moved
                -D CMAKE_C_COMPILER=${CC} -D CMAKE_CXX_COMPILER=${CXX}
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${build} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
run_traced(${build}/suspend_client)
run_traced(${build}/kit_client)
run_traced(${build}/list_client)
