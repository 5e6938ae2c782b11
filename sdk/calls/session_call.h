// What the files of sdk/calls about connections to hosts share.
#pragma once

#include <prlsdk/Parallels.h>

#include <string>
#include <string_view>

#include "sdk/calls/host_job.h"
#include "sdk/host_documents.h"

namespace prl::sdk::calls {

inline constexpr std::string_view kHostOsVersion = "Linux (simulated by prlsim)";
inline constexpr std::string_view kProductVersion = "9.0.0 (prlsim)";
inline constexpr PRL_UINT32 kDefaultPort = 64000;

// The content of a PHT_SERVER_INFO.
inline sim::PropertyTree server_info(const Connection& connection, PRL_APPLICATION_MODE mode) {
  sim::PropertyTree info;
  info.set("HostName", connection.host);
  if (connection.port != 0) info.set("CmdPort", uint64_t{connection.port});
  info.set("ServerUuid", connection.answer.server_uuid);
  info.set("OsVersion", connection.answer.host_os_version);
  info.set("ProductVersion", connection.answer.product_version);
  info.set("ApplicationMode", uint64_t{static_cast<uint32_t>(mode)});
  return info;
}

}  // namespace prl::sdk::calls
