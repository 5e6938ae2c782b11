// A live handle of every type that the library makes, for calls that want the right one or one of
// another type. Used by one thread.
#pragma once

#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {

class Objects {
 public:
  struct Item {
    PRL_HANDLE_TYPE type;
    Handle handle;
  };

  static constexpr size_t kItemBytes = 4;  // of the list of opaque items

  Objects() {
    const Handle login(start_login(session_.server));
    EXPECT_EQ(PrlJob_Wait(login, UINT32_MAX), PRL_ERR_SUCCESS);
    Handle vm = new_vm(session_.server, "subject");
    Handle refused(PrlVm_Suspend(vm));
    Handle error, parameter, result, response;
    EXPECT_EQ(PrlJob_Wait(refused, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetError(refused, error.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlEvent_GetParam(error, 0, parameter.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetResult(login, result.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlResult_GetParam(result, response.out()), PRL_ERR_SUCCESS);
    put(PHT_VM_INFO, answer_of(PrlVm_GetState(vm)));
    put(PHT_VIRTUAL_MACHINE, std::move(vm));
    put(PHT_JOB, std::move(refused));
    put(PHT_EVENT, std::move(error));
    put(PHT_EVENT_PARAMETER, std::move(parameter));
    put(PHT_RESULT, std::move(result));
    put(PHT_LOGIN_RESPONSE, std::move(response));
    put_lists();
    put(PHT_SERVER, new_server());
    freed_ = {unregistered_vm(session_.server, "gone").get(), new_server().get()};
  }

  const std::vector<Item>& live() const { return items_; }
  // Values that named an object once.
  const std::vector<PRL_HANDLE>& freed() const { return freed_; }
  PRL_HANDLE of_type(PRL_HANDLE_TYPE type) const {
    for (const Item& item : items_) {
      if (item.type == type) return item.handle;
    }
    ADD_FAILURE() << "no object of type " << type;
    return PRL_INVALID_HANDLE;
  }

 private:
  void put(PRL_HANDLE_TYPE type, Handle handle) { items_.push_back({type, std::move(handle)}); }

  // Each list has one item.
  void put_lists() {
    Handle texts, handles, numbers;
    const PRL_UINT32 number = 7;
    static_assert(sizeof(number) == kItemBytes);
    EXPECT_EQ(PrlApi_CreateStringsList(texts.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlStrList_AddItem(texts, "item"), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlApi_CreateHandlesList(handles.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlHndlList_AddItem(handles, texts), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlApi_CreateOpTypeList(numbers.out(), sizeof(number)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlOpTypeList_AddItem(numbers, &number), PRL_ERR_SUCCESS);
    put(PHT_STRINGS_LIST, std::move(texts));
    put(PHT_HANDLES_LIST, std::move(handles));
    put(PHT_OPAQUE_TYPE_LIST, std::move(numbers));
  }

  Session session_;
  std::vector<Item> items_;
  std::vector<PRL_HANDLE> freed_;
};

}  // namespace prl::tests
