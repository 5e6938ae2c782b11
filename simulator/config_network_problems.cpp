#include "simulator/config_checker.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/net_address.h"

namespace prl::sim {

namespace {

constexpr uint64_t kRoutedNetwork = 5;  // EmulatedType of an adapter in profile V (config-model 7)

bool is_mac(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](unsigned char digit) { return std::isxdigit(digit) != 0; });
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 255 || text.front() == '.' || text.front() == '-') return false;
  return std::ranges::all_of(text, [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '-' || letter == '.' || letter == '_';
  });
}

}  // namespace

void ConfigChecker::check_gateway(const ConfigDevice& adapter,
                                  const std::vector<NetAddress>& addresses) {
  const std::string gateway = adapter.text("DefaultGateway");
  if (gateway.empty()) return;
  const auto target = parse_ip4(gateway);
  if (!target) {
    add(ProblemKind::kGatewayBad, false, adapter, {gateway});
    return;
  }
  bool has_ip4 = false;
  for (const NetAddress& item : addresses) {
    const auto own = parse_ip4(item.address);
    if (!own) continue;
    has_ip4 = true;
    if ((*own & item.mask) == (*target & item.mask)) return;
  }
  if (has_ip4) add(ProblemKind::kGatewayNotInSubnet, false, adapter, {gateway});
}

void ConfigChecker::check_addresses(const ConfigDevice& adapter, std::set<std::string>& seen) {
  std::vector<NetAddress> addresses;
  for (const std::string& text : adapter.texts("NetAddress[]")) {
    const auto parsed = parse_net_address(text);
    if (!parsed) {
      add(ProblemKind::kAddressBad, false, adapter, {text});
      continue;
    }
    addresses.push_back(*parsed);
    const auto ip4 = parse_ip4(parsed->address);
    if (ip4 && *ip4 == 0xFFFFFFFF) {
      add(ProblemKind::kAddressIsBroadcast, false, adapter, {parsed->address});
    } else if (ip4 && *ip4 >> 28 == 0xE) {
      add(ProblemKind::kAddressIsMulticast, false, adapter, {parsed->address});
    } else if (ip4 && parsed->mask < 0xFFFFFFFE && (*ip4 | parsed->mask) == 0xFFFFFFFF) {
      add(ProblemKind::kAddressIsBroadcast, false, adapter, {parsed->address});
    } else if (!seen.insert(parsed->address).second) {
      add(ProblemKind::kAddressTaken, false, adapter, {parsed->address});
    }
  }
  check_gateway(adapter, addresses);
  const bool is_routed = adapter.number("EmulatedType", 0) == kRoutedNetwork;
  if (is_virtuozzo() && is_routed && addresses.empty()) {
    add(ProblemKind::kRoutedWithoutAddress, false, adapter, {});
  }
}

void ConfigChecker::check_adapters() {
  check_indexes("Hardware.NetworkAdapter");
  std::set<std::string> macs, addresses;
  for (const ConfigDevice& adapter : devices("Hardware.NetworkAdapter")) {
    if (!adapter.is_enabled()) continue;
    const std::string mac = adapter.text("MAC");
    if (!is_mac(mac)) {
      add(ProblemKind::kMacBad, false, adapter, {mac});
    } else if (!macs.insert(mac).second) {
      add(ProblemKind::kMacTaken, true, adapter, {mac});
    }
    check_addresses(adapter, addresses);
    for (const std::string& server : adapter.texts("DnsIPAddress[]")) {
      if (!is_ip_address(server)) add(ProblemKind::kDnsBad, false, adapter, {server});
    }
    for (const std::string& domain : adapter.texts("SearchDomain[]")) {
      if (!is_domain(domain)) add(ProblemKind::kSearchDomainBad, false, adapter, {domain});
    }
  }
}

}  // namespace prl::sim
