// Owns one reference to an API object and gives it back when it goes away. Works with the loader
// (SdkWrap.h, DYN_API_WRAP defined) and with direct linking. Copies share the object; one holder is
// not for several threads at a time.
#pragma once

#ifdef DYN_API_WRAP
#include "SdkWrap.h"
#else
#include "Parallels.h"
#endif

namespace PrlSdkWrapNamespace {

class SdkHandleWrap {
 public:
  SdkHandleWrap() : handle_(PRL_INVALID_HANDLE) {}
  // Takes over the caller's reference.
  explicit SdkHandleWrap(PRL_HANDLE handle) : handle_(handle) {}
  SdkHandleWrap(const SdkHandleWrap& other) : handle_(other.handle_) { add_reference(); }
  ~SdkHandleWrap() { reset(); }

  SdkHandleWrap& operator=(const SdkHandleWrap& other) {
    if (handle_ != other.handle_) {
      reset(other.handle_);
      add_reference();
    }
    return *this;
  }

  // Gives the old reference back and takes over the caller's reference to another object.
  void reset(PRL_HANDLE handle = PRL_INVALID_HANDLE) {
    if (valid() && is_library_present()) PrlHandle_Free(handle_);
    handle_ = handle;
  }

  // For out parameters: gives the old reference back; what the call stores is owned.
  PRL_HANDLE_PTR GetHandlePtr() {
    reset();
    return &handle_;
  }

  PRL_HANDLE get() const { return handle_; }
  PRL_HANDLE GetHandle() const { return handle_; }
  bool valid() const { return handle_ != PRL_INVALID_HANDLE; }

  // Hands the reference to the caller.
  PRL_HANDLE release() {
    const PRL_HANDLE handle = handle_;
    handle_ = PRL_INVALID_HANDLE;
    return handle;
  }

 private:
  // A holder may outlive the library, whose functions are null pointers from then on.
  static bool is_library_present() {
#ifdef DYN_API_WRAP
    return PrlHandle_Free != 0 && PrlHandle_AddRef != 0;
#else
    return true;
#endif
  }

  void add_reference() {
    if (valid() && is_library_present()) PrlHandle_AddRef(handle_);
  }

  PRL_HANDLE handle_;
};

}  // namespace PrlSdkWrapNamespace

using PrlSdkWrapNamespace::SdkHandleWrap;
