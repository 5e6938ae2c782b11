// VmActions that keep a record of what the machine asked and announced, and an image that is a mere
// flag. Owned by a test; one thread.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

// GoogleTest prints values with these.
void PrintTo(State state, std::ostream* out);
void PrintTo(Refusal refusal, std::ostream* out);

class RecordingActions : public VmActions {
 public:
  void begin_boot() override { asked.emplace_back("begin_boot"); }
  void begin_image_write() override { asked.emplace_back("begin_image_write"); }
  void begin_image_flush() override { asked.emplace_back("begin_image_flush"); }
  void begin_image_read() override { asked.emplace_back("begin_image_read"); }
  void begin_freeze() override { asked.emplace_back("begin_freeze"); }
  void begin_thaw() override { asked.emplace_back("begin_thaw"); }
  void begin_power_off() override { asked.emplace_back("begin_power_off"); }
  void begin_shutdown() override { asked.emplace_back("begin_shutdown"); }
  void begin_reset() override { asked.emplace_back("begin_reset"); }
  void begin_snapshot() override { asked.emplace_back("begin_snapshot"); }
  void begin_restore() override { asked.emplace_back("begin_restore"); }
  void begin_snapshot_removal() override { asked.emplace_back("begin_snapshot_removal"); }
  void begin_compact() override { asked.emplace_back("begin_compact"); }
  void compact_now() override { asked.emplace_back("compact_now"); }
  void reboot_guest() override { asked.emplace_back("reboot_guest"); }
  void begin_clean_up() override { asked.emplace_back("begin_clean_up"); }
  void end_process() override { asked.emplace_back("end_process"); }
  void drop_image() override {
    asked.emplace_back("drop_image");
    has_image = false;
  }
  void abandon_image() override {
    asked.emplace_back("abandon_image");
    has_image = false;
  }
  bool image_exists() const override { return has_image; }
  void announce(State state) override { announced.push_back(state); }

  void forget() {
    asked.clear();
    announced.clear();
  }

  bool has_image = false;
  std::vector<std::string> asked;
  std::vector<State> announced;
};

// Brings a machine that knows nothing yet to `state`, by the shortest way through discovery, then
// forgets what was recorded. Returns what the VM was found to be.
Completion bring_to(State state, Lifecycle& machine, RecordingActions& actions);
// Ends the phase under way; the image appears when it is the phase that writes it. Operations on
// snapshots end with what `found` says.
bool finish_phase(Lifecycle& machine, RecordingActions& actions, Completion found);

// A machine with its actions, so that a test starts in one line.
struct MachineUnderTest {
  explicit MachineUnderTest(State state) : found(bring_to(state, machine, actions)) {}

  bool finish() { return finish_phase(machine, actions, found); }

  RecordingActions actions;
  VmMachine machine{actions};
  const Completion found;
};

}  // namespace prl::sim
