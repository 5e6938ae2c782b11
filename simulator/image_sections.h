// The small sections of an image as bytes: cereal's portable binary archive, little-endian on every
// machine. The only place that knows cereal; none of its exceptions leaves. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "simulator/expected.h"
#include "simulator/machine_image.h"

namespace prl::sim {

// Why bytes with the right checksum are no section: the kind and a text without the file's name.
struct SectionProblem {
  ImageError::Kind kind = ImageError::Kind::kInconsistent;
  std::string text;
};

template <class T>
using SectionResult = Expected<T, SectionProblem>;

std::vector<std::byte> encode_vcpus(std::span<const Vcpu> vcpus);
std::vector<std::byte> encode_devices(const DeviceState& devices);
std::vector<std::byte> encode_configuration(const ImageConfig& config);

// REQUIRES of all three: the caller has checked the size against the limits of image_format.h.
// Allocate in proportion to `bytes` and to vcpu_count, whatever the bytes say.
SectionResult<std::vector<Vcpu>> decode_vcpus(std::span<const std::byte> bytes,
                                              uint32_t vcpu_count);
SectionResult<DeviceState> decode_devices(std::span<const std::byte> bytes);
SectionResult<ImageConfig> decode_configuration(std::span<const std::byte> bytes);

}  // namespace prl::sim
