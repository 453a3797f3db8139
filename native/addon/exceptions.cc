#include "addon/exceptions.h"

#include <stdexcept>

namespace hoverslide::addon {

Napi::Error ToError(Napi::Env env, const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Napi::Error& error) {
    return error;
  } catch (const std::invalid_argument& error) {
    return Napi::RangeError::New(env, error.what());
  } catch (const std::out_of_range& error) {
    return Napi::RangeError::New(env, error.what());
  } catch (const std::exception& error) {
    return Napi::Error::New(env, error.what());
  }
}

}  // namespace hoverslide::addon
