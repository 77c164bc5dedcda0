//go:build cgo

// Memory for tree-sitter: one block per parser, given out from front to back, and free again all at once when the tree is no
// longer needed, so that nobody has to walk it for that. What does not fit comes from the C library, and is given back
// piece by piece.
#include "arena.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void ts_set_allocator(void *(*)(size_t), void *(*)(size_t, size_t), void *(*)(void *, size_t), void (*)(void *));

#ifdef __GNUC__ // and clang: others may lack variables of a thread

// The runtime's allocator is one for the whole process. An arena is in use by the thread that entered it, and by no other.
static _Thread_local toctou_arena *entered;

static void *or_abort(void *p, size_t size) {
  if (size > 0 && !p) {
    fprintf(stderr, "tree-sitter failed to allocate %zu bytes\n", size);
    abort();
  }
  return p;
}

// within is false for whatever the C library gave out, for this program or for others in the process.
static inline bool within(const toctou_arena *a, const void *p) {
  return a && (uintptr_t)p - (uintptr_t)a->block < (uintptr_t)(a->end - a->block);
}

static inline void *take(toctou_arena *a, size_t size) {
  size_t room = size ? (size + 7) & ~(size_t)7 : 8;
  if (size > SIZE_MAX / 2 || room > (size_t)(a->end - a->free)) {
    a->spilled = true;
    return NULL;
  }
  a->last = a->free;
  a->free += room;
  return a->last;
}

static void *arena_malloc(size_t size) {
  toctou_arena *a = entered;
  void *p = a ? take(a, size) : NULL;
  return p ? p : or_abort(malloc(size), size);
}

static void *arena_calloc(size_t count, size_t size) {
  toctou_arena *a = entered;
  if (a && (size == 0 || count <= SIZE_MAX / 2 / size)) {
    void *p = take(a, count * size);
    if (p) return memset(p, 0, count * size);
  }
  return or_abort(calloc(count, size), count);
}

static void arena_free(void *p) {
  toctou_arena *a = entered;
  if (!within(a, p)) free(p);
  else if (p == a->last) a->free = p;
}

static void *arena_realloc(void *old, size_t size) {
  toctou_arena *a = entered;
  if (!within(a, old)) return old || !a ? or_abort(realloc(old, size), size) : arena_malloc(size);
  // How large it was is not known. It ended where the free part begins, at the latest; what is copied too much does no harm.
  size_t most = (size_t)(a->free - (char *)old);
  if (old == a->last) {
    a->free = old;
    void *p = take(a, size);
    if (p) return p;
  }
  void *p = arena_malloc(size);
  return memcpy(p, old, size < most ? size : most);
}

void toctou_arena_install(bool ours) {
  if (ours) ts_set_allocator(arena_malloc, arena_calloc, arena_realloc, arena_free);
  else ts_set_allocator(NULL, NULL, NULL, NULL);
}

toctou_arena *toctou_arena_new(size_t size) {
  toctou_arena *a = calloc(1, sizeof *a);
  if (!a) return NULL;
  a->block = malloc(size);
  if (!a->block) {
    free(a);
    return NULL;
  }
  a->end = a->block + size;
  toctou_arena_clear(a);
  return a;
}

void toctou_arena_enter(toctou_arena *a) { entered = a; }

void toctou_arena_leave(void) { entered = NULL; }

void toctou_arena_clear(toctou_arena *a) {
  a->free = a->block;
  a->last = NULL;
  a->spilled = false;
}

void toctou_arena_close(toctou_arena *a) {
  if (a) free(a->block);
  free(a);
}

#else

void toctou_arena_install(bool ours) {}
toctou_arena *toctou_arena_new(size_t size) { return NULL; }
void toctou_arena_enter(toctou_arena *a) {}
void toctou_arena_leave(void) {}
void toctou_arena_clear(toctou_arena *a) {}
void toctou_arena_close(toctou_arena *a) {}

#endif
