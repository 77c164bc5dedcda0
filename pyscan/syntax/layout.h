// What the C side knows of tree-sitter's data beyond its public interface. The pinned versions of go.mod
// have these layouts; a test compares what comes of them with what the public interface gives.
#ifndef TOCTOU_LAYOUT_H
#define TOCTOU_LAYOUT_H
#include "flat.h"

typedef struct { uint32_t context[4]; const void *id; const TSTree *tree; } TSNode;

// A child of a production that is a field of it.
typedef struct { uint16_t field; uint8_t child; bool inherited; } field_entry;

// What TSLanguage has in common in versions 14 and 15 of its layout.
typedef struct {
  uint32_t version, symbol_count, alias_count, token_count, external_token_count, state_count,
      large_state_count, production_id_count, field_count;
  uint16_t max_alias_sequence_length;
  const uint16_t *parse_table, *small_parse_table;
  const uint32_t *small_parse_table_map;
  const void *parse_actions, *symbol_names, *field_names;
  const struct { uint16_t index, length; } *field_map_slices; // by production
  const field_entry *field_map_entries;
  const struct { bool visible, named, supertype; } *symbol_metadata;
  const uint16_t *public_symbol_map;
  const void *alias_map;
  const uint16_t *alias_sequences; // of max_alias_sequence_length, by production
  const uint16_t *lex_modes;
  void *lex_fn, *keyword_lex_fn;
  uint16_t keyword_capture_token;
  struct {
    void *states, *symbol_map, *create, *destroy, *scan, *serialize;
    void (*deserialize)(void *, const char *, unsigned);
  } external_scanner;
  const void *primary_state_ids;
} language14;

// A subtree is one word. With bit 0 set it is a small leaf, packed into the word; else it points to a node,
// whose children stand right before it in memory.
typedef uint64_t subtree;

typedef struct {
  uint32_t references;
  uint32_t padding[3], size[3]; // bytes, rows, columns
  uint32_t lookahead, error_cost, child_count;
  uint16_t symbol, state;
  uint8_t flags[4];
  // Of nodes with children only:
  uint32_t visible_children, named_children, visible_descendants;
  int32_t precedence;
  uint16_t depth, production;
} inner_node;

// toctou_quicken makes a copy of the grammar that is parsed with in less time, to the same result; any is a parser as it comes. The copy
// lives as long as the process. Its parsers are to be quickened, too.
const TSLanguage *toctou_quicken(const TSLanguage *, const TSParser *any);
void toctou_quicken_parser(TSParser *);

void toctou_flatten(TSNode root, const toctou_map *, toctou_node *out, uint32_t cap, toctou_result *);
void toctou_flatten_by_cursor(TSNode root, const toctou_map *, toctou_node *out, uint32_t cap, toctou_result *);
#endif
