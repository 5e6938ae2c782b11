// The plain objects behind handles: lists, results, read-only answers. Each is immutable once its
// handle is out, or guarded by a mutex of its own. Jobs, events and servers have headers of theirs.
#pragma once

#include <prlsdk/Parallels.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sdk/event.h"
#include "sdk/handle_table.h"
#include "simulator/vm_config.h"

namespace prl::sdk {

class Server;

// Ordered, zero-based, duplicates allowed (core-api 4.1).
class StringsList final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_STRINGS_LIST;
  explicit StringsList(std::vector<std::string> content = {})
      : Object(kType), items(std::move(content)) {}

  std::mutex mutex;
  std::vector<std::string> items;  // guarded by mutex
};

class HandlesList final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_HANDLES_LIST;
  HandlesList() : Object(kType) {}

  std::mutex mutex;
  std::vector<Ref<Object>> items;  // guarded by mutex
};

// A list of elements of 1, 2, 4 or 8 bytes.
class OpaqueList final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_OPAQUE_TYPE_LIST;
  explicit OpaqueList(size_t item_bytes) : Object(kType), item_bytes(item_bytes) {}

  const size_t item_bytes;
  std::mutex mutex;
  std::vector<std::byte> bytes;  // guarded by mutex
};

struct LoginAnswer {
  std::string session_uuid;
  std::string server_uuid;
  std::string host_os_version;
  std::string product_version;
};

// A record: of each handle that is made of it, a copy.
struct DocumentAnswer {
  PRL_HANDLE_TYPE type = PHT_ERROR;
  sim::PropertyTree content;
};

// A VM whose object is not the shared one of its server: the answer of PrlVm_Commit.
struct OwnVmAnswer {
  sim::VmConfig config;
};

// Answers that are a list: of texts, or of records of one type.
struct StringsAnswer {
  std::vector<std::string> items;
};
struct RecordsAnswer {
  PRL_HANDLE_TYPE type = PHT_ERROR;
  std::vector<sim::PropertyTree> records;
};

// An event, and the text that stands for it where a client asks for text.
struct EventAnswer {
  EventContent content;
  std::string text;
};

// One object, which every handle that is made of the answer names.
struct ObjectAnswer {
  Ref<Object> object;
};

// What one parameter of a result says, kept apart from the handles made of it.
using Answer = std::variant<std::string, sim::VmView, OwnVmAnswer, LoginAnswer, DocumentAnswer,
                            StringsAnswer, RecordsAnswer, EventAnswer, ObjectAnswer>;

// All of them. VMs, of which there may be ten thousand, come first and stay in the block in which
// the host has listed them.
struct Answers {
  std::vector<sim::VmView> vms;
  std::vector<Answer> others;

  size_t size() const { return vms.size() + others.size(); }
  // REQUIRES: index < size().
  Answer at(size_t index) const {
    return index < vms.size() ? Answer(vms[index]) : others[index - vms.size()];
  }
  template <class Visitor>
  auto visit(size_t index, Visitor visitor) const {
    return index < vms.size() ? visitor(vms[index])
                              : std::visit(visitor, others[index - vms.size()]);
  }
};

class Result final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_RESULT;
  Result(Ref<Server> server, std::shared_ptr<const Answers> answers,
         std::optional<EventContent> error);
  ~Result() override;

  const Ref<Server> server;  // empty for jobs without one
  const std::shared_ptr<const Answers> answers;
  const std::optional<EventContent> error;  // of the job; none where it had none

  // Who reads a list of VMs asks for the next ones: looks these up together, some time before.
  void expect_vms(size_t index) const;
  // The handle that is likely to be that of this VM, or 0.
  uint32_t expected_vm(size_t index) const {
    return expected_[index % kExpected].load(std::memory_order_relaxed);
  }

 private:
  static constexpr size_t kExpected = 16;  // twice as many as are looked up together
  mutable std::array<std::atomic<uint32_t>, kExpected> expected_{};
};

class LoginResponse final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_LOGIN_RESPONSE;
  explicit LoginResponse(LoginAnswer answer) : Object(kType), answer(std::move(answer)) {}

  const LoginAnswer answer;
};

}  // namespace prl::sdk
