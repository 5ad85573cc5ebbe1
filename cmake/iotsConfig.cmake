# SPDX-License-Identifier: Apache-2.0
#
#     find_package(iots 0.1 REQUIRED)                      target_link_libraries(x iots::iots)
#     find_package(iots 0.1 REQUIRED COMPONENTS static)    target_link_libraries(x iots::iots_static)
#
# The static library needs libcurl and jansson where it is linked; without their development files
# there is no such target.
include(${CMAKE_CURRENT_LIST_DIR}/iots-shared.cmake)
set(iots_shared_FOUND TRUE)

set(iots_static_FOUND FALSE)
find_package(Threads QUIET)
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(IOTS_CURL QUIET IMPORTED_TARGET libcurl>=7.80)
    pkg_check_modules(IOTS_JANSSON QUIET IMPORTED_TARGET jansson>=2.14)
    pkg_check_modules(IOTS_ZLIB QUIET IMPORTED_TARGET zlib)
endif()
if(Threads_FOUND AND IOTS_CURL_FOUND AND IOTS_JANSSON_FOUND)
    include(${CMAKE_CURRENT_LIST_DIR}/iots-static.cmake)
    set(iots_static_FOUND TRUE)
endif()

foreach(component ${iots_FIND_COMPONENTS})
    if(NOT iots_${component}_FOUND AND iots_FIND_REQUIRED_${component})
        set(iots_FOUND FALSE)
        set(iots_NOT_FOUND_MESSAGE "iots has no component '${component}' here")
    endif()
endforeach()
