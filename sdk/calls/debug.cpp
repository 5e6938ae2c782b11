// PrlDbg_*: names of numbers, and how many handles live (core-api 8).
#include <prlsdk/Parallels.h>

#include "calls.h"
#include "names.h"
#include "sdk/boundary.h"

namespace prl::sdk::calls {

PRL_RESULT dbg_prl_result_to_string(Call&, PRL_RESULT code, PRL_CONST_STR_PTR name) {
  if (!name) return PRL_ERR_INVALID_ARG;
  *name = result_name(code);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dbg_handle_type_to_string(Call&, PRL_HANDLE_TYPE type, PRL_CONST_STR_PTR name) {
  if (!name) return PRL_ERR_INVALID_ARG;
  *name = handle_type_name(static_cast<uint32_t>(type));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dbg_event_type_to_string(Call&, PRL_EVENT_TYPE type, PRL_CONST_STR_PTR name) {
  if (!name) return PRL_ERR_INVALID_ARG;
  *name = event_type_name(static_cast<uint32_t>(type));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dbg_get_handles_num(Call& call, PRL_UINT32_PTR count, PRL_HANDLE_TYPE type) {
  if (!count) return PRL_ERR_INVALID_ARG;
  const auto number = static_cast<uint32_t>(type);
  // The table tells types apart by their low byte.
  const bool is_type = number == PHT_ERROR || (number & ~0xFFu) == (PHT_SERVER & ~0xFFu);
  *count = is_type ? call.library().handles().count(number) : 0;
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
