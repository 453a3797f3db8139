#pragma once

#include <napi.h>

#include <exception>
#include <utility>

namespace hoverslide::addon {

// Converts a C++ exception to a JavaScript one with the same message: a RangeError for std::invalid_argument
// and std::out_of_range, an Error for all others. Napi::Error passes unchanged. JS thread only.
Napi::Error ToError(Napi::Env env, const std::exception_ptr& exception);

// Calls `work` and converts what it throws. JS thread only.
template <typename Work>
auto Converting(Napi::Env env, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (...) {
    throw ToError(env, std::current_exception());
  }
}

}  // namespace hoverslide::addon
