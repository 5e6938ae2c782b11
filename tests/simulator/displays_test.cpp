// Since when screens stand still.
#include "simulator/displays.h"

#include <gtest/gtest.h>

namespace prl::sim {
namespace {

const Uuid kVm = Uuid::from_random(1, 2);

TEST(Displays, StandStillFromTheFirstMomentThatIsSaid) {
  Displays displays;
  EXPECT_EQ(displays.shown_ms(kVm, 7), 7u);
  const ScreenFreezePtr freeze = displays.freeze_of(kVm);
  freeze->begin(10);
  freeze->begin(20);
  EXPECT_EQ(displays.shown_ms(kVm, 30), 10u);
  EXPECT_EQ(displays.freeze_of(kVm), freeze) << "also for a VM that is found again";
  freeze->end();
  EXPECT_EQ(displays.shown_ms(kVm, 30), 30u);
}

TEST(Displays, GoOnWhenTheVmIsFoundStopped) {
  Displays displays;
  displays.freeze_of(kVm)->begin(10);
  displays.on_stopped(kVm);
  EXPECT_EQ(displays.shown_ms(kVm, 30), 30u);
}

TEST(Displays, KnowNothingOfAVmThatHasGone) {
  Displays displays;
  const ScreenFreezePtr freeze = displays.freeze_of(kVm);
  freeze->begin(10);
  displays.forget_vm(kVm);
  EXPECT_EQ(displays.shown_ms(kVm, 30), 30u);
  EXPECT_NE(displays.freeze_of(kVm), freeze);
}

}  // namespace
}  // namespace prl::sim
