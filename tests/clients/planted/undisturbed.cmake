# Runs PROGRAM with a VM that it has to register, on an empty host and on that of the scenario HOST,
# and with one that is there. Each time it ends with 0 and says nothing on stderr.
set(ENV{PRLSIM_CLOCK} virtual)
function(run scenario vm ending)
  if(scenario)
    set(ENV{PRLSIM_SCENARIO} ${scenario})
  else()
    unset(ENV{PRLSIM_SCENARIO})
  endif()
  execute_process(COMMAND ${PROGRAM} ${vm} TIMEOUT 20
                  RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT code STREQUAL "0" OR NOT errors STREQUAL "" OR NOT output MATCHES "${ending}\n$")
    message(FATAL_ERROR "${PROGRAM} \"${vm}\" ended with ${code}:\n${output}${errors}")
  endif()
endfunction()

run("" "new" "unregistered")
run(${HOST} "a \"new\" one" "unregistered")
run(${HOST} "there already" "stopped")
