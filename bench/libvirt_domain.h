// The domain of libvirt's own fake, test:///default, in this process: what a suspend and resume
// costs elsewhere. Only built where libvirt is installed. One thread.
#pragma once

#include <libvirt/libvirt.h>

#include <memory>
#include <string>
#include <vector>

namespace prl::bench {

class LibvirtDomain {
 public:
  LibvirtDomain();
  // Registers libvirt's own event loop first; the process must have opened no connection before.
  static void prepare_events();
  void suspend_and_resume() const;
  // Asks for the state.
  void look() const;
  // From now on a callback is told of the domain's life.
  void subscribe();
  // suspend_and_resume() so many times, and until the callback has been told of all. REQUIRES:
  // subscribe() was called.
  void suspend_and_resume_told(int times);

 private:
  std::unique_ptr<virConnect, int (*)(virConnectPtr)> connection_;
  std::unique_ptr<virDomain, int (*)(virDomainPtr)> domain_;
  int told_ = 0;
};

// The same host with many domains of its own.
class LibvirtHost {
 public:
  explicit LibvirtHost(size_t domains);
  LibvirtHost(const LibvirtHost&) = delete;
  LibvirtHost& operator=(const LibvirtHost&) = delete;
  ~LibvirtHost();

  void define_all();
  void list_all() const;  // and asks each for its name
  void start_all() const;
  void remove_all();

 private:
  std::unique_ptr<virConnect, int (*)(virConnectPtr)> connection_;
  std::vector<std::string> xml_;
  std::vector<std::unique_ptr<virDomain, int (*)(virDomainPtr)>> domains_;
};

}  // namespace prl::bench
