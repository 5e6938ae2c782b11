#include "simulator/vcpu.h"

#include <gtest/gtest.h>

namespace prl::sim {
namespace {

TEST(Vcpu, StartsAtTheResetVector) {
  const Vcpu vcpu;
  EXPECT_EQ(vcpu.segments[kCs].base + vcpu.rip, 0xFFFFFFF0u);
  EXPECT_EQ(vcpu.segments[kCs].selector, 0xF000);
  EXPECT_EQ(vcpu.rflags, 2u);
  EXPECT_EQ(vcpu.cr0, 0x60000010u);
  EXPECT_EQ(vcpu.efer, 0u);
}

TEST(Vcpu, ForgetsEverythingAtReset) {
  Vcpu vcpu;
  vcpu.general.fill(1);
  vcpu.rip = vcpu.cr0 = vcpu.cr2 = vcpu.cr3 = vcpu.cr4 = vcpu.cr8 = vcpu.efer = vcpu.tsc = 1;
  vcpu.segments.fill({1, 1, 1, 1});
  vcpu.tr = vcpu.ldtr = {1, 1, 1, 1};
  vcpu.gdtr = vcpu.idtr = {1, 1};
  vcpu.reset();
  EXPECT_EQ(vcpu, Vcpu());
}

TEST(Vcpu, ComparesEveryKindOfRegister) {
  const auto differs_after = [](auto change) {
    Vcpu vcpu;
    change(vcpu);
    return !(vcpu == Vcpu());
  };
  EXPECT_TRUE(differs_after([](Vcpu& vcpu) { vcpu.general[kR15] = 1; }));
  EXPECT_TRUE(differs_after([](Vcpu& vcpu) { vcpu.segments[kGs].base = 1; }));
  EXPECT_TRUE(differs_after([](Vcpu& vcpu) { vcpu.ldtr.attributes = 1; }));
  EXPECT_TRUE(differs_after([](Vcpu& vcpu) { vcpu.idtr.limit = 1; }));
  EXPECT_TRUE(differs_after([](Vcpu& vcpu) { vcpu.tsc = 1; }));
}

}  // namespace
}  // namespace prl::sim
