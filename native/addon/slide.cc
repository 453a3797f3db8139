#include <cmath>
#include <memory>
#include <utility>

#include "addon/addon.h"
#include "slide/openslide.h"
#include "slide/resample.h"

namespace hoverslide::addon {
namespace {

using File = std::shared_ptr<const OpenSlideFile>;

// Runs `Work` off the JS thread and settles a promise with what it leaves. Work has Run() (any thread, may
// throw) and Result(env) (JS thread).
template <typename Work>
class PromiseWorker : public Napi::AsyncWorker {
 public:
  static Napi::Value Queue(Napi::Env env, Work work) {
    auto* worker = new PromiseWorker(env, std::move(work));  // deletes itself when done
    const Napi::Promise promise = worker->deferred_.Promise();
    worker->AsyncWorker::Queue();
    return promise;
  }

 protected:
  PromiseWorker(Napi::Env env, Work work)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), work_(std::move(work)) {}
  void Execute() override { work_.Run(); }
  void OnOK() override { deferred_.Resolve(work_.Result(Env())); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Work work_;
};

// RGB bytes that a worker fills: allocated on the JS thread, kept alive while the work runs.
struct Bytes {
  explicit Bytes(Napi::Uint8Array array)
      : reference(Napi::Reference<Napi::Uint8Array>::New(array, 1)), data(array.Data(), array.ByteLength()) {}
  Napi::Reference<Napi::Uint8Array> reference;
  std::span<uint8_t> data;
};

[[noreturn]] void Fail(Napi::Env env, const char* message) { throw Napi::TypeError::New(env, message); }

int64_t Integer(const Napi::CallbackInfo& info, size_t index) {
  const double value = info[index].IsNumber() ? info[index].As<Napi::Number>().DoubleValue() : NAN;
  if (!(std::abs(value) <= 9007199254740991.0) || value != std::floor(value))
    Fail(info.Env(), "expected an integer");
  return static_cast<int64_t>(value);
}

std::string Text(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsString()) Fail(info.Env(), "expected a string");
  return info[index].As<Napi::String>();
}

Rgb Color(const Napi::CallbackInfo& info, size_t index) {
  const int64_t color = Integer(info, index);
  if (color < 0 || color > 0xffffff) Fail(info.Env(), "expected a colour 0xRRGGBB");
  return {static_cast<uint8_t>(color >> 16), static_cast<uint8_t>(color >> 8), static_cast<uint8_t>(color)};
}

const File& Handle(const Napi::CallbackInfo& info) {
  if (!info[0].IsExternal()) Fail(info.Env(), "expected an open slide");
  return *info[0].As<Napi::External<File>>().Data();
}

// x, y, width, height from four arguments; sizes at most 2^20, so that no product of theirs overflows.
PixelRect Rect(const Napi::CallbackInfo& info, size_t index) {
  const int64_t x = Integer(info, index), y = Integer(info, index + 1);
  const int64_t width = Integer(info, index + 2), height = Integer(info, index + 3);
  if (width < 0 || height < 0 || width > (1 << 20) || height > (1 << 20)) Fail(info.Env(), "no such size");
  return {{x, x + width}, {y, y + height}};
}

Napi::Uint8Array NewRgb(Napi::Env env, PixelRect rect) {
  return Napi::Uint8Array::New(
      env, static_cast<size_t>((rect.x.end - rect.x.begin) * (rect.y.end - rect.y.begin) * 3));
}

std::shared_ptr<const OpenSlideLibrary> Library(const Napi::CallbackInfo& info) {
  try {
    return OpenSlideLibrary::Load(Text(info, 0));
  } catch (const std::runtime_error& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

// (library) -> {version, file}
Napi::Value DescribeLibrary(const Napi::CallbackInfo& info) {
  const auto library = Library(info);
  auto result = Napi::Object::New(info.Env());
  result["version"] = Napi::String::New(info.Env(), library->Version());
  result["file"] = Napi::String::New(info.Env(), library->file());
  return result;
}

Napi::Object DescribeSlide(Napi::Env env, const OpenSlideFile& file) {
  auto slide = Napi::Object::New(env);
  auto levels = Napi::Array::New(env);
  for (const SlideLevel& level : file.levels()) {
    auto entry = Napi::Object::New(env);
    entry["width"] = Napi::Number::New(env, static_cast<double>(level.width));
    entry["height"] = Napi::Number::New(env, static_cast<double>(level.height));
    entry["downsample"] = Napi::Number::New(env, level.downsample);
    levels[levels.Length()] = entry;
  }
  slide["levels"] = levels;
  auto properties = Napi::Object::New(env);
  for (const auto& [name, value] : file.Properties()) properties[name] = Napi::String::New(env, value);
  slide["properties"] = properties;
  auto associated = Napi::Array::New(env);
  for (const auto& name : file.AssociatedImages())
    associated[associated.Length()] = Napi::String::New(env, name);
  slide["associatedImages"] = associated;
  return slide;
}

struct OpenWork {
  std::shared_ptr<const OpenSlideLibrary> library;
  std::string path;
  File file;
  void Run() { file = OpenSlideFile::Open(library, path); }
  Napi::Value Result(Napi::Env env) {
    if (!file) return env.Null();
    auto result = DescribeSlide(env, *file);
    // Garbage collection closes a slide that nobody closed.
    result["handle"] = Napi::External<File>::New(env, new File(std::move(file)),
                                                 [](Napi::Env, File* handle) { delete handle; });
    return result;
  }
};

// (library, path) -> Promise<{handle, levels, properties, associatedImages} | null>
Napi::Value Open(const Napi::CallbackInfo& info) {
  return PromiseWorker<OpenWork>::Queue(info.Env(), {Library(info), Text(info, 1), nullptr});
}

struct ReadWork {
  File file;
  int32_t level;
  PixelRect rect;
  Rgb background;
  Bytes rgb;
  void Run() {
    file->ReadRegion(level, rect.x.begin, rect.y.begin, rect.x.end - rect.x.begin, rect.y.end - rect.y.begin,
                     background, rgb.data);
  }
  Napi::Value Result(Napi::Env) { return rgb.reference.Value(); }
};

// (handle, level, x, y, width, height, background) -> Promise<Uint8Array>
Napi::Value ReadRegion(const Napi::CallbackInfo& info) {
  const File& file = Handle(info);
  if (!file) throw Napi::Error::New(info.Env(), "the slide is closed");
  const int64_t level = Integer(info, 1);
  if (level < 0 || level >= static_cast<int64_t>(file->levels().size())) Fail(info.Env(), "no such level");
  const PixelRect rect = Rect(info, 2);
  return PromiseWorker<ReadWork>::Queue(
      info.Env(), {file, static_cast<int32_t>(level), rect, Color(info, 6), Bytes(NewRgb(info.Env(), rect))});
}

struct AssociatedWork {
  File file;
  std::string name;
  Rgb background;
  SlideImage image;
  void Run() { image = file->ReadAssociatedImage(name, background); }
  Napi::Value Result(Napi::Env env) {
    auto result = Napi::Object::New(env);
    result["width"] = Napi::Number::New(env, static_cast<double>(image.width));
    result["height"] = Napi::Number::New(env, static_cast<double>(image.height));
    auto data = Napi::Uint8Array::New(env, image.rgb.size());
    std::copy(image.rgb.begin(), image.rgb.end(), data.Data());
    result["data"] = data;
    return result;
  }
};

// (handle, name, background) -> Promise<{width, height, data}>
Napi::Value ReadAssociatedImage(const Napi::CallbackInfo& info) {
  const File& file = Handle(info);
  if (!file) throw Napi::Error::New(info.Env(), "the slide is closed");
  return PromiseWorker<AssociatedWork>::Queue(info.Env(), {file, Text(info, 1), Color(info, 2), {}});
}

// (handle): reads in flight keep the slide open until they end; whoever comes last closes it.
void Close(const Napi::CallbackInfo& info) {
  if (!info[0].IsExternal()) Fail(info.Env(), "expected an open slide");
  info[0].As<Napi::External<File>>().Data()->reset();
}

double Scale(const Napi::CallbackInfo& info, size_t index) {
  const double scale = info[index].IsNumber() ? info[index].As<Napi::Number>().DoubleValue() : NAN;
  if (!(scale > 0) || !std::isfinite(scale)) Fail(info.Env(), "expected a scale above 0");
  return scale;
}

// (scale, begin, end) -> [begin, end]
Napi::Value SourceRangeOf(const Napi::CallbackInfo& info) {
  const PixelRange range = SourceRange({Integer(info, 1), Integer(info, 2)}, Scale(info, 0));
  auto result = Napi::Array::New(info.Env(), 2);
  result[0u] = Napi::Number::New(info.Env(), static_cast<double>(range.begin));
  result[1u] = Napi::Number::New(info.Env(), static_cast<double>(range.end));
  return result;
}

struct ResampleWork {
  Bytes source;
  PixelRect source_rect;
  double scale;
  PixelRect output_rect;
  Bytes output;
  void Run() { Resample(source.data, source_rect, scale, output_rect, output.data); }
  Napi::Value Result(Napi::Env) { return output.reference.Value(); }
};

// (scale, source, x, y, width, height of the source, x, y, width, height of the output) ->
// Promise<Uint8Array>
Napi::Value ResampleRegion(const Napi::CallbackInfo& info) {
  const double scale = Scale(info, 0);
  if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    Fail(info.Env(), "expected a Uint8Array");
  }
  const PixelRect output = Rect(info, 6);
  return PromiseWorker<ResampleWork>::Queue(info.Env(), {Bytes(info[1].As<Napi::Uint8Array>()), Rect(info, 2),
                                                         scale, output, Bytes(NewRgb(info.Env(), output))});
}

}  // namespace

void RegisterSlide(Napi::Env env, Napi::Object exports) {
  exports["openSlideLibrary"] = Napi::Function::New(env, DescribeLibrary);
  exports["openSlideOpen"] = Napi::Function::New(env, Open);
  exports["openSlideReadRegion"] = Napi::Function::New(env, ReadRegion);
  exports["openSlideReadAssociatedImage"] = Napi::Function::New(env, ReadAssociatedImage);
  exports["openSlideClose"] = Napi::Function::New(env, Close);
  exports["sourceRange"] = Napi::Function::New(env, SourceRangeOf);
  exports["resample"] = Napi::Function::New(env, ResampleRegion);
}

}  // namespace hoverslide::addon
