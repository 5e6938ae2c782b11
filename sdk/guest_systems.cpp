#include "sdk/guest_systems.h"

#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>

namespace prl::sdk {

namespace {

constexpr std::array kSystems = {
    GuestSystem{PVS_GUEST_VER_MACOS_TIGER, "OS X 10.4"},
    GuestSystem{PVS_GUEST_VER_MACOS_LEOPARD, "OS X 10.5"},
    GuestSystem{PVS_GUEST_VER_MACOS_UNIVERSAL, "macOS"},
    GuestSystem{PVS_GUEST_VER_WIN_311, "Windows 3.11"},
    GuestSystem{PVS_GUEST_VER_WIN_95, "Windows 95"},
    GuestSystem{PVS_GUEST_VER_WIN_98, "Windows 98"},
    GuestSystem{PVS_GUEST_VER_WIN_ME, "Windows ME"},
    GuestSystem{PVS_GUEST_VER_WIN_NT, "Windows NT"},
    GuestSystem{PVS_GUEST_VER_WIN_2K, "Windows 2000"},
    GuestSystem{PVS_GUEST_VER_WIN_XP, "Windows XP"},
    GuestSystem{PVS_GUEST_VER_WIN_2003, "Windows Server 2003"},
    GuestSystem{PVS_GUEST_VER_WIN_VISTA, "Windows Vista"},
    GuestSystem{PVS_GUEST_VER_WIN_2008, "Windows Server 2008"},
    GuestSystem{PVS_GUEST_VER_WIN_WINDOWS7, "Windows 7"},
    GuestSystem{PVS_GUEST_VER_WIN_WINDOWS8, "Windows 8"},
    GuestSystem{PVS_GUEST_VER_WIN_2012, "Windows Server 2012"},
    GuestSystem{PVS_GUEST_VER_WIN_WINDOWS8_1, "Windows 8.1"},
    GuestSystem{PVS_GUEST_VER_WIN_WINDOWS_10, "Windows 10"},
    GuestSystem{PVS_GUEST_VER_WIN_2016, "Windows Server 2016"},
    GuestSystem{PVS_GUEST_VER_WIN_2019, "Windows Server 2019"},
    GuestSystem{PVS_GUEST_VER_WIN_2022, "Windows Server 2022"},
    GuestSystem{PVS_GUEST_VER_WIN_WINDOWS_11, "Windows 11"},
    GuestSystem{PVS_GUEST_VER_WIN_OTHER, "Other Windows"},
    GuestSystem{PVS_GUEST_VER_LIN_REDHAT, "Red Hat Enterprise Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_SUSE, "SUSE Linux Enterprise"},
    GuestSystem{PVS_GUEST_VER_LIN_MANDRAKE, "Mandriva Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_KRNL_24, "Other Linux kernel 2.4"},
    GuestSystem{PVS_GUEST_VER_LIN_KRNL_26, "Other Linux kernel 2.6"},
    GuestSystem{PVS_GUEST_VER_LIN_DEBIAN, "Debian GNU/Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_FEDORA, "Fedora Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_FEDORA_5, "Fedora Core 5 Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_XANDROS, "Xandros Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_UBUNTU, "Ubuntu Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_SLES9, "SUSE Linux Enterprise Server 9"},
    GuestSystem{PVS_GUEST_VER_LIN_RHLES3, "Red Hat Enterprise Server 3"},
    GuestSystem{PVS_GUEST_VER_LIN_CENTOS, "CentOS Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_RH_LEGACY, "Red Hat Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_OPENSUSE, "OpenSUSE Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_PSBM, "Virtuozzo"},
    GuestSystem{PVS_GUEST_VER_LIN_MAGEIA, "Mageia Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_MINT, "Mint Linux"},
    GuestSystem{PVS_GUEST_VER_LIN_REDHAT_7, "Red Hat Enterprise Linux 7"},
    GuestSystem{PVS_GUEST_VER_LIN_CENTOS_7, "CentOS Linux 7"},
    GuestSystem{PVS_GUEST_VER_LIN_REDHAT_8, "Red Hat Enterprise Linux 8"},
    GuestSystem{PVS_GUEST_VER_LIN_CENTOS_8, "CentOS Linux 8"},
    GuestSystem{PVS_GUEST_VER_LIN_VZLINUX_8, "Virtuozzo Linux 8"},
    GuestSystem{PVS_GUEST_VER_LIN_CLOUDLINUX_7, "CloudLinux 7"},
    GuestSystem{PVS_GUEST_VER_LIN_CLOUDLINUX_8, "CloudLinux 8"},
    GuestSystem{PVS_GUEST_VER_LIN_REDHAT_9, "Red Hat Enterprise Linux 9"},
    GuestSystem{PVS_GUEST_VER_LIN_ALMA_LINUX_9, "AlmaLinux 9"},
    GuestSystem{PVS_GUEST_VER_LIN_OTHER, "Other Linux"},
    GuestSystem{PVS_GUEST_VER_BSD_4X, "FreeBSD 4.x"},
    GuestSystem{PVS_GUEST_VER_BSD_5X, "FreeBSD 5.x"},
    GuestSystem{PVS_GUEST_VER_BSD_6X, "FreeBSD 6.x"},
    GuestSystem{PVS_GUEST_VER_BSD_7X, "FreeBSD 7.x"},
    GuestSystem{PVS_GUEST_VER_BSD_8X, "FreeBSD 8.x"},
    GuestSystem{PVS_GUEST_VER_FREE_BSD, "FreeBSD"},
    GuestSystem{PVS_GUEST_VER_NET_BSD, "NetBSD"},
    GuestSystem{PVS_GUEST_VER_OPEN_BSD, "OpenBSD"},
    GuestSystem{PVS_GUEST_VER_TRUSTED_BSD, "TrustedBSD"},
    GuestSystem{PVS_GUEST_VER_BSD_OTHER, "Other BSD"},
    GuestSystem{PVS_GUEST_VER_OS2_WARP3, "OS/2 Warp 3"},
    GuestSystem{PVS_GUEST_VER_OS2_WARP4, "OS/2 Warp 4"},
    GuestSystem{PVS_GUEST_VER_OS2_WARP45, "OS/2 Warp 4.5"},
    GuestSystem{PVS_GUEST_VER_OS2_ECS11, "eComStation 1.1"},
    GuestSystem{PVS_GUEST_VER_OS2_ECS12, "eComStation 1.2"},
    GuestSystem{PVS_GUEST_VER_OS2_OTHER, "Other OS/2"},
    GuestSystem{PVS_GUEST_VER_DOS_MS622, "MS-DOS 6.22"},
    GuestSystem{PVS_GUEST_VER_DOS_OTHER, "Other DOS"},
    GuestSystem{PVS_GUEST_VER_NET_4X, "NetWare 4.x"},
    GuestSystem{PVS_GUEST_VER_NET_5X, "NetWare 5.x"},
    GuestSystem{PVS_GUEST_VER_NET_6X, "NetWare 6.x"},
    GuestSystem{PVS_GUEST_VER_NET_OTHER, "Other NetWare"},
    GuestSystem{PVS_GUEST_VER_SOL_9, "Solaris 9"},
    GuestSystem{PVS_GUEST_VER_SOL_10, "Solaris 10"},
    GuestSystem{PVS_GUEST_VER_SOL_11, "Solaris 11"},
    GuestSystem{PVS_GUEST_VER_SOL_OPEN, "OpenSolaris"},
    GuestSystem{PVS_GUEST_VER_SOL_OTHER, "Other Solaris"},
    GuestSystem{PVS_GUEST_VER_CHROMEOS_1x, "Chromium OS"},
    GuestSystem{PVS_GUEST_VER_CHROMEOS_OTHER, "Other Chromium OS"},
    GuestSystem{PVS_GUEST_VER_ANDROID_2_x, "Android 2.x"},
    GuestSystem{PVS_GUEST_VER_ANDROID_3_x, "Android 3.x"},
    GuestSystem{PVS_GUEST_VER_ANDROID_4_0, "Android"},
    GuestSystem{PVS_GUEST_VER_ANDROID_OTHER, "Other Android"},
    GuestSystem{PVS_GUEST_VER_OTH_QNX, "QNX"},
    GuestSystem{PVS_GUEST_VER_OTH_OPENSTEP, "OpenStep"},
    GuestSystem{PVS_GUEST_VER_OTH_OTHER, "Other"},
};

template <size_t N>
bool is_one_of(uint32_t version, const std::array<uint32_t, N>& list) {
  return std::find(list.begin(), list.end(), version) != list.end();
}

// Three steps by the memory of the host: up to the first bound, above the second, and between.
struct ByHost {
  uint32_t first_bound, low, second_bound, high, between;
};
uint32_t by_host(uint32_t host, const ByHost& rule) {
  if (host <= rule.first_bound) return rule.low;
  return host > rule.second_bound ? rule.high : rule.between;
}

uint32_t windows_ram(uint32_t version, uint32_t host) {
  switch (version) {
    case PVS_GUEST_VER_WIN_311: return 64;
    case PVS_GUEST_VER_WIN_95: return 128;
    case PVS_GUEST_VER_WIN_NT:
    case PVS_GUEST_VER_WIN_98:
    case PVS_GUEST_VER_WIN_ME:
    case PVS_GUEST_VER_WIN_2K: return 256;
    case PVS_GUEST_VER_WIN_2012: return 1024;
    case PVS_GUEST_VER_WIN_WINDOWS_10:
    case PVS_GUEST_VER_WIN_WINDOWS_11:
    case PVS_GUEST_VER_WIN_2016:
    case PVS_GUEST_VER_WIN_2019:
    case PVS_GUEST_VER_WIN_2022: return 2048;
    default: break;
  }
  if (!find_guest_system(version)) return 1024;
  return by_host(host, {2048, 512, 3072, 1024, 768});
}

uint32_t linux_ram(uint32_t version, uint32_t host) {
  constexpr std::array<uint32_t, 8> kLarge = {
      PVS_GUEST_VER_LIN_REDHAT_7,     PVS_GUEST_VER_LIN_REDHAT_8,  PVS_GUEST_VER_LIN_REDHAT_9,
      PVS_GUEST_VER_LIN_CENTOS_7,     PVS_GUEST_VER_LIN_CENTOS_8,  PVS_GUEST_VER_LIN_VZLINUX_8,
      PVS_GUEST_VER_LIN_CLOUDLINUX_8, PVS_GUEST_VER_LIN_ALMA_LINUX_9};
  if (is_one_of(version, kLarge) || version == PVS_GUEST_VER_LIN_CLOUDLINUX_7) return 2048;
  if (version == PVS_GUEST_VER_LIN_FEDORA) return 1024;
  if (version == PVS_GUEST_VER_LIN_FEDORA_5) return 512;
  return by_host(host, {1024, 512, 2048, 1024, 768});
}

bool is_old_windows(uint32_t version) {
  constexpr std::array<uint32_t, 5> kOld = {PVS_GUEST_VER_WIN_311, PVS_GUEST_VER_WIN_95,
                                            PVS_GUEST_VER_WIN_98, PVS_GUEST_VER_WIN_ME,
                                            PVS_GUEST_VER_WIN_NT};
  return is_one_of(version, kOld);
}

bool takes_usb(uint32_t version) {
  switch (guest_type(version)) {
    case PVS_GUEST_TYPE_LINUX: return version != PVS_GUEST_VER_LIN_KRNL_24;
    case PVS_GUEST_TYPE_WINDOWS:
      return version != PVS_GUEST_VER_WIN_311 && version != PVS_GUEST_VER_WIN_95 &&
             version != PVS_GUEST_VER_WIN_OTHER;
    case PVS_GUEST_TYPE_OS2:
      return version == PVS_GUEST_VER_OS2_ECS11 || version == PVS_GUEST_VER_OS2_ECS12;
    case PVS_GUEST_TYPE_CHROMEOS:
    case PVS_GUEST_TYPE_ANDROID:
    case PVS_GUEST_TYPE_MACOS:
    case PVS_GUEST_TYPE_FREEBSD: return true;
    default: return false;
  }
}

}  // namespace

std::span<const GuestSystem> guest_systems() { return kSystems; }

const GuestSystem* find_guest_system(uint32_t version) {
  const auto* found = std::find_if(kSystems.begin(), kSystems.end(), [=](const GuestSystem& item) {
    return item.version == version;
  });
  return found == kSystems.end() ? nullptr : found;
}

// Of each type the one that is most likely meant today.
uint16_t default_version(uint8_t type) {
  switch (type) {
    case PVS_GUEST_TYPE_MACOS: return PVS_GUEST_VER_MACOS_UNIVERSAL;
    case PVS_GUEST_TYPE_WINDOWS: return PVS_GUEST_VER_WIN_WINDOWS_10;
    case PVS_GUEST_TYPE_LINUX: return PVS_GUEST_VER_LIN_UBUNTU;
    case PVS_GUEST_TYPE_FREEBSD: return PVS_GUEST_VER_FREE_BSD;
    case PVS_GUEST_TYPE_OS2: return PVS_GUEST_VER_OS2_WARP45;
    case PVS_GUEST_TYPE_MSDOS: return PVS_GUEST_VER_DOS_MS622;
    case PVS_GUEST_TYPE_NETWARE: return PVS_GUEST_VER_NET_6X;
    case PVS_GUEST_TYPE_SOLARIS: return PVS_GUEST_VER_SOL_10;
    case PVS_GUEST_TYPE_CHROMEOS: return PVS_GUEST_VER_CHROMEOS_1x;
    case PVS_GUEST_TYPE_ANDROID: return PVS_GUEST_VER_ANDROID_4_0;
    case PVS_GUEST_TYPE_OTHER: return PVS_GUEST_VER_OTH_OTHER;
    default: return 0;
  }
}

uint32_t default_ram_mib(uint32_t version, uint32_t host) {
  switch (guest_type(version)) {
    case PVS_GUEST_TYPE_WINDOWS: return windows_ram(version, host);
    case PVS_GUEST_TYPE_LINUX:
    case PVS_GUEST_TYPE_CHROMEOS:
    case PVS_GUEST_TYPE_ANDROID: return linux_ram(version, host);
    case PVS_GUEST_TYPE_OS2: {
      const bool is_large = version == PVS_GUEST_VER_OS2_WARP45 ||
                            version == PVS_GUEST_VER_OS2_ECS11 ||
                            version == PVS_GUEST_VER_OS2_ECS12;
      return is_large ? 256 : 128;
    }
    case PVS_GUEST_TYPE_MSDOS: return 32;
    case PVS_GUEST_TYPE_FREEBSD: return version == PVS_GUEST_VER_BSD_OTHER ? 2048 : 256;
    case PVS_GUEST_TYPE_SOLARIS:
      if (version == PVS_GUEST_VER_SOL_10) return 1536;
      return version == PVS_GUEST_VER_SOL_11 ? 768 : 1024;
    case PVS_GUEST_TYPE_MACOS:
      if (host <= 2048) return 512;
      return host < 4096 ? 1024 : 2048;
    default: return 256;
  }
}

uint32_t default_disk_mib(uint32_t version) {
  switch (guest_type(version)) {
    case PVS_GUEST_TYPE_WINDOWS:
      if (version == PVS_GUEST_VER_WIN_311 || version == PVS_GUEST_VER_WIN_95) return 2048;
      if (version == PVS_GUEST_VER_WIN_NT) return 4096;
      if (version == PVS_GUEST_VER_WIN_98 || version == PVS_GUEST_VER_WIN_ME) return 8192;
      return 65536;
    case PVS_GUEST_TYPE_LINUX:
    case PVS_GUEST_TYPE_MACOS:
    case PVS_GUEST_TYPE_FREEBSD:
    case PVS_GUEST_TYPE_SOLARIS:
    case PVS_GUEST_TYPE_CHROMEOS:
    case PVS_GUEST_TYPE_ANDROID: return 65536;
    case PVS_GUEST_TYPE_OS2:
    case PVS_GUEST_TYPE_MSDOS: return 2048;
    default: return 8192;
  }
}

uint32_t default_video_mib(uint32_t version, uint32_t host, bool with_3d) {
  const uint32_t plain = version == PVS_GUEST_VER_WIN_2003 ? 64 : 32;
  if (!with_3d || guest_type(version) != PVS_GUEST_TYPE_WINDOWS || host <= 1024) return plain;
  constexpr std::array<uint32_t, 6> kClients = {
      PVS_GUEST_VER_WIN_2K,       PVS_GUEST_VER_WIN_XP,       PVS_GUEST_VER_WIN_VISTA,
      PVS_GUEST_VER_WIN_WINDOWS7, PVS_GUEST_VER_WIN_WINDOWS8, PVS_GUEST_VER_WIN_WINDOWS8_1};
  return is_one_of(version, kClients) && host > 2048 ? 256 : 128;
}

uint32_t default_cpus(uint32_t version, uint32_t host_cpus, bool is_server_mode) {
  const uint8_t type = guest_type(version);
  const bool is_single = is_old_windows(version) || version == PVS_GUEST_VER_LIN_KRNL_24 ||
                         type == PVS_GUEST_TYPE_OS2 || type == PVS_GUEST_TYPE_MSDOS ||
                         type == PVS_GUEST_TYPE_SOLARIS;
  return is_server_mode && host_cpus >= 4 && !is_single ? 2 : 1;
}

bool has_virtio(uint32_t version) {
  constexpr std::array<uint32_t, 8> kWindows = {
      PVS_GUEST_VER_WIN_2008,     PVS_GUEST_VER_WIN_2012,       PVS_GUEST_VER_WIN_2016,
      PVS_GUEST_VER_WIN_2019,     PVS_GUEST_VER_WIN_2022,       PVS_GUEST_VER_WIN_WINDOWS7,
      PVS_GUEST_VER_WIN_WINDOWS8, PVS_GUEST_VER_WIN_WINDOWS_10};
  if (guest_type(version) == PVS_GUEST_TYPE_LINUX) {
    return version != PVS_GUEST_VER_LIN_KRNL_24 && version != PVS_GUEST_VER_LIN_RHLES3;
  }
  return is_one_of(version, kWindows);
}

bool needs_device(uint32_t version, uint32_t device, bool is_server_mode) {
  const uint8_t type = guest_type(version);
  switch (device) {
    case PDE_HARD_DISK:
    case PDE_OPTICAL_DISK: return true;
    case PDE_SERIAL_PORT: return type == PVS_GUEST_TYPE_OS2;
    case PDE_SOUND_DEVICE:
      return !is_server_mode && type != PVS_GUEST_TYPE_MSDOS &&
             type != PVS_GUEST_TYPE_NETWARE && type != PVS_GUEST_TYPE_SOLARIS;
    case PDE_GENERIC_NETWORK_ADAPTER: return type != PVS_GUEST_TYPE_NETWARE;
    case PDE_USB_DEVICE: return takes_usb(version);
    case PDE_PARALLEL_PORT:
      return !is_server_mode && (type == PVS_GUEST_TYPE_WINDOWS ||
                                 type == PVS_GUEST_TYPE_FREEBSD ||
                                 version == PVS_GUEST_VER_LIN_OTHER);
    default: return false;
  }
}

}  // namespace prl::sdk
