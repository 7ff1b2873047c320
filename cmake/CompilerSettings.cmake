set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

# Paths are kept relative in the cache's keys, so that another clone or worktree finds what this one compiled.
find_program(CCACHE ccache)
if(CCACHE)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

# Assertions stay on in every build type: none of them defines NDEBUG.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough
                    -Wno-missing-designated-field-initializers -fno-omit-frame-pointer)
# Some libraries ask for it and others do not; what one target precompiles serves only those that are compiled alike.
add_compile_options(-pthread)
add_link_options(-fuse-ld=lld-19)

set(AUTERITY_SANITIZE "" CACHE STRING "comma-separated sanitizers, e.g. address,undefined")
if(AUTERITY_SANITIZE)
  add_compile_options(-fsanitize=${AUTERITY_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${AUTERITY_SANITIZE})
endif()
