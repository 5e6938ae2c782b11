// Draws from distributions. Every bit of what is drawn depends on the seed alone: no library is
// asked for logarithms, whose last bits differ between systems. Stateless.
#pragma once

#include <cstdint>

#include "simulator/latency_spec.h"
#include "simulator/random.h"

namespace prl::sim {

// Natural logarithm and exponential function, good to 14 digits. REQUIRES: x is positive and
// normal; |x| <= 700.
double own_log(double x);
double own_exp(double x);

// Mean 0, standard deviation 1.
double draw_normal(RandomStream& stream);

// In microseconds. A constant draws nothing.
uint64_t draw_us(const Distribution& distribution, RandomStream& stream);

}  // namespace prl::sim
