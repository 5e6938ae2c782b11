// Every function of the API with bad arguments: nothing crashes, nothing leaks, nothing is written,
// and the answer is the one of core-api 1.4, 2.4 and 2.5. Whether a function is modelled, and how,
// makes no difference to these rules; a function that is not modelled answers that it is not.
// MISUSE_SEED chooses the random arguments.
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <random>

#include "tests/sdk/misuse_arguments.h"
#include "tests/sdk/misuse_objects.h"
#include "tests/sdk/misuse_rules.h"

namespace prl::tests {
namespace {

using sdk::Api;
using sdk::Binding;
using sdk::Kind;

bool is_modelled(const MisuseCall& call) { return call.info().binding != Binding::kNone; }

bool has_handle(const MisuseCall& call) {
  return std::ranges::find(call.takes, Takes::kHandle) != call.takes.end();
}

bool is_pointer(Takes takes) {
  return takes == Takes::kText || takes == Takes::kLength || takes == Takes::kIn ||
         takes == Takes::kOut || takes == Takes::kCallback;
}

uint64_t seed() {
  const char* given = std::getenv("MISUSE_SEED");
  return given ? std::strtoull(given, nullptr, 0) : 1;
}

// Bits that name no object: above 32 of them, or below where the counter starts (core-api 2.1).
class WildHandles {
 public:
  Word next() {
    const Word bits = engine_();
    return bits & 1 ? bits | Word{1} << 32 : bits % 0xFACE;
  }
  Word any_word() { return engine_(); }

 private:
  std::mt19937_64 engine_{seed()};
};

// Takes over the finished job that an asynchronous function returns at once.
void expect_finished_job(const MisuseCall& call, Word returned, PRL_RESULT expected,
                         const char* misuse) {
  const Handle job(handle_of(returned));
  const std::string_view name = call.info().name;
  PRL_BOOL sent = PRL_TRUE;
  ASSERT_NE(job.get(), kNoHandle) << name << ": " << misuse;
  EXPECT_EQ(status_of(job), PJS_FINISHED) << name << ": " << misuse;
  EXPECT_EQ(code_of(job), expected) << name << ": " << misuse;
  EXPECT_EQ(operation_of(job), call.info().job_operation) << name << ": " << misuse;
  EXPECT_EQ(PrlJob_IsRequestWasSent(job, &sent), PRL_ERR_SUCCESS);
  EXPECT_EQ(sent, PRL_BOOL(PRL_FALSE)) << name << ": " << misuse;
}

void expect_answer(const MisuseCall& call, Word returned, PRL_RESULT expected,
                   const char* misuse) {
  if (call.info().kind == Kind::kAsync) {
    expect_finished_job(call, returned, expected, misuse);
  } else {
    EXPECT_EQ(static_cast<PRL_RESULT>(returned), expected) << call.info().name << ": " << misuse;
  }
}

// Makes the call with bad arguments of an initialised library.
void expect_refused(const MisuseCall& call, Arguments& arguments, const char* misuse,
                    PRL_RESULT code = PRL_ERR_INVALID_ARG) {
  const PRL_UINT32 handles = live_handles();
  expect_answer(call, arguments.call(),
                is_modelled(call) ? code : PRL_ERR_UNIMPLEMENTED, misuse);
  EXPECT_TRUE(arguments.are_untouched()) << call.info().name << ": " << misuse;
  EXPECT_EQ(live_handles(), handles) << call.info().name << ": " << misuse;
}

// -- Before Init and after Deinit.

void expect_not_initialised(const MisuseCall& call, Arguments& arguments) {
  const Word returned = arguments.call();
  if (call.info().kind == Kind::kAsync) {
    EXPECT_EQ(handle_of(returned), kNoHandle) << call.info().name;
  } else {
    EXPECT_EQ(static_cast<PRL_RESULT>(returned), PRL_ERR_API_WASNT_INITIALIZED)
        << call.info().name;
  }
  EXPECT_TRUE(arguments.are_untouched()) << call.info().name;
}

void expect_all_not_initialised() {
  WildHandles wild;
  for (const MisuseCall& call : all_calls()) {
    if (!call.info().needs_init) continue;
    Arguments good(call), zero(call), random(call);
    for (size_t i = 0; i < call.takes.size(); ++i) {
      zero.set(i, 0);
      random.set(i, wild.any_word());
    }
    expect_not_initialised(call, good);
    expect_not_initialised(call, zero);
    expect_not_initialised(call, random);
  }
}

// core-api 12, invariants 1 and 2
TEST(AnUninitialisedLibrary, SaysSoWhateverTheArguments) {
  expect_all_not_initialised();
  { const Library library; }
  expect_all_not_initialised();
}

// core-api 1.4
TEST(AnUninitialisedLibrary, AnswersTheFewFunctionsThatNeedNoInit) {
  size_t answered = 0;
  for (const MisuseCall& call : all_calls()) {
    if (call.info().needs_init) continue;
    const auto* answer = std::ranges::find(kEarlyAnswers, call.info().name, &EarlyAnswer::name);
    ASSERT_NE(answer, std::end(kEarlyAnswers)) << call.info().name;
    Arguments good(call), null(call);
    for (size_t i = 0; i < call.takes.size(); ++i) {
      const bool is_number = call.takes[i] == Takes::kNumber || call.takes[i] == Takes::kEnum;
      if (is_number) good.set(i, UINT32_MAX);
      null.set(i, is_number ? UINT32_MAX : 0);
    }
    if (call.api == Api::kPrlBuffer_Free) good.set(0, 0);
    expect_answer(call, good.call(), answer->good, "good arguments");
    expect_answer(call, null.call(), answer->with_null, "NULL");
    ++answered;
  }
  EXPECT_EQ(answered, std::size(kEarlyAnswers));
}

// -- After Init.

Arguments fitting_arguments(const MisuseCall& call, const Objects& objects) {
  Arguments arguments(call);
  fit_first_handle(call, objects, arguments);
  return arguments;
}

bool takes_handle(const MisuseCall& call, size_t parameter, PRL_HANDLE_TYPE type) {
  const std::string_view name = call.info().name;
  if (is_excepted(kTakesAnyLiveHandle, name, parameter)) return true;
  if (const auto* second = second_handle(name, parameter)) return type == second->type;
  if (parameter == 1) return type == value_type(call.api);
  return parameter == 0 && takes_type(handle_rule(name), type);
}

void misuse_handle(const MisuseCall& call, size_t parameter, const Objects& objects,
                   WildHandles& wild) {
  const auto refuse = [&](Word handle, const char* misuse) {
    Arguments arguments = fitting_arguments(call, objects);
    arguments.set(parameter, handle);
    expect_refused(call, arguments, misuse);
  };
  if (is_modelled(call) && is_excepted(kTakesAnyBits, call.info().name, parameter)) return;
  if (!may_be_null(call, parameter)) refuse(0, "NULL for a handle");
  for (const PRL_HANDLE freed : objects.freed()) refuse(word_of(freed), "a freed handle");
  for (int i = 0; i < 4; ++i) refuse(wild.next(), "random bits for a handle");
  for (const Objects::Item& item : objects.live()) {
    if (is_modelled(call) && takes_handle(call, parameter, item.type)) continue;
    refuse(word_of(item.handle), "a handle of another type");
  }
}

// core-api 12, invariants 8, 12, 13, 23 and 29
TEST(EveryFunction, RefusesABadHandleInEveryPlace) {
  const Objects objects;
  WildHandles wild;
  for (const MisuseCall& call : all_calls()) {
    for (size_t i = 0; i < call.takes.size(); ++i) {
      if (call.takes[i] == Takes::kHandle) misuse_handle(call, i, objects, wild);
    }
  }
}

// core-api 2.4: a required pointer that is NULL, with everything else in order.
TEST(EveryFunction, RefusesNullForEveryPointerItNeeds) {
  const Objects objects;
  for (const MisuseCall& call : all_calls()) {
    for (size_t i = 0; i < call.takes.size(); ++i) {
      if (!is_pointer(call.takes[i])) continue;
      if (is_modelled(call) && may_be_null(call, i)) continue;
      Arguments arguments = fitting_arguments(call, objects);
      arguments.set(i, 0);
      expect_refused(call, arguments, "NULL for a pointer");
    }
  }
}

// core-api 2.4: the handle is judged whatever the other arguments are.
TEST(EveryFunction, RefusesABadHandleAmongOddNumbers) {
  const Objects objects;
  WildHandles wild;
  for (const MisuseCall& call : all_calls()) {
    if (is_modelled(call) && !has_handle(call)) continue;
    if (call.api == Api::kPrlVmCfg_GetDefaultVideoRamSize) continue;  // kTakesAnyBits
    for (int round = 0; round < 3; ++round) {
      Arguments arguments(call);
      for (size_t i = 0; i < call.takes.size(); ++i) {
        const Takes takes = call.takes[i];
        if (takes == Takes::kHandle) arguments.set(i, wild.next());
        if (takes == Takes::kIndex || takes == Takes::kEnum || takes == Takes::kNumber) {
          arguments.set(i, wild.any_word());
        }
      }
      expect_refused(call, arguments, "random numbers and handles");
    }
  }
}

// The catalogue promises this answer, so such a function may not look at anything.
TEST(AFunctionThatIsNotModelled, SaysSoEvenToPointersThatLeadNowhere) {
  const Library library;
  WildHandles wild;
  for (const MisuseCall& call : all_calls()) {
    if (is_modelled(call)) continue;
    Arguments arguments(call);
    for (size_t i = 0; i < call.takes.size(); ++i) arguments.set(i, wild.any_word());
    expect_refused(call, arguments, "random words");
  }
}

bool has_range(const MisuseCall& call, size_t parameter) {
  const Takes takes = call.takes[parameter];
  if (takes == Takes::kNumber) {
    return is_excepted(kTakesSomeNumbers, call.info().name, parameter);
  }
  if (takes != Takes::kIndex && takes != Takes::kEnum) return false;
  // Values of enumerations are stored as given: config-model 4.
  const bool is_setter = call.info().name.find("_Set") != std::string_view::npos;
  if (call.info().binding == Binding::kProperty && (takes == Takes::kEnum || is_setter)) {
    return false;
  }
  return !is_modelled(call) || !is_excepted(kTakesAnyNumber, call.info().name, parameter);
}

PRL_RESULT range_code(const MisuseCall& call) {
  const auto* odd = std::ranges::find(kRangeCodes, call.info().name, &RangeCode::function);
  return odd == std::end(kRangeCodes) ? PRL_ERR_INVALID_ARG : odd->code;
}

// core-api 2.4, item 3
TEST(EveryFunction, RefusesAnIndexOrAnEnumeratorOutOfRange) {
  const Objects objects;
  for (const MisuseCall& call : all_calls()) {
    for (size_t i = 0; i < call.takes.size(); ++i) {
      if (!has_range(call, i)) continue;
      for (const Word number : {Word{UINT32_MAX}, Word{INT32_MAX}, Word{1} << 31}) {
        Arguments arguments = fitting_arguments(call, objects);
        arguments.set(i, number);
        expect_refused(call, arguments, "a number out of range", range_code(call));
      }
    }
  }
}

// -- Buffers, and calls that succeed.

// A function with a body that reads an object of which there is one.
bool reads_an_object(const MisuseCall& call) {
  const std::string_view name = call.info().name;
  const bool reads = name.find("_Get") != name.npos || name.find("_Is") != name.npos ||
                     name.find("_To") != name.npos || name.find("_CanBe") != name.npos;
  if (!reads || !is_modelled(call) || call.info().kind != Kind::kSync) return false;
  return !has_handle(call) || handle_rule(name) != nullptr;
}

void hold_to_capacity(const MisuseCall& call, size_t buffer, const Objects& objects,
                      uint32_t capacity, uint32_t need) {
  Arguments arguments = fitting_arguments(call, objects);
  const PRL_RESULT expected =
      capacity == 0 || capacity >= need ? PRL_ERR_SUCCESS : PRL_ERR_BUFFER_OVERRUN;
  arguments.set_capacity(buffer + 1, capacity);
  expect_answer(call, arguments.call(), expected, "a buffer of another size");
  EXPECT_EQ(arguments.number_in(buffer + 1), need) << call.info().name << " " << capacity;
  EXPECT_TRUE(arguments.is_untouched_beyond(buffer, std::min(capacity, need)))
      << call.info().name << " " << capacity;
}

// core-api 12, invariants 36 and 37
TEST(EveryBuffer, IsFilledAsFarAsItGoesAndNoFurther) {
  const Objects objects;
  for (const MisuseCall& call : all_calls()) {
    const auto found = std::ranges::find(call.takes, Takes::kBuffer);
    const auto buffer = static_cast<size_t>(found - call.takes.begin());
    if (found == call.takes.end() || !reads_an_object(call)) continue;
    if (is_excepted(kHasNoText, call.info().name, buffer)) continue;
    Arguments query = fitting_arguments(call, objects);
    query.set(buffer, 0);
    expect_answer(call, query.call(), PRL_ERR_SUCCESS, "NULL for a buffer");
    const uint32_t need = query.number_in(buffer + 1);
    ASSERT_GE(need, 1u) << call.info().name;
    ASSERT_LE(need, 150u) << call.info().name;  // for the blocks of Arguments
    for (const uint32_t capacity : {0u, 1u, need - 1, need, need + 1}) {
      hold_to_capacity(call, buffer, objects, capacity, need);
    }
  }
}

// Frees what a call handed out, if the parameter is one for handles.
void take_back(const Arguments& arguments, const MisuseCall& call, size_t parameter) {
  if (call.shape->pointee_bytes[parameter] != sizeof(PRL_HANDLE)) return;
  const Handle handed_out(arguments.handle_in(parameter));
}

// At most so many bytes may a parameter be used to write.
size_t bytes_to_write(const MisuseCall& call, size_t parameter) {
  const Takes takes = call.takes[parameter];
  if (takes == Takes::kBuffer) return Arguments::kCapacity;
  if (takes != Takes::kOut && takes != Takes::kLength) return 0;
  const size_t bytes = call.shape->pointee_bytes[parameter];
  return bytes > 0 ? bytes : Objects::kItemBytes;  // void: the item of a list
}

TEST(EveryGetter, WritesOnlyWhatItsPointersAreFor) {
  const Objects objects;
  for (const MisuseCall& call : all_calls()) {
    if (!reads_an_object(call) || call.api == Api::kPrlApi_GetCrashDumpsPath) continue;
    if (std::ranges::find(kFillsMore, call.info().name) != std::end(kFillsMore)) continue;
    const PRL_UINT32 handles = live_handles();
    Arguments arguments = fitting_arguments(call, objects);
    const bool succeeded = PRL_SUCCEEDED(static_cast<PRL_RESULT>(arguments.call()));
    for (size_t i = 0; i < call.takes.size(); ++i) {
      EXPECT_TRUE(arguments.is_untouched_beyond(i, bytes_to_write(call, i))) << call.info().name;
      if (succeeded && call.takes[i] == Takes::kOut) take_back(arguments, call, i);
    }
    if (succeeded) free_buffer(call, arguments);
    EXPECT_EQ(live_handles(), handles) << call.info().name;
  }
}

// -- The whole of it.

TEST(TheTableOfCalls, HasEveryFunctionInOrder) {
  ASSERT_EQ(all_calls().size(), static_cast<size_t>(Api::kCount));
  for (size_t i = 0; i < all_calls().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(all_calls()[i].api), i);
  }
}

// Counts at the end, because the tests may run in any order.
class Tally : public testing::Environment {
 public:
  void TearDown() override {
    const auto& made = Arguments::calls_made();
    const uint64_t total = std::accumulate(made.begin(), made.end(), uint64_t{0});
    std::cout << "count misuse_calls " << total << "\nMISUSE_SEED=" << seed() << "\n";
    if (testing::GTEST_FLAG(filter) != "*") return;
    EXPECT_GE(total, 15000u);
    for (const MisuseCall& call : all_calls()) {
      EXPECT_GT(made[static_cast<size_t>(call.api)], 0u) << call.info().name;
    }
  }
};

[[maybe_unused]] const auto* const kTally =
    testing::AddGlobalTestEnvironment(std::make_unique<Tally>().release());

}  // namespace
}  // namespace prl::tests
