#pragma once

// Compiles a function once more for AVX2 and picks at run time. Only for loops over integers, or over floats
// in which no operation may be fused (AVX2 alone has none that fuses): every version gives the same bits.
// Where the address sanitizer is on, resolvers would run before it is set up.
#define HOVERSLIDE_CLONES
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__has_attribute) && !defined(__SANITIZE_ADDRESS__)
#if __has_attribute(target_clones)
#undef HOVERSLIDE_CLONES
#define HOVERSLIDE_CLONES __attribute__((target_clones("avx2", "default")))
#endif
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#undef HOVERSLIDE_CLONES
#define HOVERSLIDE_CLONES
#endif
#endif
