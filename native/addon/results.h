#pragma once

#include <napi.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

namespace hoverslide::addon {

// Copies numbers to a typed array of the same type.
template <typename T>
Napi::TypedArrayOf<T> ToArray(Napi::Env env, const std::vector<T>& values) {
  auto array = Napi::TypedArrayOf<T>::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

// Converts any number; above 2^53 it loses digits.
template <typename T>
  requires std::integral<T> || std::floating_point<T>
Napi::Number ToNumber(Napi::Env env, T value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

// Makes an array of what `convert` makes of each value.
template <typename Values, typename Convert>
Napi::Array ToList(Napi::Env env, const Values& values, Convert convert) {
  auto list = Napi::Array::New(env, values.size());
  uint32_t k = 0;
  for (const auto& value : values) list[k++] = convert(value);
  return list;
}

// Builds a JavaScript object property by property.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(Napi::Env env) : env_(env), object_(Napi::Object::New(env)) {}

  template <typename T>
  ObjectBuilder& Set(const char* name, const std::vector<T>& values) {
    return Set(name, Napi::Value(ToArray(env_, values)));
  }
  template <typename T>
    requires std::integral<T> || std::floating_point<T>
  ObjectBuilder& Set(const char* name, T value) {
    return Set(name, Napi::Value(ToNumber(env_, value)));
  }
  ObjectBuilder& Set(const char* name, const std::string& text) {
    return Set(name, Napi::Value(Napi::String::New(env_, text)));
  }
  ObjectBuilder& Set(const char* name, Napi::Value value) {
    object_.Set(name, value);
    return *this;
  }
  Napi::Object object() const { return object_; }

 private:
  Napi::Env env_;
  Napi::Object object_;
};

}  // namespace hoverslide::addon
