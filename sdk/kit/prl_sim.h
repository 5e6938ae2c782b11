/* Control calls of prlsim: what a test sees and changes of the simulated world beside the client's
 * API. Plain C, exported by the same library; a program that loads the library by hand gets them
 * with dlsym or SdkWrap_GetSymbol.
 *
 * Conventions, as in the API itself:
 *  - A call returns PRL_ERR_SUCCESS or an error; on error out variables are untouched.
 *  - Handles, NULL pointers and calls before Init are answered as everywhere: PRL_ERR_INVALID_ARG,
 *    PRL_ERR_API_WASNT_INITIALIZED.
 *  - Calls may come from any thread. What is handed out and must be freed says so.
 *  - A call that is given the handle of a VM works in the world of that VM, any other in the world
 *    that the thread has chosen (PrlSim_UseWorld).
 *  - No client has these calls in production: guard them, or keep them in test code.
 */
#ifndef PRL_SIM_H
#define PRL_SIM_H

#include "Parallels.h"

#if defined(__GNUC__)
#define PRL_SIM_API __attribute__((visibility("default")))
#else
#define PRL_SIM_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A segment register. `attributes` holds bits 40-47 and 52-55 of its descriptor. */
typedef struct PrlSim_Segment {
  PRL_UINT16 selector;
  PRL_UINT16 attributes;
  PRL_UINT32 limit;
  PRL_UINT64 base;
} PrlSim_Segment;

/* The registers of one virtual x86-64 processor. `general` is numbered as instructions encode it:
 * rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 ... r15; `segments` likewise: es, cs, ss, ds, fs, gs.
 */
typedef struct PrlSim_Registers {
  PRL_UINT64 general[16];
  PRL_UINT64 rip;
  PRL_UINT64 rflags;
  PrlSim_Segment segments[6];
  PRL_UINT64 cr0;
  PRL_UINT64 cr2;
  PRL_UINT64 cr3;
  PRL_UINT64 cr4;
  PRL_UINT64 cr8;
  PRL_UINT64 efer;
  PRL_UINT64 tsc;
} PrlSim_Registers;

/* Uses this scenario (the text of a TOML file, faults/scenario.md) for every Init to come, instead
 * of the file named by PRLSIM_SCENARIO. NULL or "" goes back to the environment. Works before Init;
 * a mistake in the text shows at Init, which then fails. */
PRL_SIM_API PRL_RESULT PrlSim_SetScenario(const char* toml);

/* PRL_FALSE: for every Init to come nothing waits until bytes and names are on the disk, where
 * neither PRLSIM_DURABLE nor the scenario (`durable`) says otherwise: quicker tests with
 * PRLSIM_HOME, in which a process may still be killed at any moment, but not the machine.
 * The trace begins with a line that says so. PRL_TRUE, as at first: it waits. Works before Init. */
PRL_SIM_API PRL_RESULT PrlSim_SetDurable(PRL_BOOL is_durable);

/* Keeps the last lines of the trace (faults/scenario.md tells of PRLSIM_TRACE, which writes all of
 * them to a file) in memory, for every Init to come; 0 keeps none. Works before Init. */
PRL_SIM_API PRL_RESULT PrlSim_KeepTrace(PRL_UINT32 lines);

/* The lines that are kept, the oldest first, each with its end of line. Text as everywhere
 * (core-api 6). PRL_ERR_NO_DATA where none are kept. */
PRL_SIM_API PRL_RESULT PrlSim_GetTrace(PRL_STR text, PRL_UINT32_PTR length);

/* Writes down, for every Init to come, which call made which handle and which call was given a bad
 * one: mode 0 only where there is a trace, 1 always, 2 with the stack of the thread that got each
 * handle, which is slow. PRL_ERR_INVALID_ARG for another mode. Works before Init. */
PRL_SIM_API PRL_RESULT PrlSim_KeepLedger(PRL_UINT32 mode);

/* How many handles are alive, and how many calls so far were given one that was freed, of another
 * type or never there, and said PRL_ERR_INVALID_ARG. After the last Deinit: of the time before it;
 * what is alive then was never freed. Zeros where nothing is written down. */
PRL_SIM_API PRL_RESULT PrlSim_GetLedgerCounts(PRL_UINT32* live, PRL_UINT32* misuses);

/* The same in words, a line for each: "live #3 PHT_JOB from PrlVm_Start (call 12) at 40 ms, thread
 * 1", "misuse PrlHandle_Free (call 14): frees a second time #3 ...". Objects are numbered in the
 * order in which the client got them. Text as everywhere: core-api 6. */
PRL_SIM_API PRL_RESULT PrlSim_GetLedgerText(PRL_STR text, PRL_UINT32_PTR length);

/* The seed that this world draws from: PRLSIM_SEED with it gives the same run again. */
PRL_SIM_API PRL_RESULT PrlSim_GetSeed(PRL_UINT64* seed);

/* Worlds. A library begins with world 0, and tests may have others beside it: whole hosts with VMs,
 * clock, seed and faults of their own, which share nothing; only VMs may go from one to another
 * (PrlVm_Migrate to a server object of that world). A thread works in the world that it has chosen,
 * world 0 until then; a server object is in the world of the thread that made it, with all that
 * comes of it, and its handlers run in that world.
 *
 * A login chooses a world too: PrlSrv_Login and its kin, but not LoginLocal, bring the server to
 * the world whose host has the name that they are given (`name` of [host] in its scenario), with
 * "world-<n>" to the world of that number. "localhost" and the name of the host of its own world
 * mean that world; where several others have the name, the one with the lowest number. A session
 * that the server has ends then without a word, as it does at any new login; VM handles from before
 * mean whatever VM has their uuid in this world, and worlds of one seed draw the same ones. While a
 * job of the server is unfinished it stays where it is, and such a login ends with
 * PRL_ERR_CANT_CONNECT_TO_DISPATCHER. The thread goes on in the world that it has chosen.
 *
 * CreateWorld makes a world with this scenario, NULL for that of the environment. It is in memory
 * whatever PRLSIM_HOME says, and writes its trace into <PRLSIM_TRACE>.world-<n>, where n counts the
 * worlds of this library. At most 1023 at a time: PRL_ERR_OUT_OF_MEMORY. A mistake in the scenario
 * is said on stderr: PRL_ERR_OPERATION_FAILED.
 * UseWorld lets the calling thread work in that world: PRL_ERR_INVALID_ARG where there is none.
 * DestroyWorld ends the sessions in the world and the world itself: PRL_ERR_INVALID_ARG for world 0
 * and where there is none. ResetWorld does so with the world of the calling thread and puts a fresh
 * one in its place: one call between two tests. What was made in the old one stays good for being
 * freed, its servers may log in again. No other thread may be in a call on a world that ends. Some
 * KiB of each stay until Deinit. */
PRL_SIM_API PRL_RESULT PrlSim_CreateWorld(const char* toml, PRL_UINT32* world);
PRL_SIM_API PRL_RESULT PrlSim_UseWorld(PRL_UINT32 world);
PRL_SIM_API PRL_RESULT PrlSim_DestroyWorld(PRL_UINT32 world);
PRL_SIM_API PRL_RESULT PrlSim_ResetWorld(const char* toml);

/* Virtual time of the world, in ms since Init. */
PRL_SIM_API PRL_RESULT PrlSim_GetTime(PRL_UINT64* time_ms);

/* Moves virtual time on by delta_ms and runs all that becomes due. Only with clocks `virtual` and
 * `manual`: PRL_ERR_INVALID_ACTION_REQUESTED otherwise. */
PRL_SIM_API PRL_RESULT PrlSim_AdvanceTime(PRL_UINT64 delta_ms);

/* Waits until the handlers of every server object in the world of the calling thread have returned
 * from all that the world has told them so far: events, and finished jobs. They run in threads of
 * their own, and with clock `virtual` hours may pass before one of them gets to run: a test that
 * looks at what its handlers saw calls this first. PRL_ERR_TIMEOUT where they have not after
 * timeout_ms on the wall, as when one of them waits for the calling thread;
 * PRL_ERR_OPERATION_FAILED in a handler or a guest workload. What faults hold back or let come
 * later in virtual time is not waited for. */
PRL_SIM_API PRL_RESULT PrlSim_AwaitHandlers(PRL_UINT32 timeout_ms);

/* The state that the host tells of the VM with this name or uuid, without a call of the API, a step
 * of time or a line in the trace. PRL_ERR_VM_UUID_NOT_FOUND where there is none. */
PRL_SIM_API PRL_RESULT PrlSim_GetVmState(const char* vm, VIRTUAL_MACHINE_STATE* state);

/* Makes an object of the type with nothing set, as if a server had answered with it, so that code
 * that reads such objects can be tested without one. Only for types whose content is properties
 * (statistics, host hardware, networks, ...); PRL_ERR_INVALID_ARG for others. The caller frees it
 * with PrlHandle_Free. */
PRL_SIM_API PRL_RESULT PrlSim_CreateObject(PRL_HANDLE_TYPE type, PRL_HANDLE_PTR object);

/* Reads or writes guest-physical memory of a VM. PRL_ERR_DISP_VM_IS_NOT_STARTED unless it is
 * RUNNING, PAUSED or SNAPSHOTING from one of these; PRL_ERR_INVALID_ARG outside its memory, with
 * nothing read or written. Memory of a resumed VM comes from its image: where that turns out to be
 * damaged (PRL_ERR_CORE_STATE_CORRUPT_MEM_FILE), cut off (PRL_ERR_STATE_INT_CORRUPTED) or
 * unreadable (PRL_ERR_VM_RESUME_FAILED) the VM's process dies of it. What a running guest's
 * workload writes may overwrite what was written (simulator/workload.h). */
PRL_SIM_API PRL_RESULT PrlSim_ReadGuestMemory(PRL_HANDLE vm, PRL_UINT64 address, void* buffer,
                                              PRL_UINT64 bytes);
PRL_SIM_API PRL_RESULT PrlSim_WriteGuestMemory(PRL_HANDLE vm, PRL_UINT64 address,
                                               const void* buffer, PRL_UINT64 bytes);

/* Sets *memory to a pointer to that range of guest-physical memory, for a test that wants to look
 * at it and store to it as the guest does. Answers as PrlSim_ReadGuestMemory; PRL_ERR_INVALID_ARG
 * also for no bytes, and where one of the pages of 4 KiB is pinned already.
 *
 * What is stored there is in the guest's memory at once. Suspends and snapshots find it by
 * comparing the checksums of the pages that the kernel has seen stores to (Linux from 6.7 on) or,
 * where it does not tell, of all that is pinned. The pointer leads
 * into the guest until PrlSim_UnpinGuestMemory, or until a suspend begins, whether or not it
 * succeeds, or the guest is reset, stops, dies or gives way to that of a snapshot; resuming does
 * not bring it back. After that it leads to what was there last, in memory that is nobody's: a late
 * store does no harm and is lost. That memory stays until PrlSim_UnpinGuestMemory or the last
 * Deinit. What a thread stores while another one is in a call may or may not be seen by it.
 *
 * PrlSim_UnpinGuestMemory works in the world that the memory is of: PRL_ERR_INVALID_ARG for a
 * pointer that is not one of these. */
PRL_SIM_API PRL_RESULT PrlSim_PinGuestMemory(PRL_HANDLE vm, PRL_UINT64 address, PRL_UINT64 bytes,
                                             void** memory);
PRL_SIM_API PRL_RESULT PrlSim_UnpinGuestMemory(void* memory);

/* What a test does in the place of a guest: called with the handle and the user data that were
 * given, and with how many ms the guest has run since it was booted. */
typedef void(PRL_CALL* PrlSim_GuestWorkload)(PRL_HANDLE vm, PRL_UINT64 ran_ms, void* user_data);

/* Lets `workload` be called in virtual time, each time that the guest of the VM has run for another
 * period_ms since it was booted, beside what the scenario lets it do; NULL: nothing any more. One
 * that was there is replaced. It stays for all guests that the VM will have, until the VM or the
 * world goes; PRL_ERR_VM_UUID_NOT_FOUND for a VM that is not registered, PRL_ERR_INVALID_ARG for a
 * period of 0.
 *
 * The call comes in the thread that waits or moves time or, with clocks `real` and `scaled`, in
 * that or in one of the world's own; virtual time stands still meanwhile. Calls of prl_sim.h and of
 * the API may be made in it, and jobs started. But it must not register or remove event handlers,
 * nor wait for a thread that waits for a job or takes a workload away: those wait for the end of
 * this call. Nothing in it passes time: PrlJob_Wait says at once PRL_ERR_TIMEOUT,
 * PrlSim_AdvanceTime does nothing, and PrlApi_Deinit, PrlSim_DestroyWorld and PrlSim_ResetWorld say
 * PRL_ERR_OPERATION_FAILED. When this function returns, a workload that was there is not called any
 * more and no call of it is under way, unless this was called from within it. The workload must not
 * throw.
 *
 * The shorter the period, the dearer a wait: one that nothing ends calls the workload up to its
 * deadline. */
PRL_SIM_API PRL_RESULT PrlSim_SetGuestWorkload(PRL_HANDLE vm, PRL_UINT32 period_ms,
                                               PrlSim_GuestWorkload workload, void* user_data);

/* Reads or writes the registers of virtual processor `vcpu`, counted from 0. States as for memory;
 * PRL_ERR_INVALID_ARG for a processor that the VM does not have. Writing leaves registers that
 * PrlSim_Registers does not show as they are. */
PRL_SIM_API PRL_RESULT PrlSim_GetRegisters(PRL_HANDLE vm, PRL_UINT32 vcpu,
                                           PrlSim_Registers* registers);
PRL_SIM_API PRL_RESULT PrlSim_SetRegisters(PRL_HANDLE vm, PRL_UINT32 vcpu,
                                           const PrlSim_Registers* registers);

/* Cold starts of the guest so far, resets included; resuming is none.
 * PRL_ERR_VM_UUID_NOT_FOUND for a VM that is not registered. */
PRL_SIM_API PRL_RESULT PrlSim_GetBootCount(PRL_HANDLE vm, PRL_UINT64* count);

/* Size of the image of a suspended VM in bytes; 0 when there is none. */
PRL_SIM_API PRL_RESULT PrlSim_GetImageSize(PRL_HANDLE vm, PRL_UINT64* bytes);

/* Where the image of the VM is, or will be, in the host's storage; a file of the real system only
 * with PRLSIM_HOME. Text as everywhere: core-api 6. */
PRL_SIM_API PRL_RESULT PrlSim_GetImagePath(PRL_HANDLE vm, PRL_STR path, PRL_UINT32_PTR length);

/* Lets the host ask a question about a VM: clients see PET_DSP_EVT_VM_QUESTION with `code`, the VM
 * waits for an answer (PrlVmInfo_IsVmWaitingForAnswer) and the question is pending until
 * PrlSrv_SendAnswer. `choices` are the answers that it takes; with none it takes any. The VM does
 * not stand still meanwhile. PRL_ERR_VM_UUID_NOT_FOUND for a VM that is not registered. */
PRL_SIM_API PRL_RESULT PrlSim_AskQuestion(PRL_HANDLE vm, PRL_RESULT code,
                                          const PRL_RESULT* choices, PRL_UINT32 choices_count);

/* Fault rules at run time, in the world of the calling thread. AddFaults puts the [[fault]] tables
 * of this text (faults/scenario.md), which may have nothing else, behind the rules that there are.
 * A mistake in it is said on stderr, and nothing is added: PRL_ERR_OPERATION_FAILED. So is a name
 * that is there already, and a rule about storage where the scenario had none. ClearFaults forgets
 * all rules, those of the scenario too; what has been struck stays struck. GetFaultCounts says how
 * many points the rule has seen and how many of them it has struck: PRL_ERR_NO_DATA where there is
 * no such rule. */
PRL_SIM_API PRL_RESULT PrlSim_AddFaults(const char* toml);
PRL_SIM_API PRL_RESULT PrlSim_ClearFaults(void);
PRL_SIM_API PRL_RESULT PrlSim_GetFaultCounts(const char* rule, PRL_UINT64* seen,
                                             PRL_UINT64* struck);

/* Does at once, or delay_ms of virtual time later, what a fault rule of this kind does
 * (faults/scenario.md): "kill_vm", "guest_panic", "guest_power_off", "guest_reboot", "guest_sleep",
 * "guest_hibernate", "guest_wake", "freeze" or "unfreeze" to the VM with this name or uuid;
 * "host_sleep", "host_wake", "disconnect" (every session of the world), "restart_service" or
 * "power_cut" with NULL in its place. With "restart_service" and "power_cut" delay_ms is the time
 * for which logins are refused.
 * At once means before this returns with clocks `virtual` and `manual`, unless it is called in a
 * guest workload, and otherwise as soon as the world gets to it. Leaves a line in the trace. Where
 * it meets nothing, such as a guest that does not run or a host of profile virtuozzo that is to
 * sleep, nothing happens. PRL_ERR_INVALID_ARG for another kind, a VM where none belongs and none
 * where one does; PRL_ERR_VM_UUID_NOT_FOUND where there is no such VM. */
PRL_SIM_API PRL_RESULT PrlSim_Strike(const char* kind, const char* vm, PRL_UINT64 delay_ms);

/* What the last question about the VM was answered with; PRL_ERR_NO_DATA until it was. */
PRL_SIM_API PRL_RESULT PrlSim_GetAnswer(PRL_HANDLE vm, PRL_RESULT* answer);

/* Gives the guest of a VM tools, or takes them away, without a word to clients. */
PRL_SIM_API PRL_RESULT PrlSim_SetGuestTools(PRL_HANDLE vm, PRL_BOOL has_tools);

/* Whether the guest of a VM ignores that it is asked to shut down: a graceful stop then ends it by
 * force after 120 s, or, with PSF_NOFORCE and profile desktop, leaves it running and fails with
 * PRL_ERR_TIMEOUT (vm-lifecycle 4.1). */
PRL_SIM_API PRL_RESULT PrlSim_SetGuestIgnoresShutdown(PRL_HANDLE vm, PRL_BOOL ignores);

/* What the guest of a VM does from now on when PrlVm_Pause with bAcpi asks it to sleep: "pause",
 * "suspend", "stop" or "ignore", as `asked_to_sleep` of a scenario (faults/scenario.md). A guest
 * that sleeps in memory wakes up by PrlSim_Strike("guest_wake"), PrlVm_Start or PrlVm_Resume.
 * PRL_ERR_INVALID_ARG for another word. */
PRL_SIM_API PRL_RESULT PrlSim_SetGuestAskedToSleep(PRL_HANDLE vm, const char* answer);

/* Lets the guest of a VM know a program: from now on PrlVmGuest_RunProgram with this name, whatever
 * the arguments, takes duration_ms of virtual time, writes these texts (NULL for none) and returns
 * exit_code. A program of the same name is replaced. Scenarios can tell arguments apart. */
PRL_SIM_API PRL_RESULT PrlSim_SetGuestProgram(PRL_HANDLE vm, const char* name, const char* output,
                                              const char* error_output, PRL_UINT32 exit_code,
                                              PRL_UINT64 duration_ms);

/* The pixel of the VM's screen at this moment as 0x00RRGGBB; captured pictures hold the same.
 * PRL_ERR_INVALID_ARG outside the screen. */
PRL_SIM_API PRL_RESULT PrlSim_GetScreenPixel(PRL_HANDLE vm, PRL_UINT32 x, PRL_UINT32 y,
                                             PRL_UINT32* rgb);

/* Something that a client did to the keyboard (kind 0: key, event) or the mouse of a VM (kind 1: a
 * move, kind 2: a position, kind 3: a mode of modifier keys, whose number is in `key`). */
typedef struct PrlSim_Input {
  PRL_UINT32 kind;
  PRL_UINT32 key;
  PRL_UINT32 event;
  PRL_INT32 x;
  PRL_INT32 y;
  PRL_INT32 wheel;
  PRL_INT32 side_wheel;
  PRL_UINT32 buttons;
  PRL_UINT64 time_ms;
} PrlSim_Input;

/* The inputs of a VM so far, the oldest first: how many there are, and one of them. The last 10000
 * are kept. PRL_ERR_INVALID_ARG for one that is not there. */
PRL_SIM_API PRL_RESULT PrlSim_GetInputCount(PRL_HANDLE vm, PRL_UINT32* count);
PRL_SIM_API PRL_RESULT PrlSim_GetInput(PRL_HANDLE vm, PRL_UINT32 index, PrlSim_Input* input);

/* One of the displays of a VM's guest: size and place in pixels, density in dots per inch. Where
 * the client has bound it to a surface of its window system, `is_bound` is true and the rest says
 * to which. */
typedef struct PrlSim_Display {
  PRL_UINT32 width;
  PRL_UINT32 height;
  PRL_INT32 x;
  PRL_INT32 y;
  PRL_INT32 dpi;
  PRL_BOOL is_bound;
  PRL_UINT32 window;
  PRL_UINT32 surface;
  PRL_INT32 scroll_x;
  PRL_INT32 scroll_y;
  PRL_UINT32 surface_width;
  PRL_UINT32 surface_height;
} PrlSim_Display;

/* PRL_ERR_INVALID_ARG for a display that the guest does not have. */
PRL_SIM_API PRL_RESULT PrlSim_GetDisplay(PRL_HANDLE vm, PRL_UINT32 display,
                                         PrlSim_Display* found);

/* How many pictures clients have sent to the camera of a VM's guest, and a pixel of the last one as
 * 0x00RRGGBB. PRL_ERR_NO_DATA for a pixel where there was none, PRL_ERR_INVALID_ARG outside it. */
PRL_SIM_API PRL_RESULT PrlSim_GetCameraFrameCount(PRL_HANDLE vm, PRL_UINT64* count);
PRL_SIM_API PRL_RESULT PrlSim_GetCameraPixel(PRL_HANDLE vm, PRL_UINT32 x, PRL_UINT32 y,
                                             PRL_UINT32* rgb);

#ifdef __cplusplus
}
#endif

#endif /* PRL_SIM_H */
