#include <system_error>

#include "simulator/seams.h"

namespace prl::sim {

std::string StorageError::message() const {
  // Unlike strerror, safe in every thread.
  return step + " " + path + ": " + std::generic_category().message(errno_value);
}

Unexpected<StorageError> failed_step(const char* step, const std::string& path, int errno_value) {
  return Unexpected{StorageError{step, path, errno_value}};
}

}  // namespace prl::sim
