# SPDX-License-Identifier: Apache-2.0
# The public headers, as iots_headers. A part of the library that an option IOTS_<PART> leaves out
# takes its header <part>.h with it, and the rows beside that (iots_rows).
file(GLOB iots_headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/iots/*.h)
foreach(header ${iots_headers})
    get_filename_component(name ${header} NAME_WE)
    string(TOUPPER IOTS_${name} option)
    if(DEFINED ${option} AND NOT ${option})
        list(REMOVE_ITEM iots_headers ${header})
    else()
        file(GLOB rows CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/iots/${name}/*.def)
        list(APPEND iots_rows ${rows})
    endif()
endforeach()
