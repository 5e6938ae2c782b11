// Why an operation on a virtual disk failed. sdk/errors translates it into the client's codes.
#pragma once

#include <cstdint>

#include "simulator/expected.h"

namespace prl::sim {

enum class DiskError : uint8_t {
  kExists,              // a bundle where a new one was to be made
  kNotFound,            // no bundle
  kNoDescriptor,        // a folder without a descriptor
  kBadDescriptor,       // one that is no XML or contradicts itself
  kBadImage,            // an image file that is damaged or missing
  kBadParameters,       // sizes that no disk can have
  kShared,              // another handle writes to the disk
  kReadOnly,            // opened without the right to write
  kOutside,             // sectors that the disk does not have
  kUnaligned,           // a size that is no number of sectors
  kNoSpace,
  kReadFailed,
  kWriteFailed,
  kCreateFailed,
  kNoState,             // no state of this identity
  kStateExists,
  kStateInUse,          // the present content of the disk rests on it
  kDataBeyondEnd,       // a disk that is to shrink below its content
  kNotExpanding,        // only an expanding disk can do it
  kEncrypted,           // encrypted already
  kNotEncrypted,
  kKeyMissing,
  kWrongKey,
};

template <class T>
using DiskResult = Expected<T, DiskError>;

}  // namespace prl::sim
