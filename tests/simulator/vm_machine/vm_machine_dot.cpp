// Prints the diagram of the lifecycle; its output is docs/vm_machine.dot.
#include <iostream>

#include "simulator/vm_machine/vm_machine.h"

int main() {
  std::cout << prl::sim::to_dot();
}
