// The two interfaces through which others may disturb the simulator: Storage (every byte that goes
// to or comes from a disk) and Interventions (everything else that can go wrong). The simulator
// owns them because it knows what that is; `faults` implements them. Production implementations
// contain no fault code.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/expected.h"
#include "simulator/fault.h"

namespace prl::sim {

// Why a storage step failed. `step` names the system call: "open", "write", "fsync", "rename", ...
struct StorageError {
  std::string step;
  std::string path;
  int errno_value = 0;

  std::string message() const;  // "write /x/y.sav: No space left on device"
};

template <class T>
using StorageResult = Expected<T, StorageError>;

Unexpected<StorageError> failed_step(const char* step, const std::string& path, int errno_value);

// The unit of files made by Storage::create_direct().
inline constexpr uint64_t kDirectBytes = 4096;

// Bytes that lie in several places and belong together in this order.
using Gather = std::span<const std::span<const std::byte>>;

// An open file. Several threads may read and write at a time where no range that one writes
// touches that of another; sync() counts for what was written before it was called. A file that is
// open can be read whatever becomes of its name.
class File {
 public:
  virtual ~File() = default;

  // Writes all bytes at `offset`, growing the file as needed, or fails.
  virtual StorageResult<void> write_at(uint64_t offset, std::span<const std::byte> bytes) = 0;
  // The same with the pieces one behind the other, in one step where the system can.
  virtual StorageResult<void> write_gathered(uint64_t offset, Gather pieces) {
    for (const auto& piece : pieces) {
      if (auto written = write_at(offset, piece); !written) return written;
      offset += piece.size();
    }
    return {};
  }
  // Takes the space for so many bytes from the start of the file, where the file system can. The
  // file may grow to that length with zeros.
  virtual StorageResult<void> reserve(uint64_t /*bytes*/) { return {}; }
  // Reads up to bytes.size(); fewer only at the end of the file. Returns the count.
  virtual StorageResult<size_t> read_at(uint64_t offset, std::span<std::byte> bytes) = 0;
  // As read_at(). Where that has to wait for the disk, what will be read next is fetched
  // at the same time if the system can do that.
  virtual StorageResult<size_t> read_before(uint64_t offset, std::span<std::byte> bytes,
                                            uint64_t /*next_offset*/, uint64_t /*next_bytes*/) {
    return read_at(offset, bytes);
  }
  virtual StorageResult<uint64_t> size() = 0;
  // Makes content and length durable.
  virtual StorageResult<void> sync() = 0;
  // Whether what becomes of a write depends on those before it, so that one thread must make all of
  // them, in an order that is always the same.
  virtual bool wants_one_writer() const { return false; }
};

// A file system. Paths are plain strings with '/' between names. Any thread may call; calls on
// different paths may run at the same time.
class Storage {
 public:
  virtual ~Storage() = default;

  // Creates the file, or truncates it to zero bytes.
  virtual StorageResult<std::unique_ptr<File>> create(const std::string& path) = 0;
  // The same for a file that is to be written in large pieces and not read soon: they go past the
  // memory of the system where the file system can. Offsets, sizes and addresses of what is written
  // must be multiples of kDirectBytes.
  virtual StorageResult<std::unique_ptr<File>> create_direct(const std::string& path) {
    return create(path);
  }
  // Opens an existing file for reading only. Absent: errno_value is ENOENT.
  virtual StorageResult<std::unique_ptr<File>> open(const std::string& path) = 0;
  // Opens an existing file for reading and writing, with its content.
  virtual StorageResult<std::unique_ptr<File>> open_for_update(const std::string& path) = 0;
  virtual StorageResult<void> rename(const std::string& from, const std::string& to) = 0;
  virtual StorageResult<void> remove(const std::string& path) = 0;
  // Creates the folder and its parents; succeeds when it is already there.
  virtual StorageResult<void> create_folder(const std::string& path) = 0;
  // Removes the folder with everything in it; succeeds when it is absent.
  virtual StorageResult<void> remove_folder(const std::string& path) = 0;
  // Makes names created, renamed or removed in the folder durable.
  virtual StorageResult<void> sync_folder(const std::string& path) = 0;
  // Names (not paths) in the folder, sorted.
  virtual StorageResult<std::vector<std::string>> list(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual StorageResult<uint64_t> file_size(const std::string& path) = 0;
};

// What has become of storage since somebody last asked.
struct Mishaps {
  std::vector<std::string> notes;  // lines for the trace, no two alike
  std::vector<std::string> draws;  // lines of kind drawn
  uint64_t delay_ms = 0;           // by which the steps took longer
};

// Decides what goes wrong. Any thread may call, with or without the world locked; every function
// must return at once and must not call back into the world.
class Interventions {
 public:
  virtual ~Interventions() = default;
  // False: nothing happens anywhere at present. Any thread may ask; each step asks several times.
  bool is_active() const { return is_active_.load(std::memory_order_acquire); }
  // False: nothing ever happens at points of that layer and name, so nobody needs to describe them.
  virtual bool watches(Layer layer, std::string_view name) = 0;
  // Asked once per point.
  virtual std::optional<Fault> consult(const FaultPoint& point) = 0;

  // -- For a Storage that disturbs another. It cannot know the time and must not write the trace.
  // The host is open: what it does from now on can be struck.
  virtual void arm() {}
  virtual void set_time(uint64_t /*now_ms*/) {}
  virtual Mishaps take_mishaps() { return {}; }
  // Whatever has not been made durable is gone.
  virtual void lose_power() {}

 protected:
  void set_active(bool is_active) { is_active_.store(is_active); }

 private:
  std::atomic<bool> is_active_{true};
};

}  // namespace prl::sim
