//go:build cgo

#include "arena.h"
#include "layout.h"
#include <stdlib.h>

extern TSNode ts_tree_root_node(const TSTree *);
extern bool ts_node_has_error(TSNode);
extern uint32_t ts_node_descendant_count(TSNode);
extern TSParser *ts_parser_new(void);
extern void ts_parser_delete(TSParser *);
extern bool ts_parser_set_language(TSParser *, const TSLanguage *);
extern void ts_parser_set_timeout_micros(TSParser *, uint64_t);
extern TSTree *ts_parser_parse_string(TSParser *, const TSTree *, const char *, uint32_t);
extern void ts_tree_delete(TSTree *);
extern uint32_t ts_language_symbol_count(const TSLanguage *);
extern uint32_t ts_language_field_count(const TSLanguage *);
extern const char *ts_language_symbol_name(const TSLanguage *, uint16_t);
extern const char *ts_language_field_name_for_id(const TSLanguage *, uint16_t);
extern int ts_language_symbol_type(const TSLanguage *, uint16_t);

// toctou_downlevel makes the grammar readable for the older runtime: of what the runtime uses,
// only the entries of lex_modes changed in version 15, from two numbers to three. The copy lives
// as long as the process. NULL: a version that we do not know.
const TSLanguage *toctou_downlevel(const void *language) {
  const language14 *l = language;
  if (l->version == 14) return language;
  if (l->version != 15) return NULL;
  language14 *n = malloc(sizeof *n);
  uint16_t *modes = malloc(2 * sizeof(uint16_t) * (size_t)l->state_count);
  if (!n || !modes) { free(n); free(modes); return NULL; }
  *n = *l;
  n->version = 14;
  for (uint32_t i = 0; i < l->state_count; i++) {
    modes[2 * i] = l->lex_modes[3 * i];
    modes[2 * i + 1] = l->lex_modes[3 * i + 1];
  }
  n->lex_modes = modes;
  return (const TSLanguage *)n;
}

uint32_t toctou_symbol_count(const TSLanguage *l) { return ts_language_symbol_count(l); }
uint32_t toctou_field_count(const TSLanguage *l) { return ts_language_field_count(l); }
const char *toctou_symbol_name(const TSLanguage *l, uint16_t s) { return ts_language_symbol_name(l, s); }
int toctou_symbol_type(const TSLanguage *l, uint16_t s) { return ts_language_symbol_type(l, s); }
const char *toctou_field_name(const TSLanguage *l, uint16_t f) { return ts_language_field_name_for_id(l, f); }

// A parser of the runtime, and the tree that it has made. In an arena it is made anew for each file: it keeps some of what it allocates.
struct toctou_parser {
  const TSLanguage *language;
  bool quick;
  toctou_arena *arena; // NULL: there is none
  TSParser *runtime;
  TSTree *tree;
};

toctou_parser *toctou_parser_new(const TSLanguage *l, bool quick, size_t arena) {
  toctou_parser *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->language = l;
  p->quick = quick;
  if (arena) p->arena = toctou_arena_new(arena);
  return p;
}

// give_up gives back what the runtime has allocated, piece by piece.
static void give_up(toctou_parser *p) {
  ts_tree_delete(p->tree);
  ts_parser_delete(p->runtime);
  p->tree = NULL;
  p->runtime = NULL;
}

void toctou_parser_close(toctou_parser *p) {
  toctou_arena_enter(p->arena);
  give_up(p);
  toctou_arena_leave();
  toctou_arena_close(p->arena);
  free(p);
}

const TSLanguage *toctou_quickened(const TSLanguage *l) {
  TSParser *p = ts_parser_new();
  const TSLanguage *quick = ts_parser_set_language(p, l) ? toctou_quicken(l, p) : NULL;
  ts_parser_delete(p);
  return quick;
}

// parse makes p->tree, or fails. Either way it is to be ended.
static bool parse(toctou_parser *p, uint64_t timeout_micros, const char *src, uint32_t len) {
  toctou_arena_enter(p->arena);
  if (!p->runtime) {
    p->runtime = ts_parser_new();
    ts_parser_set_language(p->runtime, p->language);
    if (p->quick) toctou_quicken_parser(p->runtime);
  }
  ts_parser_set_timeout_micros(p->runtime, timeout_micros);
  p->tree = ts_parser_parse_string(p->runtime, NULL, src, len);
  return p->tree;
}

// end lets the tree go. A parser that gave up goes with it: it would resume the old text on its next call.
static void end(toctou_parser *p) {
  if (!p->arena && p->tree) {
    ts_tree_delete(p->tree);
  } else if (!p->arena || !p->tree || p->arena->spilled) {
    give_up(p);
  } else {
    p->runtime = NULL; // it is in the arena with all that it has: its scanner went when the tree was done
  }
  p->tree = NULL;
  if (p->arena) toctou_arena_clear(p->arena);
  toctou_arena_leave();
}

toctou_result toctou_parse(toctou_parser *p, uint64_t timeout_micros, const char *src, uint32_t len,
                           const toctou_map *m, toctou_node *out, uint32_t cap) {
  toctou_result r = {0};
  if (p->tree) {
    toctou_arena_enter(p->arena);
  } else if (!parse(p, timeout_micros, src, len)) {
    r.failed = true;
    end(p);
    return r;
  }
  TSNode root = ts_tree_root_node(p->tree);
  uint32_t need = ts_node_descendant_count(root);
  if (need > cap) {
    r.need = need;
    toctou_arena_leave();
    return r;
  }
  r.damaged = ts_node_has_error(root);
  if (m->by_cursor) toctou_flatten_by_cursor(root, m, out, cap, &r);
  else toctou_flatten(root, m, out, cap, &r);
  end(p);
  return r;
}

toctou_result toctou_check(toctou_parser *p, uint64_t timeout_micros, const char *src, uint32_t len) {
  toctou_result r = {0};
  if (parse(p, timeout_micros, src, len)) r.damaged = ts_node_has_error(ts_tree_root_node(p->tree));
  else r.failed = true;
  end(p);
  return r;
}
