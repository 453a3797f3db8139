// OpenSlide, loaded at run time: neither its headers nor a link against it are needed, so that one build
// works with 4.x and with 3.4.1. The few functions used have had the same signatures since 3.4.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hoverslide {

struct Rgb {
  uint8_t r, g, b;
};

struct SlideLevel {
  int64_t width, height;
  double downsample;  // level-0 pixels per pixel of this level, as OpenSlide states it
};

struct SlideImage {
  int64_t width, height;
  std::vector<uint8_t> rgb;  // [height, width, 3]
};

// A loaded libopenslide. Stays loaded until the process ends: libraries that keep thread-local state are not
// safe to unload. Thread-safe.
class OpenSlideLibrary {
 public:
  // The library at `path` (or a name that the dynamic linker knows), loaded once per process and path.
  // Throws std::runtime_error with the linker's text, or if a function is missing.
  static std::shared_ptr<const OpenSlideLibrary> Load(const std::string& path);

  std::string Version() const;
  // The file that the linker chose for `path`.
  const std::string& file() const { return file_; }

 private:
  friend class OpenSlideFile;
  struct Functions;
  OpenSlideLibrary();

  std::shared_ptr<const Functions> functions_;
  std::string file_;
};

// An open slide, closed by its destructor. Every other member is thread-safe, as the OpenSlide functions
// behind them are. Errors are sticky: after one, every call throws std::runtime_error with OpenSlide's text.
class OpenSlideFile {
 public:
  // Null if OpenSlide does not take the file for a slide. Throws std::runtime_error with OpenSlide's text if
  // it does and cannot open it. While a file is open, opening it again gives the same one: OpenSlide's cache
  // of decoded tiles, 32 MiB for each opened file, then serves all threads at once.
  static std::shared_ptr<const OpenSlideFile> Open(std::shared_ptr<const OpenSlideLibrary> library,
                                                   const std::string& path);
  ~OpenSlideFile();
  OpenSlideFile(const OpenSlideFile&) = delete;
  OpenSlideFile& operator=(const OpenSlideFile&) = delete;

  const std::vector<SlideLevel>& levels() const { return levels_; }
  std::map<std::string, std::string> Properties() const;
  std::vector<std::string> AssociatedImages() const;

  // Reads the rectangle at (x, y), in pixels of `level`, into `rgb` [height, width, 3]. Transparent pixels,
  // and those outside the level, show `background`. Exact where level-0 origins are integers, that is on
  // levels with an integer downsample; on others OpenSlide interpolates.
  void ReadRegion(int32_t level, int64_t x, int64_t y, int64_t width, int64_t height, Rgb background,
                  std::span<uint8_t> rgb) const;

  // Throws std::invalid_argument if there is no such image.
  SlideImage ReadAssociatedImage(const std::string& name, Rgb background) const;

 private:
  OpenSlideFile(std::shared_ptr<const OpenSlideLibrary> library, void* handle);
  static std::shared_ptr<const OpenSlideFile> OpenAnew(std::shared_ptr<const OpenSlideLibrary> library,
                                                       const std::string& path);
  bool Failed() const;
  void ThrowOnError() const;

  std::shared_ptr<const OpenSlideLibrary> library_;
  void* handle_;
  std::vector<SlideLevel> levels_;
};

}  // namespace hoverslide
