#include "sdk/objects.h"

#include <algorithm>
#include <span>
#include <utility>

#include "sdk/server.h"

namespace prl::sdk {

Result::Result(Ref<Server> result_server, std::shared_ptr<const Answers> result_answers,
               std::optional<EventContent> job_error)
    : Object(kType),
      server(std::move(result_server)),
      answers(std::move(result_answers)),
      error(std::move(job_error)) {}

Result::~Result() = default;

void Result::expect_vms(size_t index) const {
  constexpr size_t kAtOnce = Server::kExpected;
  static_assert(2 * kAtOnce == kExpected);
  const size_t first = index + kAtOnce;
  if (index % kAtOnce != 0 || first >= answers->vms.size()) return;
  const size_t count = std::min(kAtOnce, answers->vms.size() - first);
  const auto values = server->expect_vms(std::span(answers->vms).subspan(first, count));
  for (size_t i = 0; i < count; ++i) {
    expected_[(first + i) % kExpected].store(values[i], std::memory_order_relaxed);
  }
}

}  // namespace prl::sdk
