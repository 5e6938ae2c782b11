#include "simulator/image_reader.h"

#include <memory>
#include <utility>
#include <vector>

#include "simulator/image_chain.h"
#include "simulator/image_file.h"
#include "simulator/image_first_version.h"
#include "simulator/image_sections.h"
#include "simulator/image_source.h"
#include "simulator/storage_files.h"

namespace prl::sim {

namespace {

using Kind = ImageError::Kind;

// Reads one section and interprets it with `decode`.
template <class Decode>
auto load_section(const ImageFile& file, SectionIndex index, Decode decode)
    -> ImageResult<std::remove_reference_t<decltype(decode({}).value())>> {
  const auto bytes = file.read_section(index);
  if (!bytes) return Unexpected{bytes.error()};
  auto content = decode(*bytes);
  if (content) return std::move(*content);
  return file.failure(content.error().kind, "section " + std::string(kSectionNames[index]) +
                                                at_offset(file.header().sections[index].offset) +
                                                ": " + content.error().text);
}

ImageResult<MachineImage> load_machine(const ImageFile& file) {
  const ImageHeader& header = file.header();
  auto vcpus = load_section(file, kVcpuSection, [&](std::span<const std::byte> bytes) {
    return decode_vcpus(bytes, header.cpu_count);
  });
  if (!vcpus) return Unexpected{vcpus.error()};
  auto devices = load_section(file, kDeviceSection, decode_devices);
  if (!devices) return Unexpected{devices.error()};
  auto config = load_section(file, kConfigurationSection, decode_configuration);
  if (!config) return Unexpected{config.error()};
  if (config->ram_bytes != header.ram_bytes || config->cpu_count != header.cpu_count) {
    return file.failure(Kind::kInconsistent,
                        "header and configuration describe different machines");
  }
  return MachineImage{header.vm_uuid, header.generation, std::move(*vcpus), *devices,
                      std::move(*config)};
}

// No chain comes near: see image_chain.h.
constexpr size_t kLayersMax = 64;

// The image that a delta rests on, found by its name and known by its number and checksum.
ImageResult<ImageFilePtr> open_parent(Storage& storage, const ImageFile& delta) {
  const ImageHeader& header = delta.header();
  const std::string path =
      base_path(folder_of(delta.path()), header.vm_uuid, header.parent_generation);
  auto parent = ImageFile::open(storage, path);
  if (!parent) return Unexpected{parent.error()};
  const ImageLink expected{header.parent_generation, header.parent_checksum};
  const ImageHeader& found = (*parent)->header();
  if ((*parent)->link() != expected || found.vm_uuid != header.vm_uuid ||
      found.ram_bytes != header.ram_bytes || found.is_first_version()) {
    return (*parent)->failure(Kind::kInconsistent,
                              "this is not the image on which " + delta.path() + " rests");
  }
  if (auto loaded = (*parent)->load_directory(); !loaded) return Unexpected{loaded.error()};
  return ImageFilePtr(std::move(*parent));
}

ImageResult<std::vector<ImageFilePtr>> open_layers(Storage& storage, ImageFilePtr newest) {
  std::vector<ImageFilePtr> files = {std::move(newest)};
  while (files.back()->header().is_delta()) {
    if (files.size() == kLayersMax) {
      return files.back()->failure(Kind::kLimitExceeded, "more than 64 images rest on each other");
    }
    auto parent = open_parent(storage, *files.back());
    if (!parent) return Unexpected{parent.error()};
    files.push_back(std::move(*parent));
  }
  return files;
}

ImageLayer layer_of(const ImageFile& file) {
  const ImageHeader& header = file.header();
  return {.link = file.link(),
          .stored_pages = header.stored_pages,
          .is_empty = header.is_delta() && header.extents == 0};
}

// The whole memory of an old image, which no source reads.
ImageResult<OpenedImage> open_first_version(std::shared_ptr<ImageFile> file, MachineImage machine) {
  Ram ram(file->header().ram_bytes);
  if (auto loaded = load_first_version(*file, ram); !loaded) return Unexpected{loaded.error()};
  return OpenedImage{std::move(machine), std::move(ram), {}, std::move(file)};
}

}  // namespace

ImageResult<OpenedImage> open_image(Storage& storage, const std::string& path,
                                    const Uuid& expected_vm, Verification verification) {
  auto file = ImageFile::open(storage, path);
  if (!file) return Unexpected{file.error()};
  const ImageHeader& header = (*file)->header();
  if (header.vm_uuid != expected_vm) {
    return (*file)->failure(Kind::kForeignVm, "header field vm_uuid is " + header.vm_uuid.format() +
                                                  ", expected " + expected_vm.format());
  }
  if (auto fetched = (*file)->fetch_sections(); !fetched) return Unexpected{fetched.error()};
  auto machine = load_machine(**file);
  if (!machine) return Unexpected{machine.error()};
  if (header.is_first_version()) return open_first_version(*file, std::move(*machine));
  if (auto loaded = (*file)->load_directory(); !loaded) return Unexpected{loaded.error()};
  const auto files = open_layers(storage, *file);
  if (!files) return Unexpected{files.error()};
  auto source = std::make_unique<ImageSource>(*files);
  if (verification == Verification::kWhole) {
    if (auto verified = source->verify(); !verified) return Unexpected{verified.error()};
  }
  std::vector<ImageLayer> layers;
  for (const ImageFilePtr& layer : *files) layers.push_back(layer_of(*layer));
  return OpenedImage{std::move(*machine), Ram(header.ram_bytes, std::move(source)),
                     std::move(layers), *file};
}

StorageResult<void> retire_image(Storage& storage, OpenedImage& image) {
  const std::string path = image.file->path();
  if (image.layers.empty()) return storage.remove(path);
  const ImageHeader& header = image.file->header();
  std::string base = base_path(folder_of(path), header.vm_uuid, header.generation);
  auto renamed = storage.rename(path, base);
  if (renamed) image.file->set_path(std::move(base));
  return renamed;
}

ImageResult<ImageHeader> inspect_image(Storage& storage, const std::string& path) {
  const auto file = ImageFile::open(storage, path);
  if (!file) return Unexpected{file.error()};
  return (*file)->header();
}

}  // namespace prl::sim
