#include <array>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>

#include "addon/addon.h"
#include "addon/function.h"
#include "addon/promise_worker.h"
#include "addon/results.h"
#include "slide/openslide.h"
#include "slide/resample.h"

namespace hoverslide::addon {
namespace {

using File = std::shared_ptr<const OpenSlideFile>;

// Reads x, y, width and height from four arguments of these names. Sizes are at most 2^20, so that no
// product of theirs overflows.
PixelRect RectFrom(const Arguments& arguments, size_t place, const char* const (&names)[4]) {
  const int64_t x = arguments.Integer(place, names[0]), y = arguments.Integer(place + 1, names[1]);
  const int64_t width = arguments.Integer(place + 2, names[2], 0, 1 << 20);
  const int64_t height = arguments.Integer(place + 3, names[3], 0, 1 << 20);
  return {{x, x + width}, {y, y + height}};
}
constexpr const char* kRect[4] = {"x", "y", "width", "height"};
constexpr const char* kSourceRect[4] = {"sourceX", "sourceY", "sourceWidth", "sourceHeight"};

// Reads a colour 0xRRGGBB.
Rgb ColourFrom(const Arguments& arguments, size_t place) {
  const int64_t colour = arguments.Integer(place, "background", 0, 0xffffff);
  return {static_cast<uint8_t>(colour >> 16), static_cast<uint8_t>(colour >> 8),
          static_cast<uint8_t>(colour)};
}

File& HandleFrom(const Arguments& arguments) {
  return arguments.External<File>(0, "handle", "an open slide");
}

const File& OpenFileFrom(const Arguments& arguments) {
  const File& file = HandleFrom(arguments);
  if (!file) throw std::logic_error("the slide is closed");
  return file;
}

double ScaleFrom(const Arguments& arguments, size_t place) {
  const double scale = arguments.Number(place, "scale");
  if (!(scale > 0) || !std::isfinite(scale)) {
    arguments.RefuseRange("scale", "a number above 0", std::to_string(scale));
  }
  return scale;
}

// Allocates the pixels of a rectangle in the JS thread, for a worker to fill.
PinnedArray<uint8_t> NewRgb(Napi::Env env, PixelRect rect) {
  const int64_t size = (rect.x.end - rect.x.begin) * (rect.y.end - rect.y.begin) * 3;
  return PinnedArray<uint8_t>(Napi::Uint8Array::New(env, static_cast<size_t>(size)));
}

std::shared_ptr<const OpenSlideLibrary> LibraryFrom(const Arguments& arguments) {
  return OpenSlideLibrary::Load(arguments.Text(0, "library"));
}

// openSlideLibrary(library) -> {version, file}
Napi::Value DescribeLibrary(const Arguments& arguments) {
  const auto library = LibraryFrom(arguments);
  return ObjectBuilder(arguments.env())
      .Set("version", library->Version())
      .Set("file", library->file())
      .object();
}

struct OpenWork {
  std::shared_ptr<const OpenSlideLibrary> library;
  std::string path;
  File file{};

  void Run() { file = OpenSlideFile::Open(library, path); }
  Napi::Value Result(Napi::Env env) {
    if (!file) return env.Null();
    const Napi::Array levels = ToList(env, file->levels(), [&](const SlideLevel& level) {
      return ObjectBuilder(env)
          .Set("width", level.width)
          .Set("height", level.height)
          .Set("downsample", level.downsample)
          .object();
    });
    ObjectBuilder properties(env);
    for (const auto& [name, value] : file->Properties()) properties.Set(name.c_str(), value);
    const Napi::Array associated = ToList(
        env, file->AssociatedImages(), [&](const std::string& name) { return Napi::String::New(env, name); });
    // Garbage collection closes a slide that nobody closed.
    const auto handle = Napi::External<File>::New(env, new File(std::move(file)),
                                                  [](Napi::Env, File* owned) { delete owned; });
    return ObjectBuilder(env)
        .Set("levels", levels)
        .Set("properties", properties.object())
        .Set("associatedImages", associated)
        .Set("handle", handle)
        .object();
  }
};

// openSlideOpen(library, path) -> Promise<{handle, levels, properties, associatedImages} | null>
Napi::Value Open(const Arguments& arguments) {
  return PromiseWorker<OpenWork>::Queue(arguments.env(), {LibraryFrom(arguments), arguments.Text(1, "path")});
}

struct ReadWork {
  File file;
  int32_t level;
  PixelRect rect;
  Rgb background;
  PinnedArray<uint8_t> rgb;

  void Run() {
    file->ReadRegion(level, rect.x.begin, rect.y.begin, rect.x.end - rect.x.begin, rect.y.end - rect.y.begin,
                     background, rgb.data);
  }
  Napi::Value Result(Napi::Env) { return rgb.reference.Value(); }
};

// openSlideReadRegion(handle, level, x, y, width, height, background) -> Promise<Uint8Array>
Napi::Value ReadRegion(const Arguments& arguments) {
  const File& file = OpenFileFrom(arguments);
  const auto last = static_cast<int64_t>(file->levels().size()) - 1;
  const auto level = static_cast<int32_t>(arguments.Integer(1, "level", 0, last));
  const PixelRect rect = RectFrom(arguments, 2, kRect);
  const Rgb background = ColourFrom(arguments, 6);
  return PromiseWorker<ReadWork>::Queue(arguments.env(),
                                        {file, level, rect, background, NewRgb(arguments.env(), rect)});
}

struct AssociatedWork {
  File file;
  std::string name;
  Rgb background;
  SlideImage image{};

  void Run() { image = file->ReadAssociatedImage(name, background); }
  Napi::Value Result(Napi::Env env) {
    return ObjectBuilder(env)
        .Set("width", image.width)
        .Set("height", image.height)
        .Set("data", image.rgb)
        .object();
  }
};

// openSlideReadAssociatedImage(handle, name, background) -> Promise<{width, height, data}>
Napi::Value ReadAssociatedImage(const Arguments& arguments) {
  return PromiseWorker<AssociatedWork>::Queue(
      arguments.env(), {OpenFileFrom(arguments), arguments.Text(1, "name"), ColourFrom(arguments, 2)});
}

// openSlideClose(handle). Reads in progress keep the slide open; the last of them closes it.
Napi::Value Close(const Arguments& arguments) {
  HandleFrom(arguments).reset();
  return arguments.env().Undefined();
}

// sourceRange(scale, begin, end) -> [begin, end]
Napi::Value SourceRangeOf(const Arguments& arguments) {
  const Napi::Env env = arguments.env();
  const PixelRange output{arguments.Integer(1, "begin"), arguments.Integer(2, "end")};
  const PixelRange range = SourceRange(output, ScaleFrom(arguments, 0));
  return ToList(env, std::array{range.begin, range.end}, [&](int64_t x) { return ToNumber(env, x); });
}

struct ResampleWork {
  PinnedArray<uint8_t> source;
  PixelRect source_rect;
  double scale;
  PixelRect output_rect;
  PinnedArray<uint8_t> output;

  void Run() { Resample(source.data, source_rect, scale, output_rect, output.data); }
  Napi::Value Result(Napi::Env) { return output.reference.Value(); }
};

// resample(scale, source, sourceX, sourceY, sourceWidth, sourceHeight, x, y, width, height) ->
// Promise<Uint8Array>
Napi::Value ResampleRegion(const Arguments& arguments) {
  const double scale = ScaleFrom(arguments, 0);
  const PixelRect output = RectFrom(arguments, 6, kRect);
  return PromiseWorker<ResampleWork>::Queue(
      arguments.env(), {arguments.Pinned<uint8_t>(1, "source"), RectFrom(arguments, 2, kSourceRect), scale,
                        output, NewRgb(arguments.env(), output)});
}

}  // namespace

void RegisterSlide(Napi::Object exports) {
  Export(exports, "openSlideLibrary", DescribeLibrary);
  Export(exports, "openSlideOpen", Open);
  Export(exports, "openSlideReadRegion", ReadRegion);
  Export(exports, "openSlideReadAssociatedImage", ReadAssociatedImage);
  Export(exports, "openSlideClose", Close);
  Export(exports, "sourceRange", SourceRangeOf);
  Export(exports, "resample", ResampleRegion);
}

}  // namespace hoverslide::addon
