//go:build cgo

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

#ifdef __GLIBC__
#include <malloc.h>
// toctou_keep_memory lets the allocator keep what a tree leaves for the next one, rather than give it back to the system after
// each file and ask for it again a few pages at a time, as it does in threads other than the first.
void toctou_keep_memory(void) {
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
}
#else
void toctou_keep_memory(void) {}
#endif

uint32_t toctou_symbol_count(const TSLanguage *l) { return ts_language_symbol_count(l); }
uint32_t toctou_field_count(const TSLanguage *l) { return ts_language_field_count(l); }
const char *toctou_symbol_name(const TSLanguage *l, uint16_t s) { return ts_language_symbol_name(l, s); }
int toctou_symbol_type(const TSLanguage *l, uint16_t s) { return ts_language_symbol_type(l, s); }
const char *toctou_field_name(const TSLanguage *l, uint16_t f) { return ts_language_field_name_for_id(l, f); }

TSParser *toctou_parser(const TSLanguage *l) {
  TSParser *p = ts_parser_new();
  if (p && !ts_parser_set_language(p, l)) { ts_parser_delete(p); return NULL; }
  return p;
}

void toctou_parser_close(TSParser *p) { ts_parser_delete(p); }

toctou_result toctou_parse(TSParser *p, TSTree **kept, uint64_t timeout_micros, const char *src, uint32_t len,
                           const toctou_map *m, toctou_node *out, uint32_t cap) {
  toctou_result r = {0};
  TSTree *tree = *kept;
  *kept = NULL;
  if (!tree) {
    ts_parser_set_timeout_micros(p, timeout_micros);
    tree = ts_parser_parse_string(p, NULL, src, len);
    if (!tree) { r.failed = true; return r; }
  }
  TSNode root = ts_tree_root_node(tree);
  uint32_t need = ts_node_descendant_count(root);
  if (need > cap) {
    r.need = need;
    *kept = tree;
    return r;
  }
  r.damaged = ts_node_has_error(root);
  if (m->by_cursor) toctou_flatten_by_cursor(root, m, out, cap, &r);
  else toctou_flatten(root, m, out, cap, &r);
  ts_tree_delete(tree);
  return r;
}

toctou_result toctou_check(TSParser *p, uint64_t timeout_micros, const char *src, uint32_t len) {
  toctou_result r = {0};
  ts_parser_set_timeout_micros(p, timeout_micros);
  TSTree *tree = ts_parser_parse_string(p, NULL, src, len);
  if (!tree) { r.failed = true; return r; }
  r.damaged = ts_node_has_error(ts_tree_root_node(tree));
  ts_tree_delete(tree);
  return r;
}
