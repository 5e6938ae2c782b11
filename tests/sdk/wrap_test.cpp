// The loader that clients compile in: what it returns and what it leaves behind (core-api 9.2).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "SdkHandleWrap.h"
#include "Wrappers/SdkWrap/SdkWrap.h"
#include "tests/temporary_folder.h"

namespace {

class SdkWrap : public testing::Test {
 protected:
  ~SdkWrap() override { SdkWrap_Unload(); }
};

// A folder with the complete stub under the name of the real library; the process works in it.
class FolderWithLibrary {
 public:
  FolderWithLibrary() : before_(std::filesystem::current_path()) {
    std::filesystem::create_symlink(PRLSIM_COMPLETE_STUB, folder_ / "libprl_sdk.so");
    std::filesystem::current_path(folder_.path());
  }
  ~FolderWithLibrary() { std::filesystem::current_path(before_); }

 private:
  const std::filesystem::path before_;
  const prl::tests::TemporaryFolder folder_;
};

int stub_references() {
  return *static_cast<int*>(SdkWrap_GetSymbol("stub_references"));
}

TEST_F(SdkWrap, LoadsALibraryThatHasEveryFunction) {
  EXPECT_EQ(SdkWrap_IsLoaded(), PRL_BOOL(PRL_FALSE));
  EXPECT_EQ(SdkWrap_Load(PRLSIM_COMPLETE_STUB), PRL_ERR_SUCCESS);
  EXPECT_EQ(SdkWrap_IsLoaded(), PRL_BOOL(PRL_TRUE));
  EXPECT_NE(PrlVm_Suspend, nullptr);
  EXPECT_EQ(SdkWrap_GetSymbol("PrlVm_Suspend"), *reinterpret_cast<void**>(&PrlVm_Suspend));
  EXPECT_EQ(SdkWrap_GetSymbol("PrlVm_NoSuchThing"), nullptr);
}

TEST_F(SdkWrap, ForgetsEverythingWhenUnloaded) {
  ASSERT_EQ(SdkWrap_Load(PRLSIM_COMPLETE_STUB), PRL_ERR_SUCCESS);
  EXPECT_EQ(SdkWrap_Unload(), PRL_ERR_SUCCESS);
  EXPECT_EQ(SdkWrap_IsLoaded(), PRL_BOOL(PRL_FALSE));
  EXPECT_EQ(SdkWrap_GetSymbol("PrlVm_Suspend"), nullptr);
  EXPECT_EQ(PrlVm_Suspend, nullptr);
}

TEST_F(SdkWrap, RefusesToUnloadNothing) {
  EXPECT_EQ(SdkWrap_Unload(), PRL_ERR_UNINITIALIZED);
}

TEST_F(SdkWrap, FindsNoLibraryInAMissingFile) {
  EXPECT_EQ(SdkWrap_Load("/no/such/library"), PRL_ERR_FILE_NOT_FOUND);
  EXPECT_EQ(SdkWrap_IsLoaded(), PRL_BOOL(PRL_FALSE));
}

TEST_F(SdkWrap, UnloadsTheOldLibraryEvenWhenTheNewOneIsMissing) {
  ASSERT_EQ(SdkWrap_Load(PRLSIM_COMPLETE_STUB), PRL_ERR_SUCCESS);
  EXPECT_EQ(SdkWrap_Load("/no/such/library"), PRL_ERR_FILE_NOT_FOUND);
  EXPECT_EQ(SdkWrap_IsLoaded(), PRL_BOOL(PRL_FALSE));
  EXPECT_EQ(PrlVm_Suspend, nullptr);
}

TEST_F(SdkWrap, KeepsALibraryThatLacksFunctionsButSaysSo) {
  EXPECT_EQ(SdkWrap_Load(PRLSIM_INCOMPLETE_STUB), PRL_ERR_FAILURE);
  EXPECT_EQ(SdkWrap_IsLoaded(), PRL_BOOL(PRL_TRUE));
  EXPECT_NE(PrlHandle_AddRef, nullptr);
  EXPECT_EQ(PrlVm_Suspend, nullptr);
}

TEST_F(SdkWrap, CompletesTheNameOfAFile) {
  const FolderWithLibrary folder;
  EXPECT_EQ(SdkWrap_Load("./libprl_sdk"), PRL_ERR_SUCCESS);
  EXPECT_EQ(SdkWrap_Load("./libprl_sdk.so"), PRL_ERR_SUCCESS);
  EXPECT_EQ(SdkWrap_Load("./prl_sdk"), PRL_ERR_FILE_NOT_FOUND);
}

TEST_F(SdkWrap, FindsTheLibraryInTheWorkingFolder) {
  const FolderWithLibrary folder;
  EXPECT_EQ(SdkWrap_LoadLibFromStdPaths(), PRL_BOOL(PRL_TRUE));
}

TEST_F(SdkWrap, KeepsTheLoadedLibraryWhenAskedForTheStandardOne) {
  ASSERT_EQ(SdkWrap_Load(PRLSIM_INCOMPLETE_STUB), PRL_ERR_FAILURE);
  const FolderWithLibrary folder;
  EXPECT_EQ(SdkWrap_LoadLibFromStdPaths(), PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(PrlVm_Suspend, nullptr);
}

TEST_F(SdkWrap, SpellsCodesAsUnknownWithoutALibrary) {
  EXPECT_STREQ(prl_result_to_string(PRL_ERR_TIMEOUT), "Unknown");
}

TEST_F(SdkWrap, HandleHolderCountsReferences) {
  ASSERT_EQ(SdkWrap_Load(PRLSIM_COMPLETE_STUB), PRL_ERR_SUCCESS);
  const auto handle = reinterpret_cast<PRL_HANDLE>(0xFACE);
  {
    SdkHandleWrap first(handle);
    SdkHandleWrap second(first);
    EXPECT_EQ(stub_references(), 1);
    SdkHandleWrap third;
    EXPECT_FALSE(third.valid());
    third = second;
    EXPECT_EQ(stub_references(), 2);
    EXPECT_EQ(third.release(), handle);
    EXPECT_EQ(*second.GetHandlePtr(), PRL_HANDLE(PRL_INVALID_HANDLE));
    EXPECT_EQ(stub_references(), 1);
  }
  EXPECT_EQ(stub_references(), 0);
}

TEST_F(SdkWrap, HandleHolderMayOutliveTheLibrary) {
  ASSERT_EQ(SdkWrap_Load(PRLSIM_COMPLETE_STUB), PRL_ERR_SUCCESS);
  const SdkHandleWrap holder(reinterpret_cast<PRL_HANDLE>(0xFACE));
  EXPECT_EQ(SdkWrap_Unload(), PRL_ERR_SUCCESS);
}

}  // namespace
