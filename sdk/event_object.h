// Parameters of events that stand for an object (core-api 5.4).
#pragma once

#include <prlsdk/Parallels.h>

#include "sdk/boundary.h"
#include "sdk/event.h"

namespace prl::sdk {

// The object that the parameter describes, new and owned by the client.
PRL_RESULT make_object(const Call& call, const Event& event, const EventParameterValue& parameter,
                       PRL_HANDLE_PTR out);

}  // namespace prl::sdk
