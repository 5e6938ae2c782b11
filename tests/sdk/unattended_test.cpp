// Discs, floppies and disks with the answers that installers of guest systems ask for.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

#include "tests/sdk/session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

constexpr size_t kFloppyBytes = 2880 * 512;

PRL_UINT32 number_at(const std::string& bytes, size_t at, size_t count) {
  PRL_UINT32 number = 0;
  for (size_t i = 0; i < count; ++i) {
    number |= PRL_UINT32{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return number;
}

// The content of a file of a FAT12 floppy, by its short name of 11 letters.
std::optional<std::string> file_on_floppy(const std::string& image, const std::string& name) {
  constexpr size_t kRoot = 19 * 512, kData = 33 * 512;
  if (image.size() != kFloppyBytes || image.substr(510, 2) != "\x55\xAA") return std::nullopt;
  for (size_t entry = kRoot; entry < kData; entry += 32) {
    if (image.substr(entry, 11) != name || image[entry + 11] == 0x0F) continue;
    std::string content;
    std::set<PRL_UINT32> passed;
    PRL_UINT32 cluster = number_at(image, entry + 26, 2);
    while (cluster >= 2 && cluster < 0xFF8 && passed.insert(cluster).second) {
      content += image.substr(kData + (cluster - 2) * size_t{512}, 512);
      const PRL_UINT32 pair = number_at(image, 512 + cluster / 2 * size_t{3}, 3);
      cluster = cluster % 2 ? pair >> 12 : pair & 0xFFF;
    }
    const PRL_UINT32 bytes = number_at(image, entry + 28, 4);
    if (content.size() < bytes || content.size() >= bytes + 512) return std::nullopt;
    return content.substr(0, bytes);
  }
  return std::nullopt;
}

// The content of a file in the root folder of an ISO 9660 disc.
std::optional<std::string> file_on_disc(const std::string& image, const std::string& name) {
  constexpr size_t kSector = 2048, kVolume = 16 * kSector;
  if (image.size() < kVolume + kSector || image.substr(kVolume + 1, 5) != "CD001") {
    return std::nullopt;
  }
  if (number_at(image, kVolume + 80, 4) * kSector != image.size()) return std::nullopt;
  size_t at = number_at(image, kVolume + 156 + 2, 4) * kSector;
  for (; image[at] != 0; at += static_cast<unsigned char>(image[at])) {
    if (image.substr(at + 33, number_at(image, at + 32, 1)) != name) continue;
    return image.substr(number_at(image, at + 2, 4) * kSector, number_at(image, at + 10, 4));
  }
  return std::nullopt;
}

std::string folder_of(PRL_HANDLE vm) {
  const std::string image = text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlSim_GetImagePath(vm, text, length); });
  return image.substr(0, image.rfind('/') + 1);
}

// A host whose files are files of this machine.
struct AHostWithAHome : testing::Test {
  AHostWithAHome() {
    ::setenv("PRLSIM_HOME", (home / "host").c_str(), 1);
    ::setenv("PRLSIM_CLOCK", "virtual", 1);
    session.emplace("");
    vm = new_vm(session->server, "box");
  }
  ~AHostWithAHome() override {
    vm = Handle();
    session.reset();
    ::unsetenv("PRLSIM_HOME");
    ::unsetenv("PRLSIM_CLOCK");
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  PRL_HANDLE create_cd(PRL_UINT32 guest, const std::string& distribution,
                       const std::string& path) const {
    return PrlSrv_CreateUnattendedCd(session->server, guest, "jo", "s3cret", "Jo Doe",
                                     distribution.c_str(), path.c_str());
  }

  const TemporaryFolder home;
  std::optional<Session> session;
  Handle vm;
};

// -- Floppies.

TEST_F(AHostWithAHome, PutsAFloppyIntoTheFolderOfTheVm) {
  const auto create = [&](PRL_GUEST_DISTRO_VERSION_ENUM version, const char* user) {
    return finish(PrlVm_CreateUnattendedFloppy(vm, version, user, "Works <1>", "AAAA-BBBB"));
  };
  const std::string path = folder_of(vm) + "unattended.fdd";
  ASSERT_EQ(create(PGD_WINDOWS_XP_32, "jo"), PRL_ERR_SUCCESS);
  const std::string old = file_on_floppy(read(path), "WINNT   SIF").value_or("");
  EXPECT_NE(old.find("FullName=\"jo\""), std::string::npos) << old;
  EXPECT_NE(old.find("ProductKey=\"AAAA-BBBB\""), std::string::npos) << old;
  ASSERT_EQ(create(PGD_WINDOWS_10_64, "al"), PRL_ERR_SUCCESS);
  const std::string image = read(path);
  EXPECT_FALSE(file_on_floppy(image, "WINNT   SIF"));
  const std::string answers = file_on_floppy(image, "AUTOUN~1XML").value_or("");
  EXPECT_NE(answers.find("<Name>al</Name>"), std::string::npos) << answers;
  EXPECT_NE(answers.find("<Organization>Works &lt;1&gt;</Organization>"), std::string::npos);
  EXPECT_EQ(create(PGD_UNKNOWN, "al"), PRL_ERR_UNATTENDED_UNSUPPORTED_GUEST);
  EXPECT_EQ(create(static_cast<PRL_GUEST_DISTRO_VERSION_ENUM>(8), "al"), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(create(PGD_WINDOWS_10_64, std::string(2000, 'x').c_str()), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(read(path), image);
  EXPECT_EQ(finish(PrlVm_Unreg(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(create(PGD_WINDOWS_10_64, "al"), PRL_ERR_VM_UUID_NOT_FOUND);
}

TEST_F(AHostWithAHome, SaysWhereAFloppyCannotBeWritten) {
  const std::string path = folder_of(vm) + "unattended.fdd";
  ASSERT_TRUE(std::filesystem::create_directory(path));
  EXPECT_EQ(finish(PrlVm_CreateUnattendedFloppy(vm, PGD_WINDOWS_10_64, "jo", "", "")),
            PRL_ERR_CANT_CREATE_FLOPPY_IMAGE);
}

// -- Disks.

TEST(ADiskOfAnswers, IsReadLikeAnyOther) {
  const Session session;
  const Handle vm = new_vm(session.server, "box");
  const auto create = [&] {
    return finish(PrlVm_CreateUnattendedDisk(vm, PGD_WINDOWS_10_64, "jo", "Works", "AAAA"));
  };
  ASSERT_EQ(create(), PRL_ERR_SUCCESS);
  const std::string path = folder_of(vm) + "unattended.hdd";
  Handle disk;
  ASSERT_EQ(PrlDisk_OpenDisk(disk.out(), path.c_str(), PRL_DISK_READ, nullptr), PRL_ERR_SUCCESS);
  std::string image(kFloppyBytes, '?');
  ASSERT_EQ(PrlDisk_Read(disk, image.data(), static_cast<PRL_UINT32>(image.size()), 0),
            PRL_ERR_SUCCESS);
  const std::string answers = file_on_floppy(image, "AUTOUN~1XML").value_or("");
  EXPECT_NE(answers.find("<Key>AAAA</Key>"), std::string::npos) << answers;
  EXPECT_EQ(create(), PRL_ERR_DISK_SHARING_VIOLATION) << "it is open";
  disk = Handle();
  EXPECT_EQ(create(), PRL_ERR_SUCCESS) << "in place of the old one";
  EXPECT_EQ(finish(PrlVm_CreateUnattendedDisk(vm, PGD_UNKNOWN, "jo", "", "")),
            PRL_ERR_UNATTENDED_UNSUPPORTED_GUEST);
}

// -- Discs.

TEST_F(AHostWithAHome, WritesADiscWithTheAnswers) {
  const std::string distribution = home / "distribution.iso";
  const std::string path = home / "answers.iso";
  EXPECT_EQ(finish(create_cd(PVS_GUEST_TYPE_LINUX, distribution, path)), PRL_ERR_FILE_NOT_FOUND);
  std::ofstream(distribution) << "files";
  ASSERT_EQ(finish(create_cd(PVS_GUEST_TYPE_LINUX, distribution, path)), PRL_ERR_SUCCESS);
  const std::string answers = file_on_disc(read(path), "KS.CFG;1").value_or("");
  EXPECT_NE(answers.find("user --name=\"jo\""), std::string::npos) << answers;
  EXPECT_NE(answers.find(distribution), std::string::npos) << answers;
  ASSERT_EQ(finish(create_cd(PVS_GUEST_VER_WIN_WINDOWS_11, distribution, path)), PRL_ERR_SUCCESS);
  const std::string windows = file_on_disc(read(path), "AUTOUNATTEND.XML;1").value_or("");
  EXPECT_NE(windows.find("<Value>s3cret</Value>"), std::string::npos) << windows;
  EXPECT_EQ(finish(create_cd(PVS_GUEST_TYPE_LINUX, distribution, distribution)),
            PRL_ERR_ENTRY_ALREADY_EXISTS);
  EXPECT_EQ(finish(create_cd(PVS_GUEST_TYPE_LINUX, distribution, home / "no/such/answers.iso")),
            PRL_ERR_DIRECTORY_DOES_NOT_EXIST);
  EXPECT_EQ(finish(create_cd(PVS_GUEST_TYPE_FREEBSD, distribution, path)),
            PRL_ERR_UNATTENDED_UNSUPPORTED_GUEST);
  EXPECT_EQ(finish(create_cd(0x7777, distribution, path)), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(read(path).size() % 2048, 0u);
}

TEST(ADisc, IsShownAmongTheFilesOfTheHost) {
  const Session session;
  const auto create = [&](const char* path) {
    return finish(PrlSrv_CreateUnattendedCd(session.server, PVS_GUEST_TYPE_WINDOWS, "jo", "", "",
                                            "/prlsim/images/install.iso", path));
  };
  ASSERT_EQ(create("/prlsim/images/answers.iso"), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_FsCanCreateFile(session.server, "/prlsim/images/answers.iso")),
            PRL_ERR_ACCESS_DENIED);
  EXPECT_EQ(create("/prlsim/images"), PRL_ERR_ENTRY_ALREADY_EXISTS);
  EXPECT_EQ(create("answers.iso"), PRL_ERR_ACCESS_DENIED) << "a relative path";
}

}  // namespace
}  // namespace prl::tests
