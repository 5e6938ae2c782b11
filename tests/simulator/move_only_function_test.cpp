#include "simulator/move_only_function.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace prl::sim {
namespace {

using Function = MoveOnlyFunction<int(int)>;

// Counts the copies of itself that there are.
struct Counted {
  explicit Counted(int& alive) : alive_(&alive) { ++alive; }
  Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
  Counted(Counted&& other) noexcept : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive_; }

 private:
  int* alive_;
};

TEST(AFunction, IsEmptyUntilItIsMadeOfSomething) {
  EXPECT_FALSE(Function());
  EXPECT_FALSE(Function(nullptr));
  EXPECT_FALSE(Function(std::function<int(int)>()));
  EXPECT_FALSE(Function(static_cast<int (*)(int)>(nullptr)));
  EXPECT_TRUE(Function([](int x) { return x; }));
}

TEST(AFunction, CallsWhatItWasMadeOf) {
  int calls = 0;
  Function counts = [calls](int x) mutable { return x + ++calls; };
  EXPECT_EQ(counts(10), 11);
  EXPECT_EQ(counts(10), 12);
  Function of_another = std::function<int(int)>([](int x) { return 2 * x; });
  EXPECT_EQ(of_another(21), 42);
}

TEST(AFunction, PassesOnWhatItIsCalledWith) {
  MoveOnlyFunction<std::string(std::string&, std::unique_ptr<int>)> takes =
      [](std::string& text, std::unique_ptr<int> number) {
        text += "!";
        return std::to_string(*number);
      };
  std::string text = "a";
  EXPECT_EQ(takes(text, std::make_unique<int>(7)), "7");
  EXPECT_EQ(text, "a!");
}

TEST(AFunction, IsEmptyWhenItHasMovedAway) {
  Function from = [number = std::make_unique<int>(3)](int x) { return x + *number; };
  Function to = std::move(from);
  EXPECT_FALSE(from);
  EXPECT_EQ(to(1), 4);
  from = std::move(to);
  EXPECT_EQ(from(2), 5);
  Function& same = from;
  from = std::move(same);
  EXPECT_EQ(from(3), 6);
}

// Of every size, inside or on the heap.
template <size_t kBytes>
void lets_go_of_what_it_holds() {
  int alive = 0;
  {
    const std::array<char, kBytes> ballast{};
    MoveOnlyFunction<int(int)> one = [counted = Counted(alive), ballast](int x) {
      return x + static_cast<int>(ballast.size());
    };
    EXPECT_EQ(alive, 1) << kBytes;
    MoveOnlyFunction<int(int)> other = std::move(one);
    EXPECT_EQ(alive, 1) << kBytes;
    EXPECT_EQ(other(1), static_cast<int>(kBytes) + 1);
    other = [](int x) { return x; };
    EXPECT_EQ(alive, 0) << kBytes;
    one = [counted = Counted(alive), ballast](int x) { return x + ballast[0]; };
    EXPECT_EQ(alive, 1) << kBytes;
    one = nullptr;
    EXPECT_EQ(alive, 0) << kBytes;
    other = [counted = Counted(alive), ballast](int x) { return x + ballast[0]; };
  }
  EXPECT_EQ(alive, 0) << kBytes;
}

TEST(AFunction, LetsGoOfWhatItHolds) {
  lets_go_of_what_it_holds<1>();
  lets_go_of_what_it_holds<40>();
  lets_go_of_what_it_holds<41>();
  lets_go_of_what_it_holds<1000>();
}

}  // namespace
}  // namespace prl::sim
