#include "simulator/net_address.h"

#include <arpa/inet.h>

#include <charconv>

namespace prl::sim {

namespace {

// The length of a mask in bits; empty for what is no number up to `most`.
std::optional<uint32_t> parse_length(std::string_view text, uint32_t most) {
  uint32_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool is_length = error == std::errc() && end == text.data() + text.size() && bits <= most;
  return is_length ? std::optional(bits) : std::nullopt;
}

std::optional<uint32_t> parse_ip4_mask(std::string_view text) {
  if (const auto mask = parse_ip4(text)) return mask;
  const auto bits = parse_length(text, 32);
  if (!bits) return std::nullopt;
  return *bits == 0 ? 0 : UINT32_MAX << (32 - *bits);
}

}  // namespace

std::optional<uint32_t> parse_ip4(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

bool is_ip6(std::string_view text) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool is_ip_address(std::string_view text) { return parse_ip4(text).has_value() || is_ip6(text); }

std::optional<NetAddress> parse_net_address(std::string_view text) {
  const size_t slash = text.find('/');
  NetAddress parsed{.address = std::string(text.substr(0, slash))};
  if (!is_ip_address(parsed.address)) return std::nullopt;
  if (slash == std::string_view::npos) return parsed;
  const std::string_view mask = text.substr(slash + 1);
  if (is_ip6(parsed.address)) {
    const bool is_mask = is_ip6(mask) || parse_length(mask, 128);
    return is_mask ? std::optional(parsed) : std::nullopt;
  }
  const auto bits = parse_ip4_mask(mask);
  if (!bits) return std::nullopt;
  parsed.mask = *bits;
  return parsed;
}

}  // namespace prl::sim
