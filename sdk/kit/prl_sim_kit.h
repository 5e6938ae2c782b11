/* Control calls that the kit in C++ (prl_kit.hpp) is made with: names that were mistyped, what a
 * job is, scenarios that are put together, why something was refused, and what goes before the
 * environment. Conventions are those of prl_sim.h; texts are as everywhere (core-api 6). Those that
 * do not say so work before Init too.
 */
#ifndef PRL_SIM_KIT_H
#define PRL_SIM_KIT_H

#include "prl_sim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which of these names, one a line, `name` is or was probably meant to be: the one with the fewest
 * letters to insert, remove, replace or swap. NULL: of the functions of the API. PRL_ERR_NO_DATA
 * where it is none of them, and none is near. */
PRL_SIM_API PRL_RESULT PrlSim_GetNearestName(const char* name, const char* names, PRL_STR nearest,
                                             PRL_UINT32_PTR length);

/* The names of all fault rules that the world of the calling thread has had, one a line, also of
 * those that PrlSim_ClearFaults made it forget. Only after Init. */
PRL_SIM_API PRL_RESULT PrlSim_GetFaultNames(PRL_STR names, PRL_UINT32_PTR length);

/* What a handle stands for: "PrlVm_Suspend of VM web, which is RUNNING" for a job, the function
 * alone where it is about no VM; "VM web, which is RUNNING"; and the type of all others,
 * "PHT_SERVER". States are those of this moment. Leaves no line in the trace, and a bad handle is
 * no misuse: PRL_ERR_INVALID_ARG. Only after Init. */
PRL_SIM_API PRL_RESULT PrlSim_GetHandleText(PRL_HANDLE handle, PRL_STR text, PRL_UINT32_PTR length);

/* The text of a scenario file, or of the one that comes with prlsim under that name ("demo";
 * `prlsim scenario list` names them all). Where there is none, or it has a mistake, stderr says so,
 * with the line: PRL_ERR_OPERATION_FAILED. */
PRL_SIM_API PRL_RESULT PrlSim_ReadScenario(const char* file, PRL_STR toml, PRL_UINT32_PTR length);

/* One scenario of two texts: what `over` says goes before what `base` says. A key of `over` takes
 * the place of the same one, in [host] and [latency] key by key; so does a user, VM, fault or
 * expectation with the name of one in `base`, and others stand behind those of `base`. Comments are
 * lost. Where one of them is no TOML stderr says so: PRL_ERR_OPERATION_FAILED; whether it is a
 * scenario shows at Init. */
PRL_SIM_API PRL_RESULT PrlSim_MergeScenarios(const char* base, const char* over, PRL_STR toml,
                                             PRL_UINT32_PTR length);

/* Why the library has refused an Init, a scenario or a fault rule: what it said last on stderr,
 * without "prlsim: ". Who has been given the text has it alone: after that there is PRL_ERR_NO_DATA
 * until something else is refused. */
PRL_SIM_API PRL_RESULT PrlSim_TakeComplaint(PRL_STR text, PRL_UINT32_PTR length);

/* For every world to come: what its scenario says of these keys at its top, "clock seed", goes
 * before the variables of the environment (PRLSIM_CLOCK, PRLSIM_SEED, ...), which otherwise go
 * before the scenario. Keys have a blank between two; those without a variable make no difference.
 * NULL or "": of no key, as at first. */
PRL_SIM_API PRL_RESULT PrlSim_PreferScenario(const char* keys);

/* For every Init to come: the host lives in this folder (docs/home.md), whatever PRLSIM_HOME says;
 * "": in memory; NULL: as PRLSIM_HOME says, as at first. */
PRL_SIM_API PRL_RESULT PrlSim_SetHome(const char* folder);

#ifdef __cplusplus
}
#endif

#endif /* PRL_SIM_KIT_H */
