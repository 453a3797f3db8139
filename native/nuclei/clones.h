#pragma once

// Compiles a function once more for AVX2 and picks at run time. Only for loops over integers, or over doubles
// that hold integers: every version gives the same bits. Sanitizers and indirect functions do not mix.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
#define HOVERSLIDE_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define HOVERSLIDE_CLONES
#endif
