#include "bench/libvirt_domain.h"

#include <cstdlib>
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

void LibvirtDomain::prepare_events() {
  if (virEventRegisterDefaultImpl() != 0) {
    throw std::runtime_error("virEventRegisterDefaultImpl failed");
  }
}

void LibvirtDomain::subscribe() {
  const auto callback = [](virConnectPtr, virDomainPtr, int, int, void* told) {
    ++*static_cast<int*>(told);
    return 0;
  };
  virConnectDomainEventCallback plain = callback;
  if (virConnectDomainEventRegisterAny(connection_.get(), domain_.get(),
                                       VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                       VIR_DOMAIN_EVENT_CALLBACK(plain), &told_, nullptr) < 0) {
    throw std::runtime_error("virConnectDomainEventRegisterAny failed");
  }
}

void LibvirtDomain::suspend_and_resume_told(int times) {
  const int before = told_;
  for (int i = 0; i < times; ++i) suspend_and_resume();
  while (told_ < before + 2 * times) {
    if (virEventRunDefaultImpl() != 0) throw std::runtime_error("virEventRunDefaultImpl failed");
  }
}

void LibvirtDomain::look() const {
  int state = 0;
  if (virDomainGetState(domain_.get(), &state, nullptr, 0) != 0) {
    throw std::runtime_error("virDomainGetState failed");
  }
}

LibvirtHost::LibvirtHost(size_t domains)
    : connection_(virConnectOpen("test:///default"), &virConnectClose) {
  if (!connection_) throw std::runtime_error("virConnectOpen failed");
  for (size_t i = 0; i < domains; ++i) {
    xml_.push_back("<domain type='test'><name>vm" + std::to_string(i) +
                   "</name><memory>262144</memory><os><type>hvm</type></os></domain>");
  }
}

LibvirtHost::~LibvirtHost() { remove_all(); }

void LibvirtHost::define_all() {
  for (const std::string& xml : xml_) {
    domains_.emplace_back(virDomainDefineXML(connection_.get(), xml.c_str()), &virDomainFree);
    if (!domains_.back()) throw std::runtime_error("virDomainDefineXML failed");
  }
}

void LibvirtHost::list_all() const {
  virDomainPtr* list = nullptr;
  const int count = virConnectListAllDomains(connection_.get(), &list, 0);
  if (count < static_cast<int>(domains_.size())) throw std::runtime_error("domains are missing");
  for (int i = 0; i < count; ++i) {
    if (!virDomainGetName(list[i])) throw std::runtime_error("virDomainGetName failed");
    virDomainFree(list[i]);
  }
  std::free(list);
}

void LibvirtHost::start_all() const {
  for (const auto& domain : domains_) {
    if (virDomainCreate(domain.get()) != 0) throw std::runtime_error("virDomainCreate failed");
  }
}

void LibvirtHost::remove_all() {
  for (const auto& domain : domains_) {
    (void)virDomainDestroy(domain.get());
    (void)virDomainUndefine(domain.get());
  }
  domains_.clear();
}

}  // namespace prl::bench
