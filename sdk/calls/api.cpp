// PrlApi_*: the library itself.
#include <prlsdk/Parallels.h>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/errors.h"
#include "sdk/strings.h"

namespace prl::sdk::calls {

PRL_RESULT api_init(Call&, PRL_UINT32 version) {
  return Library::init({.version = version, .mode = PAM_SERVER});
}

// The mode is not validated and unknown flags are ignored, as in the product (core-api 1.1).
PRL_RESULT api_init_ex(Call&, PRL_UINT32 version, PRL_APPLICATION_MODE mode, PRL_UINT32 /*flags*/,
                       PRL_UINT32 /*reserved*/) {
  return Library::init({.version = version, .mode = mode});
}

PRL_RESULT api_deinit(Call&) { return Library::deinit(); }

PRL_RESULT api_get_version(Call& call, PRL_UINT32_PTR version) {
  if (!version) return PRL_ERR_INVALID_ARG;
  *version = call.library().arguments().version;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT api_get_app_mode(Call& call, PRL_APPLICATION_MODE_PTR mode) {
  if (!mode) return PRL_ERR_INVALID_ARG;
  *mode = call.library().arguments().mode;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT api_create_strings_list(Call& call, PRL_HANDLE_PTR list) {
  if (!list) return PRL_ERR_INVALID_ARG;
  *list = call.make<StringsList>();
  return PRL_ERR_SUCCESS;
}

PRL_RESULT api_create_handles_list(Call& call, PRL_HANDLE_PTR list) {
  if (!list) return PRL_ERR_INVALID_ARG;
  *list = call.make<HandlesList>();
  return PRL_ERR_SUCCESS;
}

PRL_RESULT api_create_op_type_list(Call& call, PRL_HANDLE_PTR list, PRL_SIZE item_bytes) {
  if (!list) return PRL_ERR_INVALID_ARG;
  if (item_bytes != 1 && item_bytes != 2 && item_bytes != 4 && item_bytes != 8) {
    return PRL_ERR_INVALID_ARG;
  }
  *list = call.make<OpaqueList>(static_cast<size_t>(item_bytes));
  return PRL_ERR_SUCCESS;
}

// Our texts carry no markup, so formatted and unformatted text are the same.
PRL_RESULT api_get_result_description(Call&, PRL_RESULT code, PRL_BOOL brief,
                                      PRL_BOOL /*formatted*/, PRL_STR buffer,
                                      PRL_UINT32_PTR length) {
  return copy_string(describe_result(code, brief != PRL_FALSE, {}), buffer, length);
}

PRL_RESULT api_get_message_type(Call&, PRL_RESULT code, PRL_MESSAGE_TYPE_ENUM_PTR type) {
  if (!type) return PRL_ERR_INVALID_ARG;
  *type = message_type(code);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT api_msg_can_be_ignored(Call&, PRL_RESULT code, PRL_BOOL_PTR can_be_ignored) {
  if (!can_be_ignored) return PRL_ERR_INVALID_ARG;
  const ResultText* text = find_result_text(code);
  *can_be_ignored = text && text->can_be_ignored ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

// There is nothing to switch: the library prints nothing.
PRL_RESULT api_switch_console_logging(Call&, PRL_BOOL /*on*/) { return PRL_ERR_SUCCESS; }

// A simulated product has no crash handler to install, and installs none.
PRL_RESULT api_init_crash_handler(Call&, PRL_CONST_STR /*suffix*/) { return PRL_ERR_SUCCESS; }

PRL_RESULT api_get_crash_dumps_path(Call&, PRL_STR buffer, PRL_UINT32_PTR length) {
  return copy_string("", buffer, length);
}

}  // namespace prl::sdk::calls
