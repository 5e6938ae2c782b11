// Opens the image of a suspended VM. Believes nothing: sizes, offsets, counts and checksums are
// verified before they are used, and each way of being wrong has its own kind. Images of different
// VMs may be opened at the same time.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/image_format.h"
#include "simulator/machine_image.h"
#include "simulator/seams.h"

namespace prl::sim {

// When the pages of an image are verified, and the map that says where they are. All else always
// is before the image is used.
enum class Verification : uint8_t {
  kAtFirstUse,  // opening takes the same time however large the image is
  kWhole,       // all of it is read once before it is used
};

// The memory comes from the image when it is asked for: the file stays open, and may be renamed or
// removed. Images that it rests on are found beside it, see image_chain.h; one that is missing is a
// failure. An absent file is kStorage with ENOENT.
ImageResult<OpenedImage> open_image(Storage& storage, const std::string& path,
                                    const Uuid& expected_vm,
                                    Verification verification = Verification::kAtFirstUse);

// Takes the name from an opened image, so that nobody finds a suspended VM there any more, and
// gives it that of a base, or removes it where no delta could rest on it. Makes nothing durable.
StorageResult<void> retire_image(Storage& storage, OpenedImage& image);

// Reads and checks the header only, of whichever VM.
ImageResult<ImageHeader> inspect_image(Storage& storage, const std::string& path);

}  // namespace prl::sim
