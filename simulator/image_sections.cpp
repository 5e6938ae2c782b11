#include "simulator/image_sections.h"

#include <cereal/archives/portable_binary.hpp>
#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <exception>
#include <sstream>
#include <stdexcept>

#include "simulator/image_format.h"

namespace prl::sim {
namespace {

constexpr uint32_t kVcpuVersion = 1;
constexpr uint32_t kDeviceVersion = 1;
constexpr uint32_t kConfigVersion = 1;

struct NewerSection : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void check_section_version(uint32_t version, uint32_t known_version) {
  if (version <= known_version) return;
  throw NewerSection("version " + std::to_string(version) + " is newer than " +
                     std::to_string(known_version));
}

// cereal's own string would ask for as much memory as the bytes say before reading them.
struct BoundedString {
  std::string& text;
};

template <class Archive>
void save(Archive& archive, const BoundedString& string) {
  archive(static_cast<uint32_t>(string.text.size()));
  archive(cereal::binary_data(string.text.data(), string.text.size()));
}

template <class Archive>
void load(Archive& archive, BoundedString& string) {
  uint32_t size_bytes = 0;
  archive(size_bytes);
  if (size_bytes > kMaxNameBytes) throw std::length_error("name is too long");
  string.text.resize(size_bytes);
  archive(cereal::binary_data(string.text.data(), string.text.size()));
}

}  // namespace

// cereal finds these by the namespace of their arguments, so they cannot be in the unnamed one.
template <class Archive>
void serialize(Archive& archive, Segment& segment) {
  archive(segment.selector, segment.attributes, segment.limit, segment.base);
}

template <class Archive>
void serialize(Archive& archive, DescriptorTable& table) {
  archive(table.base, table.limit);
}

template <class Archive>
void serialize(Archive& archive, Vcpu& vcpu, uint32_t version) {
  check_section_version(version, kVcpuVersion);
  archive(vcpu.general, vcpu.rip, vcpu.rflags, vcpu.segments, vcpu.tr, vcpu.ldtr, vcpu.gdtr,
          vcpu.idtr, vcpu.cr0, vcpu.cr2, vcpu.cr3, vcpu.cr4, vcpu.cr8, vcpu.efer, vcpu.tsc);
}

template <class Archive>
void serialize(Archive& archive, DeviceState& devices, uint32_t version) {
  check_section_version(version, kDeviceVersion);
  auto kind = static_cast<uint8_t>(devices.workload.kind);
  archive(devices.boot_count, devices.guest_steps, devices.uptime_ms, devices.saved_at_ms, kind,
          devices.workload.working_set_bytes, devices.workload.pages_per_ms, devices.workload.seed);
  if (kind > static_cast<uint8_t>(kWorkloadKinds.back())) {
    throw std::out_of_range("workload kind " + std::to_string(kind) + " is unknown");
  }
  devices.workload.kind = static_cast<WorkloadKind>(kind);
}

template <class Archive>
void serialize(Archive& archive, ImageConfig& config, uint32_t version) {
  check_section_version(version, kConfigVersion);
  archive(BoundedString{config.name}, config.ram_bytes, config.cpu_count);
}

}  // namespace prl::sim

CEREAL_CLASS_VERSION(prl::sim::Vcpu, prl::sim::kVcpuVersion)
CEREAL_CLASS_VERSION(prl::sim::DeviceState, prl::sim::kDeviceVersion)
CEREAL_CLASS_VERSION(prl::sim::ImageConfig, prl::sim::kConfigVersion)

namespace prl::sim {
namespace {

template <class Write>
std::vector<std::byte> encode(Write write) {
  std::ostringstream stream;
  {
    cereal::PortableBinaryOutputArchive archive(
        stream, cereal::PortableBinaryOutputArchive::Options::LittleEndian());
    write(archive);
  }
  const std::string text = std::move(stream).str();
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

template <class T, class Read>
SectionResult<T> decode(std::span<const std::byte> bytes, T value, Read read) {
  const auto failure = [](ImageError::Kind kind, std::string text) {
    return Unexpected{SectionProblem{kind, std::move(text)}};
  };
  std::istringstream stream(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  try {
    cereal::PortableBinaryInputArchive archive(stream);
    read(archive, value);
  } catch (const NewerSection& error) {
    return failure(ImageError::Kind::kNewerVersion, error.what());
  } catch (const std::exception& error) {
    return failure(ImageError::Kind::kInconsistent, error.what());
  }
  if (stream.peek() != std::istringstream::traits_type::eof()) {
    return failure(ImageError::Kind::kInconsistent, "bytes are left over");
  }
  return value;
}

}  // namespace

std::vector<std::byte> encode_vcpus(std::span<const Vcpu> vcpus) {
  return encode([&](auto& archive) {
    for (const Vcpu& vcpu : vcpus) archive(vcpu);
  });
}

std::vector<std::byte> encode_devices(const DeviceState& devices) {
  return encode([&](auto& archive) { archive(devices); });
}

std::vector<std::byte> encode_configuration(const ImageConfig& config) {
  return encode([&](auto& archive) { archive(config); });
}

SectionResult<std::vector<Vcpu>> decode_vcpus(std::span<const std::byte> bytes,
                                              uint32_t vcpu_count) {
  return decode(bytes, std::vector<Vcpu>(vcpu_count), [](auto& archive, auto& vcpus) {
    for (Vcpu& vcpu : vcpus) archive(vcpu);
  });
}

SectionResult<DeviceState> decode_devices(std::span<const std::byte> bytes) {
  return decode(bytes, DeviceState(), [](auto& archive, auto& devices) { archive(devices); });
}

SectionResult<ImageConfig> decode_configuration(std::span<const std::byte> bytes) {
  return decode(bytes, ImageConfig(), [](auto& archive, auto& config) { archive(config); });
}

}  // namespace prl::sim
