// The checks of config-model 6, for config_problems.cpp and the files config_*_problems.cpp, which
// have them by subject. A checker lives as long as one question; the configuration must not change
// meanwhile.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/config_problems.h"
#include "simulator/net_address.h"

namespace prl::sim {

// A device, or another element of which a configuration has several; without a path, all of it.
struct ConfigDevice {
  const PropertyTree& tree;
  std::string path;  // ends in a dot

  // `fallback` where it is not set, or is no number.
  uint64_t number(std::string_view leaf, uint64_t fallback) const;
  std::string text(std::string_view leaf) const;
  StringItems texts(std::string_view leaf) const;
  uint32_t index() const { return static_cast<uint32_t>(number("Index", 0)); }
  // A new device is not enabled until the client says so (config-model 7).
  bool is_enabled() const { return number("Enabled", 0) != 0; }
  bool is_connected() const { return number("Connected", 1) != 0; }
  std::string name() const {
    std::string name = text("SystemName");
    return name.empty() ? text("UserFriendlyName") : name;
  }
};

class ConfigChecker {
 public:
  ConfigChecker(const VmConfig& config, const ConfigSetting& setting)
      : config_(config), all_{config.properties, ""}, setting_(setting) {}

  void check(ConfigSection section);
  std::vector<ConfigProblem> take() { return std::move(problems_); }

 private:
  // Numbers of the API (config-model 7): InterfaceType of disks and drives.
  static constexpr uint64_t kIde = 0, kScsi = 1, kSata = 2, kVirtioOrNvme = 3;

  bool is_virtuozzo() const { return setting_.profile == Profile::kVirtuozzo; }
  uint64_t number(std::string_view path, uint64_t fallback) const {
    return all_.number(path, fallback);
  }
  std::string text(std::string_view path) const { return all_.text(path); }
  uint32_t guest() const { return static_cast<uint32_t>(number("Settings.General.OsNumber", 0)); }
  std::vector<ConfigDevice> devices(std::string_view element) const;
  bool is_missing(const std::string& name) const {
    return setting_.file_exists && !setting_.file_exists(name);
  }

  void add(ProblemKind kind, bool is_critical, std::vector<std::string> parameters = {}) {
    problems_.push_back({kind, is_critical, std::move(parameters), {}});
  }
  void add(ProblemKind kind, bool is_critical, const ConfigDevice& device,
           std::vector<std::string> parameters) {
    problems_.push_back({kind, is_critical, std::move(parameters), device.index()});
  }

  // -- config_general_problems.cpp
  void check_general();
  void check_boot();
  void check_remote_display();
  void check_shared_folders();
  // -- config_hardware_problems.cpp
  void check_cpu();
  void check_numa(uint64_t sockets);
  void check_memory();
  void check_video();
  // -- config_device_problems.cpp
  void check_floppies();
  void check_opticals();
  void check_disks();
  void check_ports(std::string_view element, ProblemKind empty, ProblemKind url,
                   ProblemKind symbol);
  void check_indexes(std::string_view element);
  void check_present(std::string_view element);
  void check_interface(uint64_t interface, ProblemKind taken);
  void check_interface(uint64_t interface, ProblemKind taken, uint32_t most, ProblemKind too_many);
  std::vector<ConfigDevice> on_interface(uint64_t interface) const;
  // -- config_network_problems.cpp
  void check_adapters();
  void check_addresses(const ConfigDevice& adapter, std::set<std::string>& seen);
  void check_gateway(const ConfigDevice& adapter, const std::vector<NetAddress>& addresses);

  const VmConfig& config_;
  const ConfigDevice all_;
  const ConfigSetting& setting_;
  std::vector<ConfigProblem> problems_;
};

}  // namespace prl::sim
