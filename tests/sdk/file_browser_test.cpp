// The files of a host, as clients browse and change them (core-api 4).
#include <gtest/gtest.h>
#include <prlsdk/Parallels.h>

#include <string>
#include <vector>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

class FileBrowser : public ::testing::Test {
 protected:
  PRL_HANDLE server() const { return session_.server(); }

  // Names of what a job's answer lists.
  std::vector<std::string> names_of(PRL_HANDLE job) const {
    const PRL_HANDLE info = object_of(job);
    std::vector<std::string> names;
    PRL_UINT32 count = 0;
    EXPECT_EQ(PrlFsInfo_GetChildEntriesCount(info, &count), PRL_ERR_SUCCESS);
    for (PRL_UINT32 i = 0; i < count; ++i) {
      PRL_HANDLE entry = PRL_INVALID_HANDLE;
      EXPECT_EQ(PrlFsInfo_GetChildEntry(info, i, &entry), PRL_ERR_SUCCESS);
      names.push_back(text_of(entry, PrlFsEntry_GetRelativeName));
      PrlHandle_Free(entry);
    }
    PrlHandle_Free(info);
    return names;
  }
  std::string generated(const char* folder) const {
    const PRL_HANDLE job =
        PrlSrv_FsGenerateEntryName(server(), folder, "disk", ".hdd", "-");
    EXPECT_EQ(PrlJob_Wait(job, kJobWaitMs), PRL_ERR_SUCCESS);
    PRL_HANDLE result = PRL_INVALID_HANDLE;
    char text[64] = {};
    PRL_UINT32 bytes = sizeof text;
    EXPECT_EQ(PrlJob_GetResult(job, &result), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlResult_GetParamAsString(result, text, &bytes), PRL_ERR_SUCCESS);
    PrlHandle_Free(result);
    PrlHandle_Free(job);
    return text;
  }

  InitialisedLibrary library_;
  ApiSession session_;
};

using Names = std::vector<std::string>;

TEST_F(FileBrowser, ListsFoldersOfTheHost) {
  EXPECT_EQ(names_of(PrlSrv_FsGetDiskList(server())).size(), 1u);
  EXPECT_EQ(names_of(PrlSrv_FsGetDirEntries(server(), "/")), (Names{"home", "prlsim", "tmp"}));
  EXPECT_EQ(names_of(PrlSrv_FsGetDirEntries(server(), "/prlsim//images/")),
            Names{"install.iso"});
}

TEST_F(FileBrowser, NamesTheFolderThatItLists) {
  const PRL_HANDLE info = object_of(PrlSrv_FsGetDirEntries(server(), "/prlsim/images"));
  PRL_HANDLE parent = PRL_INVALID_HANDLE;
  PRL_HANDLE file = PRL_INVALID_HANDLE;
  PRL_UINT64 size = 0;
  PRL_FILE_SYSTEM_ELEMENT_TYPE type = PSE_DRIVE;
  ASSERT_EQ(PrlFsInfo_GetParentEntry(info, &parent), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(parent, PrlFsEntry_GetAbsolutePath), "/prlsim/images");
  ASSERT_EQ(PrlFsInfo_GetChildEntry(info, 0, &file), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlFsEntry_GetSize(file, &size), PRL_ERR_SUCCESS);
  EXPECT_GT(size, 0u);
  EXPECT_EQ(PrlFsEntry_GetType(file, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PSE_FILE);
  for (const PRL_HANDLE handle : {info, parent, file}) PrlHandle_Free(handle);
}

TEST_F(FileBrowser, RefusesPathsThatLeadNowhere) {
  EXPECT_EQ(code_of(PrlSrv_FsGetDirEntries(server(), "/none")),
            PRL_ERR_DIRECTORY_DOES_NOT_EXIST);
  EXPECT_EQ(code_of(PrlSrv_FsGetDirEntries(server(), "home")), PRL_ERR_DIRECTORY_DOES_NOT_EXIST);
  EXPECT_EQ(code_of(PrlSrv_FsGetDirEntries(server(), "/home/../etc")),
            PRL_ERR_DIRECTORY_DOES_NOT_EXIST);
  EXPECT_EQ(code_of(PrlSrv_FsGetDirEntries(server(), "/prlsim/images/install.iso")),
            PRL_ERR_TARGET_PATH_IS_NOT_DIRECTORY);
  EXPECT_EQ(code_of(PrlSrv_GetDiskFreeSpace(server(), "/none", 0)),
            PRL_ERR_DIRECTORY_DOES_NOT_EXIST);
  EXPECT_EQ(code_of(PrlSrv_GetDiskFreeSpace(server(), "/", 0)), PRL_ERR_SUCCESS);
}

TEST_F(FileBrowser, CreatesRenamesAndRemoves) {
  EXPECT_EQ(names_of(PrlSrv_FsCreateDir(server(), "/home/user/a")), Names{"a"});
  EXPECT_EQ(code_of(PrlSrv_FsCreateDir(server(), "/home/user/a")), PRL_ERR_ENTRY_ALREADY_EXISTS);
  EXPECT_EQ(code_of(PrlSrv_FsCreateDir(server(), "/home/user/x/y")),
            PRL_ERR_DIRECTORY_DOES_NOT_EXIST);
  EXPECT_EQ(names_of(PrlSrv_FsCreateDir(server(), "/home/user/a/b")), Names{"b"});
  EXPECT_EQ(code_of(PrlSrv_FsRenameEntry(server(), "/home/user/a", "/home/user/a/b/c")),
            PRL_ERR_ACCESS_DENIED);
  EXPECT_EQ(names_of(PrlSrv_FsRenameEntry(server(), "/home/user/a", "/tmp/z")), Names{"z"});
  EXPECT_EQ(names_of(PrlSrv_FsGetDirEntries(server(), "/tmp/z")), Names{"b"});
  EXPECT_EQ(names_of(PrlSrv_FsRemoveEntry(server(), "/tmp/z")), Names{});
  EXPECT_EQ(code_of(PrlSrv_FsGetDirEntries(server(), "/tmp/z/b")),
            PRL_ERR_DIRECTORY_DOES_NOT_EXIST);
  EXPECT_EQ(code_of(PrlSrv_FsRemoveEntry(server(), "/")), PRL_ERR_ACCESS_DENIED);
}

TEST_F(FileBrowser, GeneratesNamesThatAreFree) {
  EXPECT_EQ(generated("/tmp"), "disk.hdd");
  code_of(PrlSrv_FsCreateDir(server(), "/tmp/disk.hdd"));
  EXPECT_EQ(generated("/tmp"), "disk-1.hdd");
  EXPECT_EQ(code_of(PrlSrv_FsCanCreateFile(server(), "/tmp/disk-1.hdd")), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlSrv_FsCanCreateFile(server(), "/tmp/disk.hdd")), PRL_ERR_ACCESS_DENIED);
}

}  // namespace
}  // namespace prl::tests
