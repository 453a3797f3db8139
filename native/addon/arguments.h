#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

namespace hoverslide::addon {

// A typed array that stays alive, and its memory in place, while work in another thread uses it. JS thread
// only, but for `data`.
template <typename T>
struct PinnedArray {
  explicit PinnedArray(const Napi::TypedArrayOf<T>& array)
      : reference(Napi::Reference<Napi::TypedArrayOf<T>>::New(array, 1)),
        data(const_cast<T*>(array.Data()), array.ElementLength()) {}

  Napi::Reference<Napi::TypedArrayOf<T>> reference;
  std::span<T> data;
};

// The typed arrays that the addon takes, by the type of their elements.
template <typename T>
extern const napi_typedarray_type kArrayType;
template <>
inline constexpr napi_typedarray_type kArrayType<uint8_t> = napi_uint8_array;
template <>
inline constexpr napi_typedarray_type kArrayType<int32_t> = napi_int32_array;
template <>
inline constexpr napi_typedarray_type kArrayType<uint32_t> = napi_uint32_array;
template <>
inline constexpr napi_typedarray_type kArrayType<float> = napi_float32_array;
template <>
inline constexpr napi_typedarray_type kArrayType<double> = napi_float64_array;

// Describes a value in an error: its type, or a number itself.
std::string Described(const Napi::Value& value);

// Checks the arguments of one call, by place. Throws a TypeError if one has the wrong type, a RangeError if a
// number is out of range, both with the names of the function and of the argument, what is expected and what
// was found. JS thread only; valid during the call.
class Arguments {
 public:
  static constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

  Arguments(const Napi::CallbackInfo& info, const char* function) : info_(info), function_(function) {}

  Napi::Env env() const { return info_.Env(); }
  // Tells whether an optional argument is there.
  bool Has(size_t place) const { return !info_[place].IsUndefined(); }

  std::string Text(size_t place, const char* name) const;
  // Any number, also NaN or an infinity.
  double Number(size_t place, const char* name) const;
  int64_t Integer(size_t place, const char* name, int64_t min = -kMaxSafeInteger,
                  int64_t max = kMaxSafeInteger) const;
  int32_t Int32(size_t place, const char* name) const {
    return static_cast<int32_t>(Integer(place, name, INT32_MIN, INT32_MAX));
  }
  // A whole number that is a property of an object.
  int64_t IntegerOf(size_t place, const char* name, const char* property, int64_t min, int64_t max) const;

  // A typed array of any type.
  Napi::TypedArray AnyArray(size_t place, const char* name) const;
  // The elements of a typed array of just this type; valid during the call.
  template <typename T>
  std::span<const T> Array(size_t place, const char* name) const {
    const auto array = ArrayOf<T>(place, name);
    return {array.Data(), array.ElementLength()};
  }
  template <typename T>
  PinnedArray<T> Pinned(size_t place, const char* name) const {
    return PinnedArray<T>(ArrayOf<T>(place, name));
  }

  // What a Napi::External<T> points to. The addon makes externals of one type only.
  template <typename T>
  T& External(size_t place, const char* name, const char* expected) const {
    if (!info_[place].IsExternal()) RefuseType(name, expected, Described(info_[place]));
    return *info_[place].As<Napi::External<T>>().Data();
  }

  // Throws a TypeError, or a RangeError, that says what was expected of an argument and what was found.
  [[noreturn]] void RefuseType(const std::string& name, const std::string& expected,
                               const std::string& found) const;
  [[noreturn]] void RefuseRange(const std::string& name, const std::string& expected,
                                const std::string& found) const;

 private:
  template <typename T>
  Napi::TypedArrayOf<T> ArrayOf(size_t place, const char* name) const {
    RequireArray(place, name, kArrayType<T>);
    return info_[place].As<Napi::TypedArrayOf<T>>();
  }
  void RequireArray(size_t place, const char* name, napi_typedarray_type type) const;
  int64_t IntegerIn(const Napi::Value& value, const std::string& name, int64_t min, int64_t max) const;
  std::string Message(const std::string& name, const std::string& expected, const std::string& found) const;

  const Napi::CallbackInfo& info_;
  const char* function_;
};

}  // namespace hoverslide::addon
