// A call for which there is no memory says so, leaves its line in the trace, and does nothing else.
#include <gtest/gtest.h>
#include <prlsdk/prl_kit.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

namespace {

constexpr size_t kLargeBytes = size_t{1} << 20;
std::atomic<bool> is_scarce{false};

}  // namespace

// The library takes these for its own: nothing large can be had while memory is scarce.
void* operator new(size_t bytes) {
  void* memory = is_scarce && bytes >= kLargeBytes ? nullptr : std::malloc(bytes);
  if (!memory) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace prl::tests {
namespace {

TEST(ACallWithoutMemory, LeavesItsLineInTheTrace) {
  kit::World world;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlApi_CreateStringsList(&list), PRL_ERR_SUCCESS);
  const std::string item(2 * kLargeBytes, 'x');
  is_scarce = true;
  const PRL_RESULT code = PrlStrList_AddItem(list, item.c_str());
  is_scarce = false;
  EXPECT_EQ(code, PRL_ERR_OUT_OF_MEMORY);
  EXPECT_EQ(world.trace().back().text, "PrlStrList_AddItem = PRL_ERR_OUT_OF_MEMORY");
  PRL_UINT32 count = 7;
  EXPECT_EQ(PrlStrList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(PrlHandle_Free(list), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
