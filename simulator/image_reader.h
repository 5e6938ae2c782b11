// Reads the image of a suspended VM. Believes nothing: sizes, offsets, counts and checksums are
// verified before they are used, and each way of being wrong has its own kind. Images of different
// VMs may be read at the same time.
#pragma once

#include <string>

#include "simulator/expected.h"
#include "simulator/image_format.h"
#include "simulator/machine_image.h"
#include "simulator/seams.h"

namespace prl::sim {

// Reads the whole image into a new memory. An absent file is kStorage with ENOENT.
Expected<LoadedImage, ImageError> read_image(Storage& storage, const std::string& path,
                                             const Uuid& expected_vm);

// Reads and checks the header only, of whichever VM.
Expected<ImageHeader, ImageError> inspect_image(Storage& storage, const std::string& path);

}  // namespace prl::sim
