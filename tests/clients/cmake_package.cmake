# Builds both clients as a CMake project of their own that finds the installed package.
set(ENV{LD_LIBRARY_PATH} ${SCRATCH}/moved/${LIBDIR})
set(build ${SCRATCH}/project)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCES}/project -B ${build} -G ${GENERATOR}
                -D CMAKE_PREFIX_PATH=${SCRATCH}/moved
                -D CMAKE_C_COMPILER=${CC} -D CMAKE_CXX_COMPILER=${CXX}
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${build} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${build}/suspend_client COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${build}/list_client COMMAND_ERROR_IS_FATAL ANY)
