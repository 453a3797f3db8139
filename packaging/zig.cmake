# Compiles with Zig's clang, which brings headers and stubs of each libc and system that it can name: one machine makes
# binaries for older systems and for other processors. Set by packaging/prebuilds.js: ZIG, ZIG_TARGET.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ZIG ZIG_TARGET)
set(CMAKE_SYSTEM_NAME Linux)
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "${ZIG_TARGET}")
set(CMAKE_CXX_COMPILER "${ZIG}" c++ -target "${ZIG_TARGET}")
set(CMAKE_CXX_ARCHIVE_CREATE "<CMAKE_AR> ar qcD <TARGET> <OBJECTS>")
set(CMAKE_CXX_ARCHIVE_FINISH "<CMAKE_AR> ranlib <TARGET>")
set(CMAKE_AR "${ZIG}" CACHE FILEPATH "" FORCE)
