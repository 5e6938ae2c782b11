/* The end of one object that threads pin: sdk/pins.h, sdk/handle_table.cpp. A client frees its only
 * reference while others find the object, copy what they found and let it go. The cells are shared,
 * so that one thread's pin can stand where another's has been. Steps are those of the code that
 * other threads see, in one order that all agree on. */

#define FINDERS 3
#define CELLS 2
#define NONE CELLS

byte client = 1;        /* the slot's word: references of the client, */
byte internal = 0;      /* of the library, */
bool counted = false;   /* and the mark */
bool pinned[CELLS];     /* the cell names the object */
byte holders = 0;       /* threads that may use the object; nothing in the code */
bool destroyed = false;

#define references (client + internal)

/* HandleTable::count_pins */
inline count_pins(i) {
  i = 0;
  do
  :: i == CELLS -> break
  :: i < CELLS && !pinned[i] -> i++
  :: i < CELLS && pinned[i] ->
     internal++;
     if
     :: atomic { pinned[i] -> pinned[i] = false }
     :: atomic { !pinned[i] -> internal-- }
     fi;
     i++
  od
}

/* HandleTable::release_last, with which release() begins where it sees the last reference */
inline let_go(i) {
  do
  :: atomic { references == 1 && !counted -> counted = true };
     count_pins(i)
  :: atomic { references == 1 && counted ->
       internal--;
       assert(holders == 0 && !destroyed);
       destroyed = true;
       break
     }
  :: atomic { references > 1 -> internal--; break }
  od
}

/* HandleTable::find, what is done with a reference, and HandleTable::release */
proctype Finder() {
  byte cell = NONE;
  byte i;

  if
  :: references == 0 -> goto done
  :: references > 0 && counted -> goto count
  :: references > 0 && !counted
  fi;
  if
  :: atomic { !pinned[0] -> pinned[0] = true; cell = 0 }
  :: atomic { !pinned[1] -> pinned[1] = true; cell = 1 }
  :: pinned[0] && pinned[1] -> goto count
  fi;
  if
  :: atomic { references > 0 && !counted -> holders++; goto hold }
  :: references == 0 || counted
  fi;
  if
  :: atomic { pinned[cell] -> pinned[cell] = false; cell = NONE }
  :: atomic { !pinned[cell] -> cell = NONE; holders++; goto hold }
  fi;

count:
  if
  :: atomic { references > 0 -> internal++; holders++ }
  :: references == 0 -> goto done
  fi;

hold:
  assert(!destroyed);
  if
  :: internal++;          /* a copy, which stays after what was found */
     assert(!destroyed);
     if
     :: atomic { cell != NONE && pinned[cell] -> pinned[cell] = false }
     :: atomic { cell != NONE && !pinned[cell] -> cell = NONE };
        let_go(i)
     :: cell == NONE -> let_go(i)
     fi;
     assert(!destroyed);
     holders--;
     let_go(i)
  :: holders--;
     if
     :: atomic { cell != NONE && pinned[cell] -> pinned[cell] = false }
     :: atomic { cell != NONE && !pinned[cell] -> cell = NONE };
        let_go(i)
     :: cell == NONE -> let_go(i)
     fi
  fi;
done:
  skip
}

/* HandleTable::release_client_reference */
proctype Client() {
  byte i;
  if
  :: atomic { references == 1 -> client--; internal++ };
     let_go(i)
  :: atomic { references > 1 -> client-- }
  fi
}

init {
  byte i = 0;
  atomic {
    run Client();
    do
    :: i < FINDERS -> run Finder(); i++
    :: i == FINDERS -> break
    od
  };
  _nr_pr == 1;
  assert(destroyed && references == 0 && !pinned[0] && !pinned[1])
}
