# SPDX-License-Identifier: Apache-2.0
# What is installed of the library besides itself: the public headers; and what find_package(iots)
# finds, the two libraries as targets. The shared one needs nothing else; the static one brings what
# it stands on, looked for by whoever uses it.
foreach(file ${iots_headers} ${iots_rows})
    file(RELATIVE_PATH place ${CMAKE_SOURCE_DIR}/include ${file})
    get_filename_component(place ${place} DIRECTORY)
    install(FILES ${file} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${place})
endforeach()

include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/iots)
foreach(kind shared static)
    install(EXPORT iots-${kind} DESTINATION ${package_folder} NAMESPACE iots::)
endforeach()
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/iotsConfigVersion.cmake
    VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/iotsConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/iotsConfigVersion.cmake DESTINATION ${package_folder})
