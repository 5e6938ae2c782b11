# Runs a client and checks the trace that it leaves.
function(run_traced program)
  # Clients of several builds may run at a time.
  string(MAKE_C_IDENTIFIER ${program} name)
  set(trace ${SCRATCH}/${name}.trace)
  file(REMOVE ${trace})
  set(ENV{PRLSIM_TRACE} ${trace})
  execute_process(COMMAND ${program} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${TRACE_CHECK} ${trace} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
