// Owns a file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace prl::sim {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  // Not repeated after a signal: Linux has released the descriptor by then. Errors that matter were
  // reported by whoever synced it.
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

}  // namespace prl::sim
