#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace hoverslide {

/// Loads a shared library for the rest of the process, its symbols open to all that load later, so that a
/// library that needs it by its soname finds it wherever it lies. Threads: any.
/// @param file a path, or a soname for the system's own search
/// @return empty, or the loader's reason why it could not be loaded
std::string LoadForGood(const std::string& file);

/// A function of a loaded library. Throws std::runtime_error, with what the library is called, if it has
/// none.
template <typename Function>
Function* Symbol(void* library, const std::string& called, const char* name) {
  void* symbol = dlsym(library, name);
  if (symbol == nullptr) throw std::runtime_error(called + " has no " + name);
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace hoverslide
