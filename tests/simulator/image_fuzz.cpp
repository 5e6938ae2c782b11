// Feeds anything to the reader of images: it may refuse, but not crash, hang or take much memory.
// Each input is read as it is and with the checksum of its header made right, which leads further
// in; wholly and page by page. Built with clang's libFuzzer; the corpus is fixtures/images.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "simulator/checksum.h"
#include "simulator/image_format.h"
#include "simulator/image_reader.h"
#include "simulator/little_endian.h"
#include "simulator/memory_storage.h"

namespace {

using namespace prl::sim;

void read_all(const std::vector<std::byte>& bytes, Verification verification) {
  constexpr char kPath[] = "/vm.sav";
  // More would tell nothing and take long.
  constexpr uint64_t kReadBytesMax = uint64_t{8} << 20;
  MemoryStorage storage;
  auto file = storage.create(kPath);
  if (!file || !(*file)->write_at(0, bytes)) std::abort();
  const auto header = inspect_image(storage, kPath);
  if (!header) return;
  const auto opened = open_image(storage, kPath, header->vm_uuid, verification);
  if (!opened) return;
  std::vector<std::byte> room(64 * kPageBytes);
  const uint64_t end = std::min(opened->ram.size_bytes(), kReadBytesMax);
  for (uint64_t at = 0; at < end; at += room.size()) {
    const std::span part(room.data(), std::min<uint64_t>(room.size(), end - at));
    if (!opened->ram.read(at, part)) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  read_all(bytes, Verification::kAtFirstUse);
  read_all(bytes, Verification::kWhole);
  if (size < kHeaderBytes) return 0;
  store_u64(bytes, kHeaderChecksumOffset, checksum(std::span(bytes).first(kHeaderChecksumOffset)));
  read_all(bytes, Verification::kAtFirstUse);
  read_all(bytes, Verification::kWhole);
  return 0;
}
