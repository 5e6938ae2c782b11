// A virtual disk: a folder with a descriptor and one image file for each of its states, of which
// the last takes what is written and the others stay as they are (config-model 11).
//
// A step that replaces files writes new ones and switches the descriptor, so a process that dies
// leaves the disk as it was or as it was to be. Used by one thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "simulator/disk_image.h"

namespace prl::sim {

// What a disk needs of the world around it.
struct DiskSurroundings {
  Storage& storage;
  std::function<Uuid()> new_uuid;
};

// What a new disk is like; the descriptor's states are made here.
struct DiskSpec {
  DiskDescriptor descriptor;
  DiskImageType type = DiskImageType::kExpanding;
};

class VirtualDisk {
 public:
  static constexpr const char* kDescriptorName = "DiskDescriptor.xml";

  static DiskResult<std::unique_ptr<VirtualDisk>> create(const DiskSurroundings& surroundings,
                                                         const std::string& folder, DiskSpec spec);
  static DiskResult<std::unique_ptr<VirtualDisk>> open(const DiskSurroundings& surroundings,
                                                       const std::string& folder);

  const DiskDescriptor& descriptor() const { return descriptor_; }
  const std::string& folder() const { return folder_; }
  DiskImageType type() const { return descriptor_.find(current_state())->type; }
  // Bytes that the image files hold, those of other bundles not counted.
  uint64_t bytes_used() const;
  bool is_linked() const;

  // Whole sectors; what was never written reads as zero.
  DiskResult<void> read(uint64_t sector, std::span<std::byte> bytes);
  DiskResult<void> write(uint64_t sector, std::span<const std::byte> bytes);
  DiskResult<void> flush();

  // Changes what the descriptor says beside sizes and states, and keeps it.
  template <class Change>
  DiskResult<void> change(Change change_descriptor) {
    DiskDescriptor changed = descriptor_;
    change_descriptor(changed);
    return save(std::move(changed));
  }

  // -- States.
  // The content of now becomes the state `guid`.
  DiskResult<void> create_state(const Uuid& guid);
  // What was written since the last state is lost; the content is that of `guid`.
  DiskResult<void> switch_to(const Uuid& guid);
  // As switch_to(), and `guid` is no state any more. kNoState where there is none of that name;
  // after any other failure the disk is as before, or has the content of `guid`.
  DiskResult<void> take_back(const Uuid& guid);
  // The states that rest on it take its content over, or are deleted too.
  DiskResult<void> delete_state(const Uuid& guid, bool is_merged);
  // Leaves only the content of now.
  DiskResult<void> merge_all();
  // For each cluster whether it was written after `from` on the way to `to`; kNoState where there
  // is no such way.
  DiskResult<std::vector<bool>> changes(const Uuid& from, const Uuid& to) const;
  // Content of the state at these sectors.
  DiskResult<void> read_state(const Uuid& guid, uint64_t sector, std::span<std::byte> bytes);

  // -- Sizes and formats.
  DiskResult<void> resize(uint64_t sectors);
  // Gives back the space of clusters that hold nothing but zeros, or sectors that `is_free` says
  // nobody needs. Returns the bytes.
  using IsFree = std::function<bool(uint64_t first_sector, uint64_t count)>;
  DiskResult<uint64_t> compact(const IsFree& is_free = {});
  // The bytes that compact() would give back.
  DiskResult<uint64_t> estimate_compact(const IsFree& is_free = {});
  DiskResult<void> convert(DiskImageType type);

 private:
  using Images = std::map<Uuid, std::unique_ptr<DiskImage>>;
  VirtualDisk(const DiskSurroundings& surroundings, std::string folder)
      : surroundings_(surroundings), folder_(std::move(folder)) {}

  DiskShape shape() const { return {descriptor_.sectors, descriptor_.block_sectors}; }
  std::string path_of(const DiskState& state) const;
  std::string new_file() const;
  DiskResult<void> save(DiskDescriptor descriptor);
  DiskResult<void> open_images();
  DiskResult<std::unique_ptr<DiskImage>> create_image(const std::string& file, DiskImageType type,
                                                      DiskShape shape) const;
  // The image that says what the state has in the cluster; null where none does.
  DiskImage* find_image(const Uuid& guid, uint64_t cluster) const;
  DiskResult<void> read_cluster(const Uuid& guid, uint64_t cluster, std::span<std::byte> bytes);
  DiskResult<bool> is_needless(const DiskState& state, uint64_t cluster,
                               const IsFree& is_free = {});
  // Writes the images anew, each with the clusters of it that `keeps` wants, and switches over.
  using Keeps = std::function<DiskResult<bool>(const DiskState&, uint64_t cluster)>;
  DiskResult<void> rewrite(DiskDescriptor changed, const Keeps& keeps);
  DiskResult<void> copy_image(const DiskState& from, DiskImage& to, uint64_t clusters,
                              const Keeps& keeps);
  DiskResult<void> replace(DiskDescriptor changed, Images images);
  DiskResult<void> merge_into(const DiskState& state, const Uuid& child);
  void remove_files(const std::vector<DiskState>& states) const;
  std::vector<Uuid> children_of(const Uuid& guid) const;

  const DiskSurroundings surroundings_;
  const std::string folder_;
  DiskDescriptor descriptor_;
  Images images_;  // one per state
};

// Sizes that a disk can have.
DiskResult<void> check_spec(const DiskDescriptor& descriptor);

}  // namespace prl::sim
