// Every function of the API once, with good arguments: what the catalogue calls modelled does
// something, and what it calls refused says so and does nothing.
#include <iostream>

#include "tests/sdk/misuse_arguments.h"
#include "tests/sdk/misuse_objects.h"
#include "tests/sdk/misuse_rules.h"

namespace prl::tests {
namespace {

using sdk::Api;
using sdk::Binding;
using sdk::Kind;

// These end the library, or free what is not the library's.
bool is_left_out(const MisuseCall& call) {
  return call.api == Api::kPrlApi_Deinit || call.api == Api::kPrlBuffer_Free;
}

// The code of the call, and of the job if it gives one.
PRL_RESULT call_once(const MisuseCall& call, const Objects& objects) {
  Arguments arguments(call);
  fit_first_handle(call, objects, arguments);
  for (size_t i = 0; i < call.takes.size(); ++i) {
    // The callback of the arguments is for functions that only keep it.
    if (call.takes[i] == Takes::kCallback && may_be_null(call, i)) arguments.set(i, 0);
  }
  const Word returned = arguments.call();
  if (call.info().kind == Kind::kAsync) return finish(handle_of(returned));
  const auto code = static_cast<PRL_RESULT>(returned);
  if (PRL_SUCCEEDED(code)) free_buffer(call, arguments);
  return code;
}

TEST(AFunctionThatIsModelled, DoesNotSayThatItIsNot) {
  size_t modelled = 0;
  for (const MisuseCall& call : all_calls()) {
    if (call.info().binding == Binding::kNone) continue;
    ++modelled;
    if (is_left_out(call)) continue;
    const Objects objects;  // of its own: the call may delete the VM or log off
    const PRL_RESULT code = call_once(call, objects);
    // Init is counted (core-api 1.1).
    if (call.api == Api::kPrlApi_Init || call.api == Api::kPrlApi_InitEx) PrlApi_Deinit();
    if (call.api == Api::kPrlJob_GetDataPtr || call.api == Api::kPrlVm_InternalCommand) {
      // As in the product: core-api 3.3; no command is known (behaviours).
      EXPECT_EQ(code, PRL_ERR_UNIMPLEMENTED) << call.info().name;
    } else if (call.api == Api::kPrlHandle_ToString || call.api == Api::kPrlHandle_FromString) {
      // As in the product: of objects without a text, of which this is one (core-api 2.6).
      EXPECT_EQ(code, PRL_ERR_UNIMPLEMENTED) << call.info().name;
    } else {
      EXPECT_NE(code, PRL_ERR_UNIMPLEMENTED) << call.info().name;
    }
  }
  std::cout << "count functions_modelled " << modelled << "\n";
}

TEST(AFunctionThatIsRefused, SaysSoAndDoesNothing) {
  const Objects objects;
  const PRL_UINT32 handles = live_handles();
  size_t refused = 0;
  for (const MisuseCall& call : all_calls()) {
    if (call.info().binding != Binding::kNone) continue;
    ++refused;
    EXPECT_EQ(call_once(call, objects), PRL_ERR_UNIMPLEMENTED) << call.info().name;
    EXPECT_FALSE(call.info().reason.empty()) << call.info().name;
  }
  EXPECT_EQ(live_handles(), handles);
  std::cout << "count functions_refused " << refused << "\n";
  // What is neither modelled nor refused would be a constant answer; the catalogue has no such row.
  const auto modelled = static_cast<size_t>(std::ranges::count_if(
      all_calls(), [](const MisuseCall& call) { return call.info().binding != Binding::kNone; }));
  EXPECT_EQ(all_calls().size(), 1873u);
  std::cout << "count functions_constant " << all_calls().size() - modelled - refused << "\n";
}

}  // namespace
}  // namespace prl::tests
