# Runs a client and checks the trace that it leaves.
function(run_traced program)
  set(trace ${SCRATCH}/trace)
  file(REMOVE ${trace})
  set(ENV{PRLSIM_TRACE} ${trace})
  execute_process(COMMAND ${program} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${TRACE_CHECK} ${trace} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
