// Reads the memory of an image of format version 1, which is no longer written. Its map has an
// entry for each page; all of it is read at once. Used by image_reader only.
#pragma once

#include "simulator/image_error.h"
#include "simulator/image_file.h"
#include "simulator/ram.h"

namespace prl::sim {

// Every stored page is touched then, and none dirty. REQUIRES: ram has the size of the image.
ImageResult<void> load_first_version(const ImageFile& file, Ram& ram);

}  // namespace prl::sim
