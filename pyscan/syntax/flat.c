//go:build cgo

#include "flat.h"
#include <stdlib.h>
#include <stddef.h>

typedef struct { uint32_t context[4]; const void *id; const TSTree *tree; } TSNode;
typedef struct { const void *tree; const void *id; uint32_t context[3]; } TSTreeCursor;

extern TSNode ts_tree_root_node(const TSTree *);
extern uint32_t ts_node_start_byte(TSNode);
extern uint32_t ts_node_end_byte(TSNode);
extern uint16_t ts_node_symbol(TSNode);
extern bool ts_node_is_named(TSNode);
extern bool ts_node_is_missing(TSNode);
extern bool ts_node_has_error(TSNode);
extern uint32_t ts_node_descendant_count(TSNode);
extern TSTreeCursor ts_tree_cursor_new(TSNode);
extern void ts_tree_cursor_delete(TSTreeCursor *);
extern TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
extern uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *);
extern bool ts_tree_cursor_goto_parent(TSTreeCursor *);
extern bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
extern bool ts_tree_cursor_goto_first_child(TSTreeCursor *);
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

// What TSLanguage has in common in versions 14 and 15 of its layout.
typedef struct {
  uint32_t version, symbol_count, alias_count, token_count, external_token_count, state_count,
      large_state_count, production_id_count, field_count;
  uint16_t max_alias_sequence_length;
  const void *parse_table, *small_parse_table, *small_parse_table_map, *parse_actions, *symbol_names,
      *field_names, *field_map_slices, *field_map_entries, *symbol_metadata, *public_symbol_map,
      *alias_map, *alias_sequences;
  const uint16_t *lex_modes;
  void *lex_fn, *keyword_lex_fn;
  uint16_t keyword_capture_token;
  struct { void *states, *symbol_map, *create, *destroy, *scan, *serialize, *deserialize; } external_scanner;
  const void *primary_state_ids;
} language14;

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

TSParser *toctou_parser(const TSLanguage *l) {
  TSParser *p = ts_parser_new();
  if (p && !ts_parser_set_language(p, l)) { ts_parser_delete(p); return NULL; }
  return p;
}

void toctou_parser_close(TSParser *p) { ts_parser_delete(p); }

static void flatten(TSNode root, const toctou_map *m, toctou_node *out, uint32_t cap, toctou_result *r) {
  TSTreeCursor c = ts_tree_cursor_new(root);
  uint32_t n = 0, comments = 0, parent = UINT32_MAX;
  for (;;) {
    TSNode node = ts_tree_cursor_current_node(&c);
    uint16_t symbol = ts_node_symbol(node);
    uint16_t kind = symbol == UINT16_MAX ? m->error : symbol < m->kind_count ? m->kinds[symbol] : m->other;
    bool missing = ts_node_is_missing(node);
    if (n + comments >= cap) break;
    if (kind == m->dropped && !missing && parent != UINT32_MAX) {
      // Nothing to keep.
    } else if (kind == m->comment && !missing && parent != UINT32_MAX) {
      toctou_node *f = &out[cap - ++comments];
      *f = (toctou_node){ts_node_start_byte(node), ts_node_end_byte(node), parent, 0, kind, 0, 1};
    } else {
      uint16_t field = ts_tree_cursor_current_field_id(&c);
      toctou_node *f = &out[n];
      f->start = ts_node_start_byte(node);
      f->end = ts_node_end_byte(node);
      f->parent = parent;
      f->next = n + 1;
      f->kind = kind;
      f->field = field < m->field_count ? m->fields[field] : 0;
      f->flags = (ts_node_is_named(node) ? 1 : 0) | (missing ? 2 : 0);
      uint32_t me = n++;
      if (ts_tree_cursor_goto_first_child(&c)) { parent = me; continue; }
    }
    bool done = false;
    while (!ts_tree_cursor_goto_next_sibling(&c)) {
      if (parent == UINT32_MAX || !ts_tree_cursor_goto_parent(&c)) { done = true; break; }
      out[parent].next = n;
      parent = out[parent].parent;
    }
    if (done) break;
  }
  ts_tree_cursor_delete(&c);
  r->nodes = n;
  r->comments = comments;
}

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
  flatten(root, m, out, cap, &r);
  ts_tree_delete(tree);
  return r;
}

uint32_t toctou_parse_only(TSParser *p, const char *src, uint32_t len) {
  ts_parser_set_timeout_micros(p, 0);
  TSTree *tree = ts_parser_parse_string(p, NULL, src, len);
  if (!tree) return 0;
  uint32_t n = ts_node_descendant_count(ts_tree_root_node(tree));
  ts_tree_delete(tree);
  return n;
}
