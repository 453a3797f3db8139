#pragma once

#include <napi.h>

#include <exception>
#include <optional>
#include <utility>

#include "addon/exceptions.h"

namespace hoverslide::addon {

// Runs `Work` in another thread and settles a promise. Work has two members: Run() does the work, in any
// thread, and may throw; Result(env) returns the promise's value, in the JS thread. Work is destroyed, in the
// JS thread, before the promise settles. In a thread that is being ended the promise does not settle any
// more: what is thrown then is swallowed, as CMakeLists.txt has it.
template <typename Work>
class PromiseWorker : public Napi::AsyncWorker {
 public:
  static Napi::Promise Queue(Napi::Env env, Work work) {
    auto* worker = new PromiseWorker(env, std::move(work));  // deletes itself when it is done
    const Napi::Promise promise = worker->deferred_.Promise();
    worker->AsyncWorker::Queue();
    return promise;
  }

 protected:
  void Execute() override {
    try {
      work_->Run();
    } catch (...) {
      exception_ = std::current_exception();
    }
  }
  void OnOK() override {
    try {
      const Napi::Value result = Converting(Env(), [&] {
        if (exception_) std::rethrow_exception(exception_);
        return Napi::Value(work_->Result(Env()));
      });
      work_.reset();
      deferred_.Resolve(result);
    } catch (const Napi::Error& error) {
      work_.reset();
      deferred_.Reject(error.Value());
    }
  }

 private:
  PromiseWorker(Napi::Env env, Work work)
      : Napi::AsyncWorker(env, "hoverslide"),
        deferred_(Napi::Promise::Deferred::New(env)),
        work_(std::move(work)) {}

  Napi::Promise::Deferred deferred_;
  std::optional<Work> work_;
  std::exception_ptr exception_;
};

}  // namespace hoverslide::addon
