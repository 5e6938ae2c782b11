// The ways in which an image can be wrong. A plain value.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/expected.h"

namespace prl::sim {

// One kind per way of being wrong. Kinds are apart where a caller or a test may react differently.
struct ImageError {
  enum class Kind : uint8_t {
    kStorage,         // a storage step failed; errno_value says why
    kTruncated,       // the file ends early
    kBadMagic,        // not an image at all
    kNewerVersion,    // intact, but written by a newer version or with an unknown feature
    kHeaderDamaged,   // the header does not have its checksum
    kSectionDamaged,  // vcpus, devices, configuration or directory do not have their checksum
    kMapDamaged,      // a map page does not have its checksum
    kPageDamaged,     // a memory page does not have its checksum
    kForeignVm,       // intact, but of another VM
    kLimitExceeded,   // intact, but a number is larger than this version accepts
    kInconsistent,    // intact, but two statements contradict each other
  };
  Kind kind = Kind::kStorage;
  std::string message;  // names file, field and offset
  int errno_value = 0;  // kStorage only
};

template <class T>
using ImageResult = Expected<T, ImageError>;

}  // namespace prl::sim
