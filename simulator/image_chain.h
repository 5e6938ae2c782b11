// The image files of one VM that its memory rests on. A VM that is resumed keeps its image as a
// base, under another name, and its next image may be a delta: what has been stored to since, and
// for the rest the base. A base is never written to again.
//   {uuid}.sav                  the image of the suspended VM
//   {uuid}.<generation>.base    an image that was resumed from
// Stateless, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/machine_image.h"
#include "simulator/seams.h"

namespace prl::sim {

std::string image_path(const std::string& folder, const Uuid& vm);
std::string base_path(const std::string& folder, const Uuid& vm, uint64_t generation);

// How the next image of a memory is written.
struct ImagePlan {
  std::optional<ImageLink> parent;  // none: complete
  std::vector<ImageLayer> bases;    // that it rests on, the newest first
};

// A delta where that is the smaller part: a complete image comes after 16 deltas, and when all
// deltas together would have more than half as many pages as the image at the bottom. A memory that
// was not stored to is always a delta, without any page; one such never rests on another.
ImagePlan plan_image(const std::vector<ImageLayer>& layers, uint64_t dirty_pages);

// Removes the bases of the VM in the folder, but for those in `kept`. What cannot be removed stays
// until the next time.
void remove_bases(Storage& storage, const std::string& folder, const Uuid& vm,
                  const std::vector<ImageLayer>& kept = {});
// The same, but for those that one of the images rests on, as far as these are there. Where that
// cannot be read all stay. Returns whether any is left.
bool sweep_bases(Storage& storage, const std::string& folder, const Uuid& vm,
                 const std::vector<std::string>& images);

}  // namespace prl::sim
