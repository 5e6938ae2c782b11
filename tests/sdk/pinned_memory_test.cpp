// Pointers to the memory of a guest.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr PRL_UINT64 kMib = 1 << 20;

constexpr const char* kScenario = R"(clock = "virtual"
[[vm]]
name = "vm"
ram_mib = 8
state = "running"
[[vm]]
name = "busy"
ram_mib = 4
state = "running"
workload = { kind = "writer", working_set_mib = 1, pages_per_ms = 1 }
)";

struct PinnedMemory : testing::Test {
  PinnedMemory() : vm(vm_by_name(session.server, "vm")) {}

  unsigned char* pin(PRL_UINT64 address, PRL_UINT64 bytes) const {
    void* memory = nullptr;
    EXPECT_EQ(PrlSim_PinGuestMemory(vm, address, bytes, &memory), PRL_ERR_SUCCESS);
    return static_cast<unsigned char*>(memory);
  }
  PRL_RESULT refusal(PRL_UINT64 address, PRL_UINT64 bytes) const {
    void* memory = nullptr;
    const PRL_RESULT code = PrlSim_PinGuestMemory(vm, address, bytes, &memory);
    EXPECT_EQ(memory, nullptr);
    return code;
  }
  unsigned char byte_at(PRL_UINT64 address) const {
    unsigned char byte = 0xEE;
    EXPECT_EQ(PrlSim_ReadGuestMemory(vm, address, &byte, 1), PRL_ERR_SUCCESS);
    return byte;
  }
  PRL_UINT64 image_bytes() const {
    PRL_UINT64 bytes = 0;
    EXPECT_EQ(PrlSim_GetImageSize(vm, &bytes), PRL_ERR_SUCCESS);
    return bytes;
  }
  void suspend_and_resume() const {
    ASSERT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  }

  const Session session{kScenario};
  const Handle vm;
};

TEST_F(PinnedMemory, IsTheGuestsMemory) {
  const unsigned char sent = 7;
  ASSERT_EQ(PrlSim_WriteGuestMemory(vm, 4 * kMib + 10, &sent, 1), PRL_ERR_SUCCESS);
  unsigned char* memory = pin(4 * kMib + 10, 100);
  EXPECT_EQ(memory[0], 7);
  memory[99] = 8;
  EXPECT_EQ(byte_at(4 * kMib + 109), 8);
  EXPECT_EQ(PrlSim_UnpinGuestMemory(memory), PRL_ERR_SUCCESS);
  EXPECT_EQ(byte_at(4 * kMib + 109), 8);
}

TEST_F(PinnedMemory, ShowsWhatTheGuestDoes) {
  const Handle busy = vm_by_name(session.server, "busy");
  void* pinned = nullptr;
  ASSERT_EQ(PrlSim_PinGuestMemory(busy, kMib, kMib, &pinned), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(300);
  unsigned char read = 0;
  ASSERT_EQ(PrlSim_ReadGuestMemory(busy, 2 * kMib - 1, &read, 1), PRL_ERR_SUCCESS);
  EXPECT_NE(read, 0);
  EXPECT_EQ(read, static_cast<unsigned char*>(pinned)[kMib - 1]);
}

TEST_F(PinnedMemory, IsInTheImageWithWhatWasStored) {
  unsigned char* memory = pin(4 * kMib, 2 * kMib);
  memory[5] = 1;
  memory[2 * kMib - 1] = 2;
  suspend_and_resume();
  EXPECT_EQ(byte_at(4 * kMib + 5), 1);
  EXPECT_EQ(byte_at(6 * kMib - 1), 2);
}

TEST_F(PinnedMemory, MakesADeltaNoLargerThanWhatWasStored) {
  const std::string content(2 * kMib, 'x');
  ASSERT_EQ(PrlSim_WriteGuestMemory(vm, 4 * kMib, content.data(), content.size()), PRL_ERR_SUCCESS);
  suspend_and_resume();
  unsigned char* memory = pin(4 * kMib, 2 * kMib);
  memory[kMib] = 'y';
  ASSERT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_LT(image_bytes(), 64 * 1024u) << "one page, and what every image has";
  ASSERT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(byte_at(5 * kMib), 'y');
  EXPECT_EQ(byte_at(5 * kMib + 1), 'x');
}

TEST_F(PinnedMemory, EndsWithASuspendAndStaysHarmless) {
  unsigned char* memory = pin(4 * kMib, kMib);
  memory[0] = 1;
  suspend_and_resume();
  memory[0] = 2;
  EXPECT_EQ(byte_at(4 * kMib), 1) << "the pointer is not the guest's any more";
  unsigned char* again = pin(4 * kMib, kMib);
  EXPECT_EQ(again[0], 1);
  EXPECT_EQ(PrlSim_UnpinGuestMemory(memory), PRL_ERR_SUCCESS);
  again[0] = 3;
  EXPECT_EQ(byte_at(4 * kMib), 3) << "the old pointer has ended the new one";
  EXPECT_EQ(PrlSim_UnpinGuestMemory(memory), PRL_ERR_INVALID_ARG) << "a second time";
}

TEST_F(PinnedMemory, StaysHarmlessWhenTheVmIsGone) {
  unsigned char* memory = pin(4 * kMib, kMib);
  ASSERT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  memory[0] = 1;
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(byte_at(4 * kMib), 0) << "another guest";
  unsigned char* second = pin(4 * kMib, kMib);
  ASSERT_EQ(finish(PrlVm_Reset(vm)), PRL_ERR_SUCCESS);
  second[0] = 1;
  EXPECT_EQ(byte_at(4 * kMib), 0);
  ASSERT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Delete(vm, PRL_INVALID_HANDLE)), PRL_ERR_SUCCESS);
  std::memset(memory, 1, kMib);
  std::memset(second, 1, kMib);
  EXPECT_EQ(PrlSim_UnpinGuestMemory(second), PRL_ERR_SUCCESS);
}

// vm-lifecycle 2.3: the guest goes on while the snapshot is written.
TEST_F(PinnedMemory, IsInASnapshotAsItWasWhenThatBegan) {
  unsigned char* memory = pin(4 * kMib, kMib);
  memory[0] = 1;
  const Handle job(PrlVm_CreateSnapshot(vm, "one", ""));
  while (status_of(job) == PJS_RUNNING && state_of(vm) != VMS_SNAPSHOTING) continue;
  ASSERT_EQ(state_of(vm), VMS_SNAPSHOTING);
  memory[0] = 2;
  memory[kMib / 2] = 2;
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(job), PRL_ERR_SUCCESS);
  memory[1] = 3;
  EXPECT_EQ(byte_at(4 * kMib), 2);
  EXPECT_EQ(byte_at(4 * kMib + 1), 3) << "the pointer goes on";
  Handle result;
  ASSERT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  const std::string snapshot = text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlResult_GetParamAsString(result, text, length);
  });
  ASSERT_EQ(finish(PrlVm_SwitchToSnapshot(vm, snapshot.c_str())), PRL_ERR_SUCCESS);
  memory[0] = 4;
  EXPECT_EQ(byte_at(4 * kMib), 1);
  EXPECT_EQ(byte_at(4 * kMib + 1), 0);
  EXPECT_EQ(byte_at(4 * kMib + kMib / 2), 0);
}

TEST_F(PinnedMemory, IsRefusedWhereThereIsNone) {
  EXPECT_EQ(refusal(8 * kMib, 1), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(refusal(8 * kMib - 1, 2), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(refusal(1, UINT64_MAX), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(refusal(0, 0), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_PinGuestMemory(vm, 0, 1, nullptr), PRL_ERR_INVALID_ARG);
  pin(4 * kMib, 100);
  EXPECT_EQ(refusal(4 * kMib + 200, 1), PRL_ERR_INVALID_ARG) << "in the same page";
  pin(4 * kMib + 4096, 1);
  ASSERT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(refusal(0, 1), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  unsigned char mine = 0;
  EXPECT_EQ(PrlSim_UnpinGuestMemory(&mine), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_UnpinGuestMemory(nullptr), PRL_ERR_INVALID_ARG);
}

}  // namespace
}  // namespace prl::tests
