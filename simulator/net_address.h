// Addresses of networks as texts. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prl::sim {

// In the order of the machine; empty for what is no IPv4 address.
std::optional<uint32_t> parse_ip4(std::string_view text);
bool is_ip6(std::string_view text);
bool is_ip_address(std::string_view text);  // of either kind

struct NetAddress {
  std::string address;
  uint32_t mask = UINT32_MAX;  // of an IPv4 address; all bits where none is named
};

// "10.0.0.1", or with a mask behind a slash, in bits or as an address of the same kind.
std::optional<NetAddress> parse_net_address(std::string_view text);

}  // namespace prl::sim
