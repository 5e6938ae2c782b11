// Writes the image of a suspended VM. The layout is in image_format.md. Reads the memory, so the
// VM must stand still meanwhile, or hand in a shared memory; images of different VMs may be written
// at the same time.
#pragma once

#include <optional>
#include <string>

#include "simulator/expected.h"
#include "simulator/machine_image.h"
#include "simulator/ram.h"
#include "simulator/seams.h"

namespace prl::sim {

// Where an image is written before it gets its name.
std::string temporary_image_path(const std::string& path);

// Writes beside `path`, makes the file durable, gives it its name and makes the name durable. On
// failure the temporary file is removed and an image already at `path` is as before. Only a
// failing last step (sync_folder) comes too late for that: the new image, complete and durable, is
// at `path`, but after a power cut the old one may be there.
//
// Without a parent the image is complete: it holds every page that is not all zero. With one it is
// a delta with the dirty pages. REQUIRES: the parent is durable, and the memory, since it rests on
// a source, is what the source had under that parent.
ImageResult<ImageStats> write_image(Storage& storage, const std::string& path,
                                    const MachineImage& image, const Ram& ram,
                                    const std::optional<ImageLink>& parent = std::nullopt);

// Removes the image and makes that durable.
StorageResult<void> remove_image(Storage& storage, const std::string& path);

}  // namespace prl::sim
