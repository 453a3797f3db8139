#include "slide/openslide.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <stdexcept>
#include <tuple>

#include "slide/composite.h"

namespace hoverslide {

struct OpenSlideLibrary::Functions {
  const char* (*get_version)();
  void* (*open)(const char* path);
  void (*close)(void* slide);
  const char* (*get_error)(void* slide);
  int32_t (*get_level_count)(void* slide);
  void (*get_level_dimensions)(void* slide, int32_t level, int64_t* width, int64_t* height);
  double (*get_level_downsample)(void* slide, int32_t level);
  void (*read_region)(void* slide, uint32_t* argb, int64_t x, int64_t y, int32_t level, int64_t width,
                      int64_t height);
  const char* const* (*get_property_names)(void* slide);
  const char* (*get_property_value)(void* slide, const char* name);
  const char* const* (*get_associated_image_names)(void* slide);
  void (*get_associated_image_dimensions)(void* slide, const char* name, int64_t* width, int64_t* height);
  void (*read_associated_image)(void* slide, const char* name, uint32_t* argb);
};

namespace {

template <typename Function>
void Resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (!function) throw std::runtime_error(std::string("no function ") + name + " in it");
}

void Fill(Rgb color, std::span<uint8_t> rgb) {
  for (size_t i = 0; i + 2 < rgb.size(); i += 3) {
    rgb[i] = color.r;
    rgb[i + 1] = color.g;
    rgb[i + 2] = color.b;
  }
}

}  // namespace

OpenSlideLibrary::OpenSlideLibrary() = default;

std::shared_ptr<const OpenSlideLibrary> OpenSlideLibrary::Load(const std::string& path) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const OpenSlideLibrary>> loaded;
  const std::lock_guard<std::mutex> lock(mutex);
  if (const auto known = loaded.find(path); known != loaded.end()) return known->second;

  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  const auto functions = std::make_shared<Functions>();
  Resolve(library, "openslide_get_version", functions->get_version);
  Resolve(library, "openslide_open", functions->open);
  Resolve(library, "openslide_close", functions->close);
  Resolve(library, "openslide_get_error", functions->get_error);
  Resolve(library, "openslide_get_level_count", functions->get_level_count);
  Resolve(library, "openslide_get_level_dimensions", functions->get_level_dimensions);
  Resolve(library, "openslide_get_level_downsample", functions->get_level_downsample);
  Resolve(library, "openslide_read_region", functions->read_region);
  Resolve(library, "openslide_get_property_names", functions->get_property_names);
  Resolve(library, "openslide_get_property_value", functions->get_property_value);
  Resolve(library, "openslide_get_associated_image_names", functions->get_associated_image_names);
  Resolve(library, "openslide_get_associated_image_dimensions", functions->get_associated_image_dimensions);
  Resolve(library, "openslide_read_associated_image", functions->read_associated_image);

  const std::shared_ptr<OpenSlideLibrary> result(new OpenSlideLibrary());
  Dl_info info;
  const bool located = dladdr(reinterpret_cast<void*>(functions->open), &info) != 0 && info.dli_fname;
  result->file_ = located ? info.dli_fname : path;
  result->functions_ = functions;
  loaded.emplace(path, result);
  return result;
}

std::string OpenSlideLibrary::Version() const { return functions_->get_version(); }

std::shared_ptr<const OpenSlideFile> OpenSlideFile::Open(std::shared_ptr<const OpenSlideLibrary> library,
                                                         const std::string& path) {
  // What a path leads to can change: a file is known by its inode and when it was written.
  using Key = std::tuple<const OpenSlideLibrary*, std::string, dev_t, ino_t, off_t, time_t, long>;
  static std::mutex mutex;
  static std::map<Key, std::weak_ptr<const OpenSlideFile>> open;
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return OpenAnew(std::move(library), path);
  const Key key(library.get(), path, info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                info.st_mtim.tv_nsec);
  const std::lock_guard<std::mutex> lock(mutex);
  if (const auto known = open.find(key); known != open.end()) {
    if (auto file = known->second.lock(); file && !file->Failed()) return file;
  }
  std::erase_if(open, [](const auto& entry) { return entry.second.expired(); });
  auto file = OpenAnew(std::move(library), path);
  if (file) open.insert_or_assign(key, file);
  return file;
}

std::shared_ptr<const OpenSlideFile> OpenSlideFile::OpenAnew(std::shared_ptr<const OpenSlideLibrary> library,
                                                             const std::string& path) {
  void* handle = library->functions_->open(path.c_str());
  if (!handle) return nullptr;
  const std::shared_ptr<OpenSlideFile> file(new OpenSlideFile(std::move(library), handle));
  file->ThrowOnError();
  const auto& functions = *file->library_->functions_;
  const int32_t count = functions.get_level_count(handle);
  for (int32_t level = 0; level < count; ++level) {
    SlideLevel& entry = file->levels_.emplace_back();
    functions.get_level_dimensions(handle, level, &entry.width, &entry.height);
    entry.downsample = functions.get_level_downsample(handle, level);
  }
  file->ThrowOnError();
  return file;
}

OpenSlideFile::OpenSlideFile(std::shared_ptr<const OpenSlideLibrary> library, void* handle)
    : library_(std::move(library)), handle_(handle) {}

OpenSlideFile::~OpenSlideFile() { library_->functions_->close(handle_); }

bool OpenSlideFile::Failed() const { return library_->functions_->get_error(handle_) != nullptr; }

void OpenSlideFile::ThrowOnError() const {
  if (const char* error = library_->functions_->get_error(handle_)) throw std::runtime_error(error);
}

std::map<std::string, std::string> OpenSlideFile::Properties() const {
  const auto& functions = *library_->functions_;
  std::map<std::string, std::string> properties;
  for (const char* const* name = functions.get_property_names(handle_); *name; ++name) {
    if (const char* value = functions.get_property_value(handle_, *name)) properties.emplace(*name, value);
  }
  ThrowOnError();
  return properties;
}

std::vector<std::string> OpenSlideFile::AssociatedImages() const {
  std::vector<std::string> names;
  for (const char* const* name = library_->functions_->get_associated_image_names(handle_); *name; ++name) {
    names.emplace_back(*name);
  }
  ThrowOnError();
  return names;
}

void OpenSlideFile::ReadRegion(int32_t level, int64_t x, int64_t y, int64_t width, int64_t height,
                               Rgb background, std::span<uint8_t> rgb) const {
  if (level < 0 || static_cast<size_t>(level) >= levels_.size()) throw std::invalid_argument("no such level");
  if (width < 0 || height < 0 || rgb.size() != static_cast<size_t>(width * height * 3)) {
    throw std::invalid_argument("rgb must hold width * height * 3 bytes");
  }
  Fill(background, rgb);
  const SlideLevel& size = levels_[level];
  const int64_t left = std::max<int64_t>(x, 0), right = std::min(x + width, size.width);
  const int64_t top = std::max<int64_t>(y, 0), bottom = std::min(y + height, size.height);
  if (left >= right || top >= bottom) return;

  const int64_t columns = right - left, rows = bottom - top;
  std::vector<uint32_t> argb(static_cast<size_t>(columns * rows));
  library_->functions_->read_region(handle_, argb.data(), std::llround(left * size.downsample),
                                    std::llround(top * size.downsample), level, columns, rows);
  ThrowOnError();
  for (int64_t row = 0; row < rows; ++row) {
    const std::span<const uint32_t> line(argb.data() + row * columns, static_cast<size_t>(columns));
    CompositeArgb(line, background, rgb.data() + ((top - y + row) * width + left - x) * 3);
  }
}

SlideImage OpenSlideFile::ReadAssociatedImage(const std::string& name, Rgb background) const {
  const auto names = AssociatedImages();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw std::invalid_argument("no associated image \"" + name + "\"");
  }
  SlideImage image;
  library_->functions_->get_associated_image_dimensions(handle_, name.c_str(), &image.width, &image.height);
  ThrowOnError();
  std::vector<uint32_t> argb(static_cast<size_t>(image.width * image.height));
  library_->functions_->read_associated_image(handle_, name.c_str(), argb.data());
  ThrowOnError();
  image.rgb.resize(argb.size() * 3);
  CompositeArgb(argb, background, image.rgb.data());
  return image;
}

}  // namespace hoverslide
