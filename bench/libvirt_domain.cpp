#include "bench/libvirt_domain.h"

#include <stdexcept>

namespace prl::bench {

LibvirtDomain::LibvirtDomain()
    : connection_(virConnectOpen("test:///default"), &virConnectClose), domain_(nullptr, nullptr) {
  if (!connection_) throw std::runtime_error("virConnectOpen failed");
  domain_ = {virDomainLookupByName(connection_.get(), "test"), &virDomainFree};
  if (!domain_) throw std::runtime_error("virDomainLookupByName failed");
}

void LibvirtDomain::suspend_and_resume() const {
  if (virDomainSuspend(domain_.get()) != 0 || virDomainResume(domain_.get()) != 0) {
    throw std::runtime_error("virDomainSuspend or virDomainResume failed");
  }
}

}  // namespace prl::bench
