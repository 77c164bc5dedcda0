//go:build cgo

// The walk over tree-sitter's own nodes. A cursor works out rows, columns and indices of descendants that
// nobody asks for; this takes a third of its time.
#include "layout.h"
#include <stdlib.h>

#if UINTPTR_MAX == UINT64_MAX && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

typedef struct {
  uint32_t size, padding; // bytes
  uint16_t symbol;
  bool visible, named, extra, missing;
  const inner_node *inner; // NULL: no child is visible
} facts;

static inline facts facts_of(subtree t) {
  if (t & 1) {
    return (facts){t >> 56, t >> 48 & 0xff, t >> 8 & 0xff, t >> 1 & 1, t >> 2 & 1, t >> 3 & 1, t >> 5 & 1, NULL};
  }
  const inner_node *n = (const inner_node *)(uintptr_t)t;
  bool deep = n->child_count > 0 && n->visible_children > 0;
  return (facts){n->size[0], n->padding[0], n->symbol, n->flags[0] & 1, n->flags[0] >> 1 & 1, n->flags[0] >> 2 & 1,
                 n->flags[1] >> 1 & 1, deep ? n : NULL};
}

static inline uint32_t padding_of(subtree t) {
  return t & 1 ? t >> 48 & 0xff : ((const inner_node *)(uintptr_t)t)->padding[0];
}

// A level is a node whose children are being walked.
typedef struct {
  const subtree *next; // the next child
  uint32_t left;       // children that are left
  uint32_t start;      // where the next child starts
  uint32_t index;      // and what number it has among those that the grammar names
  uint32_t parent;     // the node of ours that the children belong to
  bool closes;         // which ends with this level
  uint16_t field;      // of a node that is not visible itself: the field that its children are
  const uint16_t *aliases;
  const field_entry *fields, *fields_end;
} level;

static inline level level_of(const language14 *l, const inner_node *n, uint32_t start) {
  uint32_t p = n->production;
  level v = {
      .next = (const subtree *)n - n->child_count,
      .left = n->child_count,
      .start = start,
      .aliases = p ? &l->alias_sequences[p * l->max_alias_sequence_length] : NULL,
  };
  if (l->field_count) {
    v.fields = &l->field_map_entries[l->field_map_slices[p].index];
    v.fields_end = v.fields + l->field_map_slices[p].length;
  }
  return v;
}

static inline uint16_t field_of(const level *v, uint32_t index) {
  for (const field_entry *f = v->fields; f < v->fields_end; f++) {
    if (!f->inherited && f->child == index) return f->field;
  }
  return v->field;
}

void toctou_flatten(TSNode root, const toctou_map *m, toctou_node *out, uint32_t cap, toctou_result *r) {
  const language14 *l = (const language14 *)m->language;
  uint32_t n = 0, comments = 0, depth = 0, room = 64;
  level *levels = malloc(room * sizeof *levels);
  if (!levels) abort();
  // The root is the only child of a level of its own.
  levels[depth++] = (level){.next = root.id, .left = 1, .start = root.context[0], .parent = UINT32_MAX};
  while (depth > 0) {
    level *v = &levels[depth - 1];
    if (v->left == 0) {
      if (v->closes) out[v->parent].next = n;
      depth--;
      continue;
    }
    facts t = facts_of(*v->next++);
    uint32_t start = v->start, index = v->index, parent = v->parent;
    if (--v->left > 0) v->start += t.size + padding_of(*v->next);
    uint16_t alias = 0;
    if (!t.extra) {
      if (v->aliases) alias = v->aliases[index];
      v->index++;
    }
    level below;
    if (!t.visible && !alias && parent != UINT32_MAX) {
      if (!t.inner) continue;
      below = level_of(l, t.inner, start);
      below.parent = parent;
      below.field = t.extra ? 0 : field_of(v, index);
    } else {
      uint16_t symbol = alias ? alias : t.symbol, kind = m->error;
      if (symbol != UINT16_MAX) {
        uint16_t public = l->public_symbol_map[symbol];
        kind = public < m->kind_count ? m->kinds[public] : m->other;
      }
      if (n + comments >= cap) break;
      if (kind == m->dropped && !t.missing && parent != UINT32_MAX) continue;
      if (kind == m->comment && !t.missing && parent != UINT32_MAX) {
        out[cap - ++comments] = (toctou_node){start, start + t.size, parent, 0, kind, 0, 1};
        continue;
      }
      uint16_t field = t.extra ? 0 : field_of(v, index);
      bool named = alias ? l->symbol_metadata[alias].named : t.named;
      out[n] = (toctou_node){start, start + t.size, parent, n + 1, kind, field < m->field_count ? m->fields[field] : 0,
                             (named ? 1 : 0) | (t.missing ? 2 : 0)};
      uint32_t me = n++;
      if (!t.inner) continue;
      below = level_of(l, t.inner, start);
      below.parent = me;
      below.closes = true;
    }
    if (depth == room) {
      level *more = realloc(levels, 2 * room * sizeof *levels);
      if (!more) abort();
      levels = more;
      room *= 2;
    }
    levels[depth++] = below;
  }
  free(levels);
  r->nodes = n;
  r->comments = comments;
}

#else

void toctou_flatten(TSNode root, const toctou_map *m, toctou_node *out, uint32_t cap, toctou_result *r) {
  toctou_flatten_by_cursor(root, m, out, cap, r);
}

#endif
