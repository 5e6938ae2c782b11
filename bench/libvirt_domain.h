// The domain of libvirt's own fake, test:///default, in this process: what a suspend and resume
// costs elsewhere. Only built where libvirt is installed. One thread.
#pragma once

#include <libvirt/libvirt.h>

#include <memory>

namespace prl::bench {

class LibvirtDomain {
 public:
  LibvirtDomain();
  void suspend_and_resume() const;

 private:
  std::unique_ptr<virConnect, int (*)(virConnectPtr)> connection_;
  std::unique_ptr<virDomain, int (*)(virDomainPtr)> domain_;
};

}  // namespace prl::bench
