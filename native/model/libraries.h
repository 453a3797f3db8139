#pragma once

#include <string>

namespace hoverslide {

/// Loads a shared library for the rest of the process, its symbols open to all that load later, so that a
/// library that needs it by its soname finds it wherever it lies. Threads: any.
/// @param file a path, or a soname for the system's own search
/// @return empty, or the loader's reason why it could not be loaded
std::string LoadForGood(const std::string& file);

}  // namespace hoverslide
