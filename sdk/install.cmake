# What `cmake --install` puts where. The tree can be moved as a whole: nothing in it names its place.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The version of the API that the packages promise, not that of prlsim: clients ask for it.
set(PRLSIM_API_VERSION 9.0)

set(PRLSIM_INSTALL_HEADERS ${CMAKE_INSTALL_INCLUDEDIR}/prlsdk)
set(PRLSIM_INSTALL_WRAP ${PRLSIM_INSTALL_HEADERS}/Wrappers/SdkWrap)
set(PRLSIM_INSTALL_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/ParallelsSDK)

list(TRANSFORM PRLSIM_KIT_HEADERS PREPEND kit/ OUTPUT_VARIABLE PRLSIM_KIT_SOURCES)
install(FILES ${PRLSIM_GENERATED_HEADERS} ${PRLSIM_KIT_SOURCES}
        DESTINATION ${PRLSIM_INSTALL_HEADERS})
list(TRANSFORM PRLSIM_WRAP_FILES PREPEND wrap/ OUTPUT_VARIABLE PRLSIM_WRAP_SOURCES)
install(FILES ${PRLSIM_WRAP_SOURCES} DESTINATION ${PRLSIM_INSTALL_WRAP})

# Clients write <Parallels.h>, <prlsdk/Parallels.h>, "SdkWrap.h" and "Wrappers/SdkWrap/SdkWrap.h".
target_include_directories(prl_sdk INTERFACE
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  $<INSTALL_INTERFACE:${PRLSIM_INSTALL_HEADERS}>)
install(TARGETS prl_sdk EXPORT ParallelsSDK LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(major IN LISTS PRLSIM_OTHER_MAJORS)
  install(FILES $<TARGET_FILE_DIR:prl_sdk>/libprl_sdk.so.${major}
          DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()

file(RELATIVE_PATH PRLSIM_PREFIX_FROM_PKGCONFIG
     /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" PRLSIM_PREFIX_FROM_PKGCONFIG "${PRLSIM_PREFIX_FROM_PKGCONFIG}")
configure_file(install/parallels-sdk.pc.in install/parallels-sdk.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/install/parallels-sdk.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(EXPORT ParallelsSDK NAMESPACE ParallelsSDK:: FILE ParallelsSDKTargets.cmake
        DESTINATION ${PRLSIM_INSTALL_PACKAGE})
configure_package_config_file(install/ParallelsSDKConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/install/ParallelsSDKConfig.cmake
  INSTALL_DESTINATION ${PRLSIM_INSTALL_PACKAGE} PATH_VARS PRLSIM_INSTALL_WRAP)
# Later versions of this API keep what earlier ones had.
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/install/ParallelsSDKConfigVersion.cmake
  VERSION ${PRLSIM_API_VERSION} COMPATIBILITY AnyNewerVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/install/ParallelsSDKConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/install/ParallelsSDKConfigVersion.cmake
        DESTINATION ${PRLSIM_INSTALL_PACKAGE})
