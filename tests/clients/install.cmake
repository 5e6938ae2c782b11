# Installs into a scratch folder and moves the tree, so that a path left behind in it breaks the
# programs that are built from it.
file(REMOVE_RECURSE ${SCRATCH})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD_TREE} --prefix ${SCRATCH}/before
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${SCRATCH}/before ${SCRATCH}/moved)

foreach(file
    include/prlsdk/Parallels.h include/prlsdk/Virtuozzo.h include/prlsdk/prl_sim.h
    include/prlsdk/prl_kit.hpp include/prlsdk/prl_gtest.hpp include/prlsdk/prl_rapidcheck.hpp
    include/prlsdk/Wrappers/SdkWrap/SdkWrap.h include/prlsdk/Wrappers/SdkWrap/SdkWrap.cpp
    ${LIBDIR}/libprl_sdk.so ${LIBDIR}/libprl_sdk.so.7 ${LIBDIR}/libprl_sdk.so.8
    ${LIBDIR}/libprl_sdk.so.9 ${LIBDIR}/libprl_sdk.so.10 ${LIBDIR}/pkgconfig/parallels-sdk.pc)
  if(NOT EXISTS ${SCRATCH}/moved/${file})
    message(FATAL_ERROR "${file} is not installed")
  endif()
endforeach()

if(HAS_TOOL)
  # It finds its library and its scenarios where they have been moved to.
  execute_process(COMMAND ${SCRATCH}/moved/bin/prlsim doctor OUTPUT_VARIABLE said
                  COMMAND_ERROR_IS_FATAL ANY)
  if(NOT said MATCHES "${SCRATCH}/moved/${LIBDIR}/libprl_sdk.so.9.0.0")
    message(FATAL_ERROR "the installed tool does not find the installed library:\n${said}")
  endif()
  execute_process(COMMAND ${SCRATCH}/moved/bin/prlsim scenario show demo OUTPUT_QUIET
                  COMMAND_ERROR_IS_FATAL ANY)
endif()
