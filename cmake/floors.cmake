# SPDX-License-Identifier: Apache-2.0
# How a floor is built and tested. Sources are found, not listed: every .c file of the folder belongs
# to the floor, every *_test.c file is one test program.

add_library(ix_options INTERFACE)
target_include_directories(ix_options INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
target_compile_definitions(ix_options INTERFACE _GNU_SOURCE IOTS_VERSION="${PROJECT_VERSION}")
target_compile_options(ix_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    # `call *call` is how we name things: gcc's plain -Wshadow minds, clang's does not.
    $<IF:$<C_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>
    -fno-common -fstack-protector-strong)
if(IOTS_WERROR)
    target_compile_options(ix_options INTERFACE -Werror)
endif()
if(IOTS_SANITIZE)
    target_compile_options(ix_options INTERFACE -fsanitize=${IOTS_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    target_link_options(ix_options INTERFACE -fsanitize=${IOTS_SANITIZE})
endif()

# ix_floor(name LINK lib...): the static library ix_<name> of this folder's sources, and its tests.
# EXCEPT file... leaves sources out.
function(ix_floor name)
    cmake_parse_arguments(FLOOR "" "" "LINK;EXCEPT" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c
        ${CMAKE_CURRENT_SOURCE_DIR}/*/*.c)
    list(FILTER sources EXCLUDE REGEX "_test\\.c$")
    foreach(except ${FLOOR_EXCEPT})
        list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${except})
    endforeach()
    add_library(ix_${name}_objects OBJECT ${sources})
    target_link_libraries(ix_${name}_objects PUBLIC ix_options ${FLOOR_LINK})
    add_library(ix_${name} STATIC $<TARGET_OBJECTS:ix_${name}_objects>)
    target_link_libraries(ix_${name} PUBLIC ix_options ${FLOOR_LINK})
    if(IOTS_TESTS)
        ix_tests(ix_${name})
    endif()
endfunction()

# ix_tests(lib...): one ctest per *_test.c of this folder, linked with lib... EXCEPT file... leaves
# tests out.
function(ix_tests)
    cmake_parse_arguments(TESTS "" "" "EXCEPT" ${ARGN})
    file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.c
        ${CMAKE_CURRENT_SOURCE_DIR}/*/*_test.c)
    foreach(except ${TESTS_EXCEPT})
        list(REMOVE_ITEM tests ${CMAKE_CURRENT_SOURCE_DIR}/${except})
    endforeach()
    get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
    foreach(test ${tests})
        get_filename_component(name ${test} NAME_WE)
        set(target ${folder}_${name})
        add_executable(${target} ${test})
        target_link_libraries(${target} PRIVATE ${TESTS_UNPARSED_ARGUMENTS} ix_options
            PkgConfig::CMOCKA Threads::Threads)
        set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
        add_test(NAME ${folder}/${name} COMMAND ${target})
        set_tests_properties(${folder}/${name} PROPERTIES TIMEOUT 120 LABELS unit)
    endforeach()
endfunction()
