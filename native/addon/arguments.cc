#include "addon/arguments.h"

#include <array>
#include <cmath>

namespace hoverslide::addon {
namespace {

// Names typed arrays in the order of napi_typedarray_type.
constexpr std::array kArrayNames{"Int8Array",    "Uint8Array",    "Uint8ClampedArray", "Int16Array",
                                 "Uint16Array",  "Int32Array",    "Uint32Array",       "Float32Array",
                                 "Float64Array", "BigInt64Array", "BigUint64Array"};

std::string ArrayName(napi_typedarray_type type) {
  const auto index = static_cast<size_t>(type);
  return index < kArrayNames.size() ? kArrayNames[index] : "typed array";
}

std::string WithArticle(const std::string& name) {
  return (name[0] == 'I' ? "an " : "a ") + name;  // Int8Array and its like
}

}  // namespace

std::string Described(const Napi::Value& value) {
  if (value.IsTypedArray()) return WithArticle(ArrayName(value.As<Napi::TypedArray>().TypedArrayType()));
  switch (value.Type()) {
    case napi_undefined:
      return "nothing";
    case napi_null:
      return "null";
    case napi_boolean:
    case napi_number:
      return value.ToString().Utf8Value();
    case napi_string:
      return "a string";
    case napi_function:
      return "a function";
    default:
      return value.IsArray() ? "an array" : "an object";
  }
}

std::string Arguments::Text(size_t place, const char* name) const {
  if (!info_[place].IsString()) RefuseType(name, "a string", Described(info_[place]));
  return info_[place].As<Napi::String>();
}

double Arguments::Number(size_t place, const char* name) const {
  if (!info_[place].IsNumber()) RefuseType(name, "a number", Described(info_[place]));
  return info_[place].As<Napi::Number>().DoubleValue();
}

int64_t Arguments::Integer(size_t place, const char* name, int64_t min, int64_t max) const {
  return IntegerIn(info_[place], name, min, max);
}

int64_t Arguments::IntegerOf(size_t place, const char* name, const char* property, int64_t min,
                             int64_t max) const {
  if (!info_[place].IsObject()) RefuseType(name, "an object", Described(info_[place]));
  return IntegerIn(info_[place].As<Napi::Object>().Get(property), std::string(name) + "." + property, min,
                   max);
}

int64_t Arguments::IntegerIn(const Napi::Value& value, const std::string& name, int64_t min,
                             int64_t max) const {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (number != std::floor(number) || std::isinf(number)) RefuseType(name, "an integer", Described(value));
  if (number < static_cast<double>(min) || number > static_cast<double>(max)) {
    RefuseRange(name, "an integer from " + std::to_string(min) + " to " + std::to_string(max),
                Described(value));
  }
  return static_cast<int64_t>(number);
}

Napi::TypedArray Arguments::AnyArray(size_t place, const char* name) const {
  if (!info_[place].IsTypedArray()) RefuseType(name, "a typed array", Described(info_[place]));
  return info_[place].As<Napi::TypedArray>();
}

void Arguments::RequireArray(size_t place, const char* name, napi_typedarray_type type) const {
  const bool fits =
      info_[place].IsTypedArray() && info_[place].As<Napi::TypedArray>().TypedArrayType() == type;
  if (!fits) RefuseType(name, WithArticle(ArrayName(type)), Described(info_[place]));
}

void Arguments::RefuseType(const std::string& name, const std::string& expected,
                           const std::string& found) const {
  throw Napi::TypeError::New(env(), Message(name, expected, found));
}

void Arguments::RefuseRange(const std::string& name, const std::string& expected,
                            const std::string& found) const {
  throw Napi::RangeError::New(env(), Message(name, expected, found));
}

std::string Arguments::Message(const std::string& name, const std::string& expected,
                               const std::string& found) const {
  return std::string(function_) + ": " + name + ": expected " + expected + ", found " + found;
}

}  // namespace hoverslide::addon
