# Builds the clients with nothing but the compiler and what pkg-config says, and runs them.
include(${CMAKE_CURRENT_LIST_DIR}/run_traced.cmake)
set(ENV{PKG_CONFIG_PATH} ${SCRATCH}/moved/${LIBDIR}/pkgconfig)
set(ENV{LD_LIBRARY_PATH} ${SCRATCH}/moved/${LIBDIR})

# Runs pkg-config; what it prints goes into the variable as a list.
function(ask_pkg_config variable)
  execute_process(COMMAND ${PKG_CONFIG} ${ARGN} parallels-sdk OUTPUT_VARIABLE answer
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(answer UNIX_COMMAND "${answer}")
  set(${variable} ${answer} PARENT_SCOPE)
endfunction()

ask_pkg_config(ignored --atleast-version=7.0.22)
ask_pkg_config(flags --cflags)
ask_pkg_config(libraries --libs)
ask_pkg_config(wrap_folder --variable=sdkwrapdir)

execute_process(COMMAND ${CC} -std=c99 -Wall -Wextra -Werror ${flags}
                ${SOURCES}/suspend_client.c -o ${SCRATCH}/suspend_client ${libraries}
                COMMAND_ERROR_IS_FATAL ANY)
run_traced(${SCRATCH}/suspend_client)

execute_process(COMMAND ${CXX} -std=c++17 -Wall -Wextra -Werror ${flags}
                ${SOURCES}/kit_client.cpp -o ${SCRATCH}/kit_client ${libraries}
                COMMAND_ERROR_IS_FATAL ANY)
run_traced(${SCRATCH}/kit_client)

execute_process(COMMAND ${CXX} -std=c++11 -Wall -Wextra -Werror -DDYN_API_WRAP ${flags}
                ${SOURCES}/list_client.cpp ${wrap_folder}/SdkWrap.cpp -o ${SCRATCH}/list_client -ldl
                COMMAND_ERROR_IS_FATAL ANY)
run_traced(${SCRATCH}/list_client)

# Who forgets the definition is told so, and nothing else.
execute_process(COMMAND ${CXX} -std=c++11 -c ${flags} ${wrap_folder}/SdkWrap.cpp
                -o ${SCRATCH}/wrap_undefined.o RESULT_VARIABLE code ERROR_VARIABLE said)
string(REGEX MATCHALL "error:" errors "${said}")
list(LENGTH errors count)
if(code EQUAL 0 OR NOT said MATCHES "define DYN_API_WRAP" OR NOT count EQUAL 1)
  message(FATAL_ERROR "SdkWrap.cpp without DYN_API_WRAP: ${count} errors")
endif()
