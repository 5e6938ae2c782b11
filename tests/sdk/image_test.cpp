// What a client is told of an image that cannot be used, and that nothing is lost by trying.
#include <cstdlib>
#include <cstring>
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
  DamagedImage() {
    ::setenv("PRLSIM_HOME", (folder_ / "home").c_str(), 1);
    session_.emplace();
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

  static constexpr PRL_UINT64 kAddress = 0x5000;
  static constexpr char kText[] = "still here";
  TemporaryFolder folder_;
  std::optional<Session> session_;
  Handle vm_;
};

TEST_F(DamagedImage, WithAFlippedByteOfMemoryIsRefused) {
  Bytes image = read_file(image_of(vm_));
  image.back() = static_cast<char>(image.back() ^ 1);  // the last page
  expect_refusal(image, PRL_ERR_CORE_STATE_CORRUPT_MEM_FILE);
}

TEST_F(DamagedImage, WithAFlippedByteInItsHeaderIsRefused) {
  Bytes image = read_file(image_of(vm_));
  image[sim::kHeaderFieldBytes - 1] = static_cast<char>(image[sim::kHeaderFieldBytes - 1] ^ 1);
  expect_refusal(image, PRL_ERR_CORE_STATE_CORRUPT_SAV_FILE);
}

TEST_F(DamagedImage, WithAFlippedByteInItsFirstSectionIsRefused) {
  Bytes image = read_file(image_of(vm_));
  image[sim::kHeaderBytes] = static_cast<char>(image[sim::kHeaderBytes] ^ 1);
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
