#pragma once

#include <napi.h>

#include "addon/arguments.h"
#include "addon/exceptions.h"

namespace hoverslide::addon {

// Calls `work(arguments)` for a call from JavaScript to the function of this name, and converts what it
// throws.
template <typename Work>
auto CallChecked(const Napi::CallbackInfo& info, const char* function, Work&& work) {
  return Converting(info.Env(), [&] { return work(Arguments(info, function)); });
}

// Exports a function under a name that its errors begin with.
inline void Export(Napi::Object exports, const char* name, Napi::Value (*function)(const Arguments&)) {
  const auto call = [name, function](const Napi::CallbackInfo& info) {
    return CallChecked(info, name, function);
  };
  exports[name] = Napi::Function::New(exports.Env(), call, name);
}

// A class that JavaScript sees. `Class` derives from it and defines its members by Method and Accessor;
// their errors begin with `full_name`, for instance "Stitcher.add".
template <typename Class>
class ExportedClass : public Napi::ObjectWrap<Class> {
 protected:
  using Wrap = Napi::ObjectWrap<Class>;
  using Member = Napi::Value (Class::*)(const Arguments&);

  explicit ExportedClass(const Napi::CallbackInfo& info) : Wrap(info) {}

  template <Member member>
  static typename Wrap::PropertyDescriptor Method(const char* name, const char* full_name) {
    return Wrap::InstanceMethod(name, CallTo<member>(), napi_default, const_cast<char*>(full_name));
  }
  template <Member member>
  static typename Wrap::PropertyDescriptor Accessor(const char* name, const char* full_name) {
    return Wrap::InstanceAccessor(name, CallTo<member>(), nullptr, napi_default,
                                  const_cast<char*>(full_name));
  }

 private:
  using Callback = Napi::Value (Class::*)(const Napi::CallbackInfo&);

  template <Member member>
  static Callback CallTo() {
    return &ExportedClass::template Call<member>;
  }
  template <Member member>
  Napi::Value Call(const Napi::CallbackInfo& info) {
    return CallChecked(info, static_cast<const char*>(info.Data()), [&](const Arguments& arguments) {
      return (static_cast<Class*>(this)->*member)(arguments);
    });
  }
};

}  // namespace hoverslide::addon
