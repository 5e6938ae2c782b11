// What a client is told of an image that cannot be used, that nothing is lost by trying, and which
// files a VM has that is suspended again and again.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "simulator/checksum.h"
#include "simulator/image_format.h"
#include "tests/sdk/session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

using Bytes = std::string;

Bytes read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string image_of(PRL_HANDLE vm) {
  return text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlSim_GetImagePath(vm, text, length); });
}

void set_header_checksum(Bytes& image) {
  const auto* first = reinterpret_cast<const std::byte*>(image.data());
  const uint64_t sum = sim::checksum({first, sim::kHeaderChecksumOffset});
  for (size_t i = 0; i < sizeof sum; ++i) {
    image[sim::kHeaderChecksumOffset + i] = static_cast<char>(sum >> (8 * i));
  }
}

// A home with a suspended VM whose memory holds something.
class DamagedImage : public testing::Test {
 protected:
  explicit DamagedImage(std::string scenario = kVirtualClock) : scenario_(std::move(scenario)) {
    ::setenv("PRLSIM_HOME", (folder_ / "home").c_str(), 1);
    session_.emplace(scenario_);
    vm_ = suspended("box");
  }
  ~DamagedImage() override {
    vm_ = Handle();
    session_.reset();
    ::unsetenv("PRLSIM_HOME");
  }

  Handle suspended(const std::string& name) {
    Handle vm = new_vm(session_->server, name);
    EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_WriteGuestMemory(vm, kAddress, kText, sizeof kText), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
    return vm;
  }

  // Paths of files of the VM.
  std::vector<std::string> files_ending(const std::string& ending) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "home/vms/box.pvm")) {
      if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
  }

  // Resuming the damaged image fails with the code and a text that names the file; the VM stays
  // suspended, and with the image mended it resumes as if nothing had been.
  void expect_refusal(const Bytes& damaged, PRL_RESULT code) {
    const std::string path = image_of(vm_);
    const Bytes whole = read_file(path);
    write_file(path, damaged);
    const Handle job(PrlVm_Resume(vm_));
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(job), code) << prl_result_to_string(code_of(job));
    Handle error;
    ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
    const std::string text = text_of([&error](PRL_STR buffer, PRL_UINT32_PTR length) {
      return PrlEvent_GetErrString(error, PRL_FALSE, PRL_FALSE, buffer, length);
    });
    EXPECT_NE(text.find(".sav"), std::string::npos) << text;
    EXPECT_EQ(state_of(vm_), VMS_SUSPENDED);
    EXPECT_EQ(read_file(path), damaged);

    write_file(path, whole);
    EXPECT_EQ(finish(PrlVm_Resume(vm_)), PRL_ERR_SUCCESS);
    char read[sizeof kText] = {};
    EXPECT_EQ(PrlSim_ReadGuestMemory(vm_, kAddress, read, sizeof read), PRL_ERR_SUCCESS);
    EXPECT_STREQ(read, kText);
  }

  const std::string scenario_;
  static constexpr PRL_UINT64 kAddress = 0x5000;
  static constexpr char kText[] = "still here";
  TemporaryFolder folder_;
  std::optional<Session> session_;
  Handle vm_;
};

class WhollyVerifiedImage : public DamagedImage {
 protected:
  WhollyVerifiedImage() : DamagedImage(std::string(kVirtualClock) + "\nverify = \"whole\"\n") {}
};

TEST_F(WhollyVerifiedImage, WithAFlippedByteOfMemoryIsRefused) {
  Bytes image = read_file(image_of(vm_));
  image.back() = static_cast<char>(image.back() ^ 1);  // the last page
  expect_refusal(image, PRL_ERR_CORE_STATE_CORRUPT_MEM_FILE);
}

// The page is found out when the guest's memory is looked at: the VM process does not outlive it.
TEST_F(DamagedImage, WithAFlippedByteOfMemoryEndsTheVmAtItsFirstUse) {
  Bytes image = read_file(image_of(vm_));
  image.back() = static_cast<char>(image.back() ^ 1);  // the page at kAddress
  write_file(image_of(vm_), image);
  ASSERT_EQ(finish(PrlVm_Resume(vm_)), PRL_ERR_SUCCESS);
  char first = 0;
  ASSERT_EQ(PrlSim_ReadGuestMemory(vm_, 0, &first, 1), PRL_ERR_SUCCESS) << "another page";

  Recorder recorder(session_->server);
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm_, kAddress, &first, 1), PRL_ERR_CORE_STATE_CORRUPT_MEM_FILE);
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm_, 0, &first, 1), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(PrlSim_AdvanceTime(1000), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(vm_));
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_STOPPING, VMS_STOPPED}));
  EXPECT_EQ(seen.front().event, PET_DSP_EVT_VM_ABORTED);
  EXPECT_EQ(seen.front().issuer, uuid_of(vm_));

  EXPECT_EQ(finish(PrlVm_Start(vm_)), PRL_ERR_SUCCESS) << "a cold start";
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm_, kAddress, &first, 1), PRL_ERR_SUCCESS);
  EXPECT_EQ(first, 0);
}

TEST_F(DamagedImage, WhoseBaseIsMissingIsRefusedByTheNameOfTheBase) {
  ASSERT_EQ(finish(PrlVm_Resume(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Suspend(vm_)), PRL_ERR_SUCCESS);
  const auto base = files_ending(".base");
  ASSERT_EQ(base.size(), 1u);
  const Bytes content = read_file(base.front());
  std::filesystem::remove(base.front());
  EXPECT_EQ(finish(PrlVm_Resume(vm_)), PRL_ERR_VM_RESUME_FAILED);
  EXPECT_EQ(state_of(vm_), VMS_SUSPENDED);
  write_file(base.front(), content);
  EXPECT_EQ(finish(PrlVm_Resume(vm_)), PRL_ERR_SUCCESS);
}

// An image that nothing rests on any more never stays.
TEST_F(DamagedImage, LeavesNoFileBehindWhateverComesAfterIt) {
  const auto resume_and = [&](auto act) {
    ASSERT_EQ(finish(PrlVm_Resume(vm_)), PRL_ERR_SUCCESS);
    EXPECT_EQ(files_ending(".base").size(), 1u);
    EXPECT_EQ(files_ending(".sav").size(), 0u);
    act();
  };
  resume_and([&] { EXPECT_EQ(finish(PrlVm_Stop(vm_, PRL_FALSE)), PRL_ERR_SUCCESS); });
  EXPECT_EQ(files_ending(""), std::vector<std::string>());
  const auto suspend = [&] {
    if (state_of(vm_) == VMS_STOPPED) {
      ASSERT_EQ(finish(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
    }
    ASSERT_EQ(PrlSim_WriteGuestMemory(vm_, kAddress, kText, sizeof kText), PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_Suspend(vm_)), PRL_ERR_SUCCESS);
  };
  suspend();
  resume_and([&] { EXPECT_EQ(finish(PrlVm_Reset(vm_)), PRL_ERR_SUCCESS); });
  EXPECT_EQ(files_ending(""), std::vector<std::string>());
  suspend();
  resume_and([&] { EXPECT_EQ(finish(PrlVm_Restart(vm_)), PRL_ERR_SUCCESS); });
  EXPECT_EQ(PrlSim_AdvanceTime(1), PRL_ERR_SUCCESS);
  EXPECT_EQ(files_ending(""), std::vector<std::string>());
  suspend();
  resume_and([&] { EXPECT_EQ(finish(PrlVm_Suspend(vm_)), PRL_ERR_SUCCESS); });
  EXPECT_EQ(files_ending("").size(), 2u) << "a delta and its base";
  EXPECT_EQ(finish(PrlVm_DropSuspendedState(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(files_ending(""), std::vector<std::string>());
}

TEST_F(DamagedImage, WithAFlippedByteInItsHeaderIsRefused) {
  Bytes image = read_file(image_of(vm_));
  image[sim::kHeaderFieldBytes - 1] = static_cast<char>(image[sim::kHeaderFieldBytes - 1] ^ 1);
  expect_refusal(image, PRL_ERR_CORE_STATE_CORRUPT_SAV_FILE);
}

TEST_F(DamagedImage, WithAFlippedByteInItsFirstSectionIsRefused) {
  Bytes image = read_file(image_of(vm_));
  constexpr size_t kOffsetField = 104;
  uint64_t offset = 0;
  std::memcpy(&offset, &image[kOffsetField], sizeof offset);
  image[offset] = static_cast<char>(image[offset] ^ 1);
  expect_refusal(image, PRL_ERR_CORE_STATE_CORRUPT_SAV_FILE);
}

TEST_F(DamagedImage, ThatEndsEarlyIsRefused) {
  Bytes image = read_file(image_of(vm_));
  image.resize(image.size() - 4096);
  expect_refusal(image, PRL_ERR_STATE_INT_CORRUPTED);
}

TEST_F(DamagedImage, OfANewerVersionIsRefused) {
  Bytes image = read_file(image_of(vm_));
  image[sim::kImageMagic.size()] = static_cast<char>(sim::kImageFormatVersion + 1);
  set_header_checksum(image);
  expect_refusal(image, PRL_ERR_CORE_STATE_INV_SAV_VERSION);
}

TEST_F(DamagedImage, OfAnotherVmIsRefused) {
  const Handle other = suspended("other");
  expect_refusal(read_file(image_of(other)), PRL_ERR_VM_SUSPEND_CHANGED_VM_CONFIG);
}

}  // namespace
}  // namespace prl::tests
