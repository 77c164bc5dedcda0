//go:build cgo

// The walk by tree-sitter's public interface: for machines whose layout of nodes is another one, and for the
// test that compares the two.
#include "layout.h"

typedef struct { const void *tree; const void *id; uint32_t context[3]; } TSTreeCursor;

extern uint32_t ts_node_start_byte(TSNode);
extern uint32_t ts_node_end_byte(TSNode);
extern uint16_t ts_node_symbol(TSNode);
extern bool ts_node_is_named(TSNode);
extern bool ts_node_is_missing(TSNode);
extern TSTreeCursor ts_tree_cursor_new(TSNode);
extern void ts_tree_cursor_delete(TSTreeCursor *);
extern TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
extern uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *);
extern bool ts_tree_cursor_goto_parent(TSTreeCursor *);
extern bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
extern bool ts_tree_cursor_goto_first_child(TSTreeCursor *);

void toctou_flatten_by_cursor(TSNode root, const toctou_map *m, toctou_node *out, uint32_t cap, toctou_result *r) {
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
