// PrlStrList_*, PrlHndlList_*, PrlOpTypeList_*: the containers (core-api 4.1).
#include <prlsdk/Parallels.h>

#include <cstring>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/objects.h"
#include "sdk/strings.h"

namespace prl::sdk::calls {

PRL_RESULT str_list_get_items_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto list = call.pin<StringsList>(handle);
  if (!list || !count) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  *count = static_cast<PRL_UINT32>(list->items.size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT str_list_add_item(Call& call, PRL_HANDLE handle, PRL_CONST_STR item) {
  const auto list = call.pin<StringsList>(handle);
  if (!list || !item) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  list->items.emplace_back(item);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT str_list_get_item(Call& call, PRL_HANDLE handle, PRL_UINT32 index, PRL_STR buffer,
                             PRL_UINT32_PTR length) {
  const auto list = call.pin<StringsList>(handle);
  if (!list || !length) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  if (index >= list->items.size()) return PRL_ERR_INVALID_ARG;
  return copy_string(list->items[index], buffer, length);
}

PRL_RESULT str_list_remove_item(Call& call, PRL_HANDLE handle, PRL_UINT32 index) {
  const auto list = call.pin<StringsList>(handle);
  if (!list) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  if (index >= list->items.size()) return PRL_ERR_INVALID_ARG;
  list->items.erase(list->items.begin() + index);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT hndl_list_get_items_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto list = call.pin<HandlesList>(handle);
  if (!list || !count) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  *count = static_cast<PRL_UINT32>(list->items.size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT hndl_list_add_item(Call& call, PRL_HANDLE handle, PRL_HANDLE item) {
  const auto list = call.pin<HandlesList>(handle);
  const Ref<Object> object = call.pin_any(item);
  if (!list || !object) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  list->items.push_back(object);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT hndl_list_get_item(Call& call, PRL_HANDLE handle, PRL_UINT32 index,
                              PRL_HANDLE_PTR item) {
  const auto list = call.pin<HandlesList>(handle);
  if (!list || !item) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  if (index >= list->items.size()) return PRL_ERR_INVALID_ARG;
  *item = call.give(list->items[index]);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT hndl_list_remove_item(Call& call, PRL_HANDLE handle, PRL_UINT32 index) {
  const auto list = call.pin<HandlesList>(handle);
  if (!list) return PRL_ERR_INVALID_ARG;
  Ref<Object> removed;  // let go of with no lock held: it may be another list
  std::lock_guard lock(list->mutex);
  if (index >= list->items.size()) return PRL_ERR_INVALID_ARG;
  removed = std::move(list->items[index]);
  list->items.erase(list->items.begin() + index);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT op_type_list_get_items_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto list = call.pin<OpaqueList>(handle);
  if (!list || !count) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  *count = static_cast<PRL_UINT32>(list->bytes.size() / list->item_bytes);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT op_type_list_get_type_size(Call& call, PRL_HANDLE handle, PRL_SIZE_PTR item_bytes) {
  const auto list = call.pin<OpaqueList>(handle);
  if (!list || !item_bytes) return PRL_ERR_INVALID_ARG;
  *item_bytes = static_cast<PRL_SIZE>(list->item_bytes);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT op_type_list_add_item(Call& call, PRL_HANDLE handle, PRL_CONST_VOID_PTR item) {
  const auto list = call.pin<OpaqueList>(handle);
  if (!list || !item) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  const auto* bytes = static_cast<const std::byte*>(item);
  list->bytes.insert(list->bytes.end(), bytes, bytes + list->item_bytes);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT op_type_list_get_item(Call& call, PRL_HANDLE handle, PRL_UINT32 index,
                                 PRL_VOID_PTR item) {
  const auto list = call.pin<OpaqueList>(handle);
  if (!list || !item) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  if (index >= list->bytes.size() / list->item_bytes) return PRL_ERR_INVALID_ARG;
  std::memcpy(item, list->bytes.data() + index * list->item_bytes, list->item_bytes);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT op_type_list_remove_item(Call& call, PRL_HANDLE handle, PRL_UINT32 index) {
  const auto list = call.pin<OpaqueList>(handle);
  if (!list) return PRL_ERR_INVALID_ARG;
  std::lock_guard lock(list->mutex);
  if (index >= list->bytes.size() / list->item_bytes) return PRL_ERR_INVALID_ARG;
  const auto first = list->bytes.begin() + static_cast<ptrdiff_t>(index * list->item_bytes);
  list->bytes.erase(first, first + static_cast<ptrdiff_t>(list->item_bytes));
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
