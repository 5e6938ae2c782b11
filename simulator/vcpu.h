// The registers of one virtual x86-64 processor. Plain values without behaviour: the workload
// changes them, the image keeps them. Owned by the VM; not synchronised.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace prl::sim {

// Positions in Vcpu::general, numbered as instructions encode them.
enum GeneralRegister : uint8_t {
  kRax,
  kRcx,
  kRdx,
  kRbx,
  kRsp,
  kRbp,
  kRsi,
  kRdi,
  kR8,
  kR9,
  kR10,
  kR11,
  kR12,
  kR13,
  kR14,
  kR15,
};

// Positions in Vcpu::segments, numbered as instructions encode them.
enum SegmentRegister : uint8_t { kEs, kCs, kSs, kDs, kFs, kGs };

// A segment register with its hidden part. `attributes` holds bits 40-47 and 52-55 of the
// descriptor: type, S, DPL and P in the low byte, AVL, L, D/B and G in bits 8-11.
struct Segment {
  uint16_t selector = 0;
  uint16_t attributes = 0;
  uint32_t limit = 0;
  uint64_t base = 0;

  friend bool operator==(const Segment&, const Segment&) = default;
};

struct DescriptorTable {
  uint64_t base = 0;
  uint16_t limit = 0;

  friend bool operator==(const DescriptorTable&, const DescriptorTable&) = default;
};

// A new Vcpu is as it comes out of reset.
struct Vcpu {
  std::array<uint64_t, 16> general{};
  uint64_t rip = 0;
  uint64_t rflags = 0;
  std::array<Segment, 6> segments{};
  Segment tr;
  Segment ldtr;
  DescriptorTable gdtr;
  DescriptorTable idtr;
  uint64_t cr0 = 0;
  uint64_t cr2 = 0;
  uint64_t cr3 = 0;
  uint64_t cr4 = 0;
  uint64_t cr8 = 0;
  uint64_t efer = 0;
  uint64_t tsc = 0;

  Vcpu() { reset(); }

  // The state after RESET, as the processor manuals give it (Intel SDM volume 3, table 10-1).
  void reset() {
    constexpr uint16_t kCode16 = 0x9B;
    constexpr uint16_t kData16 = 0x93;
    constexpr uint32_t kRealModeLimit = 0xFFFF;
    constexpr uint64_t kProcessorSignature = 0x000306A9;  // CPUID.1.EAX, which RESET leaves in RDX

    general.fill(0);
    general[kRdx] = kProcessorSignature;
    rip = 0xFFF0;
    rflags = 0x2;
    segments.fill({0, kData16, kRealModeLimit, 0});
    segments[kCs] = {0xF000, kCode16, kRealModeLimit, 0xFFFF0000};
    tr = {0, 0x8B, kRealModeLimit, 0};
    ldtr = {0, 0x82, kRealModeLimit, 0};
    gdtr = {0, 0xFFFF};
    idtr = {0, 0xFFFF};
    cr0 = 0x60000010;
    cr2 = cr3 = cr4 = cr8 = efer = tsc = 0;
  }

  friend bool operator==(const Vcpu&, const Vcpu&) = default;
};

}  // namespace prl::sim
