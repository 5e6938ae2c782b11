/* The lifecycle of one VM in the desktop profile: the jobs of two clients, the locks, the image of a
 * suspended VM, one snapshot, a migration to another host, a guest that falls asleep by itself, jobs
 * that fail and a VM process that dies. Written from docs/behaviour/vm-lifecycle.md 2, 4.2, 5 and 8;
 * README.md says how to check it and what it leaves out. The simulator is not generated from this,
 * nor this from the simulator. */

#define CLIENTS 2
#define NOBODY CLIENTS
#define TROUBLES 2   /* failures and deaths in one run */

mtype:state = { STOPPED, STARTING, RUNNING, PAUSING, PAUSED, CONTINUING, SUSPENDING, SYNC,
                SUSPENDED, RESUMING, STOPPING, RESETTING, SNAPSHOTING, RESTORING, DELETING };
mtype:command = { start, kill, shutdown, pause, suspend, drop, reset, create, revert, remove,
                  clone, migrate, cancel, delete, commit, lock, unlock };
mtype:code = { OK, NOT_STARTED, NOT_STOPPED, CANT_EXEC, CANT_DROP, CANT_EDIT, NO_SNAPSHOT, HELD,
               LOCKED, NOT_LOCKED, NOT_OWNER, UNKNOWN_VM, CUT_SHORT, CHANGED, CANCELLED,
               NO_MIGRATION, FAILED };
mtype:image = { NONE, PARTIAL, COMPLETE };

mtype:state state = STOPPED;
mtype:state before = STOPPED;   /* to which an operation that fails returns; as which it migrates */
mtype:image image = NONE;
bool exists = true;
bool arrived = false;           /* on the other host */
bool process = false;           /* a VM process lives */
bool dying = false;             /* it has ended by itself, and what is left is being removed */
bool asleep = false;            /* the VM is paused only because its guest sleeps */
bool kept_paused = false;       /* a client's job has left it paused; for an assertion only */
bool has_snapshot = false;
mtype:state snapshot_of = STOPPED;
byte owner = NOBODY;            /* of the lock that a session takes */
byte worker = NOBODY;           /* whose job the state machine is busy with */
byte cloner = NOBODY;           /* whose job copies the VM */
byte mover = NOBODY;            /* whose job brings it to the other host */
byte troubles = 0;
bool waits[CLIENTS];            /* for the end of its job */

chan request = [0] of { byte, mtype:command };
chan report[CLIENTS] = [1] of { mtype:code };

#define is_stable (state == STOPPED || state == RUNNING || state == PAUSED || state == SUSPENDED)
#define is_off (state == STOPPED || state == SUSPENDED)
#define is_live (state == RUNNING || state == PAUSED)
#define comes_up (state == STARTING || state == RESUMING)
#define about_snapshots (state == SNAPSHOTING || state == RESTORING || state == DELETING)
#define needs_process(w) (w == kill || w == shutdown || w == pause || w == suspend || w == reset)
#define needs_running(w) (w == shutdown || w == pause)
#define names_snapshot(w) (w == revert || w == remove)
#define is_copied (cloner != NOBODY || mover != NOBODY)
#define is_about_lock(w) (w == lock || w == unlock)

/* Section 8, where it is about states: numbers 1, 3, 44 and 51. */
inline check() {
  assert(is_stable == (worker == NOBODY && !dying));
  assert(state != SUSPENDED || image == COMPLETE);
  assert(!(state == STOPPED || is_live) || image == NONE);
  assert(image != PARTIAL || state == SUSPENDING);
  assert(!is_live || process);
  assert(!is_off || !process);
  assert(cloner == NOBODY || (exists && state == STOPPED));
  assert(mover == NOBODY || (exists && state == before && cloner == NOBODY));
  assert(!arrived || (!exists && !process && image == NONE));
  assert(!asleep || state == PAUSED);
  assert(worker == NOBODY || waits[worker]);
}

/* A job ends once (number 4). */
inline finish(client, what_code) {
  assert(client != NOBODY && waits[client] && empty(report[client]));
  waits[client] = false;
  report[client]!what_code
}

inline begin(client, next) {
  before = state;
  worker = client;
  asleep = false;   /* whoever pauses or snapshots it now is not undone by a guest that wakes */
  state = next
}

/* 2.4: the VM stays as it is. One that becomes something else by itself goes nowhere. */
inline stay(what_code) {
  if
  :: mover != NOBODY -> finish(mover, what_code); mover = NOBODY
  :: else
  fi
}

/* Nothing is left of it on this host. */
inline remove_vm() {
  exists = false; state = STOPPED; image = NONE; process = false; asleep = false;
  kept_paused = false; has_snapshot = false; owner = NOBODY
}

/* What was under way is over. */
inline settle(next, what_code) {
  state = next;
  kept_paused = (state == PAUSED && worker != NOBODY);
  if
  :: worker != NOBODY -> finish(worker, what_code)
  :: else
  fi;
  worker = NOBODY;
  dying = false
}

/* 2.1: the VM, the lock of another session, the state, the operation that is under way. */
inline refuse(client, what) {
  if
  :: !exists -> refusal = UNKNOWN_VM
  :: exists && what == lock -> refusal = (owner == NOBODY -> OK : LOCKED)
  :: exists && what == unlock && owner == client -> refusal = OK
  :: exists && what == unlock && owner != client && owner != NOBODY -> refusal = NOT_OWNER
  :: exists && what == unlock && owner == NOBODY ->
     refusal = (is_off && !is_copied -> NOT_LOCKED : NOT_OWNER)
  :: exists && !is_about_lock(what) && owner != NOBODY && owner != client -> refusal = LOCKED
  :: else -> refuse_by_state(client, what)
  fi
}

inline refuse_by_state(client, what) {
  refusal = OK;
  if
  :: what == drop && state != SUSPENDED -> refusal = CANT_DROP
  :: what == commit && (state == SUSPENDED || state == SUSPENDING || state == SYNC) ->
     refusal = CANT_EDIT
  :: what == commit && (about_snapshots || state == STOPPING) -> refusal = HELD
  :: what == clone && (state == SUSPENDED || state == SYNC) -> refusal = CANT_EXEC
  :: what == clone && state != STOPPED && state != SUSPENDED && state != SYNC -> refusal = HELD
  :: what == delete && !is_off -> refusal = HELD
  :: what == migrate && !is_stable -> refusal = HELD
  :: what == start && state == RUNNING -> refusal = NOT_STOPPED
  :: (what == start || names_snapshot(what) || what == create) && !is_stable -> refusal = CANT_EXEC
  :: names_snapshot(what) && is_stable && !has_snapshot -> refusal = NO_SNAPSHOT
  :: needs_process(what) && is_off -> refusal = NOT_STARTED
  :: needs_process(what) && !is_stable && !(what == kill && comes_up) -> refusal = CANT_EXEC
  :: needs_running(what) && state == PAUSED -> refusal = CANT_EXEC
  :: else
  fi;
  if
  :: what == cancel -> refusal = (mover != NOBODY -> OK : NO_MIGRATION)
  :: what != cancel && refusal == OK && is_copied -> refusal = HELD
  :: else
  fi
}

inline accept(client, what) {
  if
  :: what == start && state == STOPPED -> begin(client, STARTING); process = true
  :: what == start && state == SUSPENDED -> begin(client, RESUMING); process = true
  :: what == start && state == PAUSED -> begin(client, CONTINUING)
  :: what == kill && !comes_up -> begin(client, STOPPING)
  :: what == kill && comes_up -> finish(worker, CUT_SHORT); begin(client, STOPPING)
  :: what == shutdown -> begin(client, STOPPING)
  :: what == pause -> begin(client, PAUSING)
  :: what == suspend -> begin(client, SUSPENDING); image = PARTIAL
  :: what == drop -> image = NONE; state = STOPPED; finish(client, OK)
  :: what == reset -> begin(client, RESETTING)
  :: what == create -> begin(client, SNAPSHOTING)
  :: what == revert -> begin(client, RESTORING)
  :: what == remove -> begin(client, DELETING)
  :: what == clone -> cloner = client
  :: what == migrate -> before = state; mover = client
  :: what == cancel -> stay(CANCELLED); finish(client, OK)
  :: what == delete -> remove_vm(); finish(client, OK)
  :: what == commit -> finish(client, OK)
  :: what == lock -> owner = client; finish(client, OK)
  :: what == unlock -> owner = NOBODY; finish(client, OK)
  fi
}

/* The phase that the state stands for has ended well. */
inline succeed() {
  if
  :: comes_up -> image = NONE; settle(RUNNING, OK)
  :: state == CONTINUING || state == RESETTING -> settle(RUNNING, OK)
  :: state == PAUSING -> settle(PAUSED, OK)
  :: state == SUSPENDING -> image = COMPLETE; state = SYNC
  :: state == SYNC -> process = false; settle(SUSPENDED, OK)
  :: state == STOPPING ->
     process = false;
     settle((image == COMPLETE -> SUSPENDED : STOPPED), (dying -> FAILED : OK))
  :: state == SNAPSHOTING -> has_snapshot = true; snapshot_of = before; settle(before, OK)
  :: state == RESTORING ->
     image = (snapshot_of == SUSPENDED -> COMPLETE : NONE);
     process = (snapshot_of == RUNNING || snapshot_of == PAUSED);
     settle(snapshot_of, OK)
  :: state == DELETING -> has_snapshot = false; settle(before, OK)
  fi
}

/* It came to nothing, and what was there before is there again. */
inline fail() {
  if
  :: state == SUSPENDING || state == SYNC -> image = NONE; settle(before, FAILED)
  :: comes_up -> process = false; settle(before, FAILED)
  :: state == STOPPING && (before == STARTING || before == RESUMING) ->
     state = before;   /* a start that could not be killed goes on, and the kill's job with it */
     before = (image == COMPLETE -> SUSPENDED : STOPPED)
  :: else -> settle(before, FAILED)
  fi
}

/* 2.5, 4.2: half an image is worth nothing, a whole one is kept. */
inline die() {
  dying = true;
  asleep = false;
  kept_paused = false;
  image = (image == COMPLETE -> COMPLETE : NONE);
  state = STOPPING;
  stay(CHANGED)
}

proctype Client(byte me) {
end:
  do
  :: if
     :: request!me, start :: request!me, kill :: request!me, shutdown
     :: request!me, pause :: request!me, suspend :: request!me, drop
     :: request!me, reset :: request!me, create :: request!me, revert
     :: request!me, remove :: request!me, clone :: request!me, migrate
     :: request!me, cancel :: request!me, delete :: request!me, commit
     :: request!me, lock :: request!me, unlock
     fi;
     report[me]?_
  od
}

proctype Server() {
  byte client;
  mtype:command what;
  mtype:code refusal;
end:
  do
  :: atomic {
       request?client, what ->
       waits[client] = true;
       refuse(client, what);
       if
       :: refusal != OK -> finish(client, refusal)
       :: else -> accept(client, what)
       fi;
       check();
       client = 0; what = 0; refusal = OK
     }
  od
}

/* Time, which ends what has begun. */
proctype Phases() {
end:
  do
  :: atomic { !is_stable -> succeed(); check() }
  :: atomic { !is_stable && !dying && troubles < TROUBLES -> troubles++; fail(); check() }
  :: atomic { process && !dying && state != STOPPING && state != RESTORING && troubles < TROUBLES ->
              troubles++; die(); check() }
  od
}

proctype Copies() {
end:
  do
  :: atomic { cloner != NOBODY -> finish(cloner, OK); cloner = NOBODY; check() }
  od
}

/* The VM leaves with all that is its own, or stays as it was. */
proctype Moves() {
end:
  do
  :: atomic { mover != NOBODY ->
              finish(mover, OK); mover = NOBODY; remove_vm(); arrived = true; check() }
  :: atomic { mover != NOBODY && troubles < TROUBLES ->
              troubles++; stay(FAILED); check() }
  od
}

/* 2.5: in memory (S3), of which it wakes up, or to its own disk (S4), and then it powers off. */
proctype Guest() {
end:
  do
  :: atomic { state == RUNNING -> asleep = true; state = PAUSED; stay(CHANGED); check() }
  :: atomic { state == RUNNING -> die(); check() }
  :: atomic { asleep -> assert(!kept_paused);
              asleep = false; state = RUNNING; stay(CHANGED); check() }
  od
}

init {
  atomic {
    run Client(0); run Client(1); run Server(); run Phases(); run Copies(); run Moves(); run Guest()
  }
}

/* Under weak fairness: nothing stays in the middle, and every job ends. */
ltl settles { [] (!is_stable -> <> is_stable) }
ltl answers { [] (waits[0] -> <> !waits[0]) }
/* 15: no stop takes the image of a VM that was being resumed. */
ltl keeps {
  [] ((state == STOPPING && image == COMPLETE) ->
      ((image == COMPLETE) U (state == SUSPENDED || state == RESUMING)))
}
/* 24: what has been deleted, or is on the other host, does not come back. */
ltl stays_deleted { [] (!exists -> [] !exists) }
