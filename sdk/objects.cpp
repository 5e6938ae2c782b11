#include "sdk/objects.h"

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

}  // namespace prl::sdk
