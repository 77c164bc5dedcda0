// The memory of a parser; see arena.c.
#ifndef TOCTOU_ARENA_H
#define TOCTOU_ARENA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *block, *end;
  char *free;   // from here to the end
  char *last;   // what was given out last: alone it can grow, and be given back
  bool spilled; // something did not fit
} toctou_arena;

// toctou_arena_install makes the runtime ask the arena that its thread has entered, and the C library where there is none; or,
// with false, the C library alone. No thread may be in an arena then.
void toctou_arena_install(bool ours);
// toctou_arena_new makes an arena of size bytes. NULL: no memory, or a compiler without what it takes.
toctou_arena *toctou_arena_new(size_t size);
void toctou_arena_enter(toctou_arena *);
void toctou_arena_leave(void);
void toctou_arena_clear(toctou_arena *); // what the runtime made in it is gone
void toctou_arena_close(toctou_arena *);
#endif
