// RapidCheck for clients: scenarios and faults drawn at random, and a property that most clients
// should have: what an operation of the client says is what has happened to the VM. Header only,
// C++17; link rapidcheck. For RC_GTEST_PROP include <gtest/gtest.h> and then <rapidcheck/gtest.h>.
//
//   RC_GTEST_PROP(Nightly, TellsTheTruth, ()) {
//     prl::kit::Client client;
//     client.suspend = [](const std::string& vm) { return suspend(vm); };
//     client.resume = [](const std::string& vm) { return resume(vm); };
//     prl::kit::check_truthful(client);
//   }
#ifndef PRL_RAPIDCHECK_HPP
#define PRL_RAPIDCHECK_HPP

#include "prl_kit.hpp"
#include "prl_rapidcheck_client.hpp"
#include "prl_rapidcheck_draw.hpp"
#include "prl_rapidcheck_order.hpp"
#include "prl_rapidcheck_story.hpp"
#include "prl_rapidcheck_truth.hpp"

#endif  // PRL_RAPIDCHECK_HPP
