// The parts of tree-sitter's public interface that we use, and our own entry points. The runtime
// is linked in by another package: its header is not on our include path.
#ifndef TOCTOU_FLAT_H
#define TOCTOU_FLAT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TSTree TSTree;
typedef struct TSParser TSParser;
typedef struct TSLanguage TSLanguage;

// Node of tree.go; keep the layouts alike.
typedef struct {
  uint32_t start, end, parent, next;
  uint16_t kind, field;
  uint32_t flags;
} toctou_node;

// How to translate symbols and fields, and what to leave out.
typedef struct {
  const uint16_t *kinds;  // by symbol
  const uint16_t *fields; // by field id
  uint32_t kind_count, field_count;
  uint16_t error, dropped, comment, other;
  const TSLanguage *language;
  bool by_cursor; // walk with tree-sitter's public interface only
} toctou_map;

typedef struct {
  uint32_t nodes, comments; // written: nodes from the front of the buffer, comments from its back
  uint32_t need;            // if not 0: the buffer is too small, and nothing was written
  bool failed;              // the parser ran out of time
  bool damaged;
} toctou_result;

const TSLanguage *toctou_downlevel(const void *language);
const TSLanguage *toctou_quickened(const TSLanguage *); // see layout.h; NULL: the runtime does not take it
uint32_t toctou_symbol_count(const TSLanguage *);
uint32_t toctou_field_count(const TSLanguage *);
const char *toctou_symbol_name(const TSLanguage *, uint16_t);
int toctou_symbol_type(const TSLanguage *, uint16_t);
const char *toctou_field_name(const TSLanguage *, uint16_t);

// A parser is used by one thread at a time, and closed between files.
typedef struct toctou_parser toctou_parser;
toctou_parser *toctou_parser_new(const TSLanguage *, bool quickened, size_t arena); // arena: its size, 0 for none; NULL: no memory
void toctou_parser_close(toctou_parser *);
// toctou_parse parses and flattens. A tree that does not fit waits for a second call with a larger buffer.
toctou_result toctou_parse(toctou_parser *, uint64_t timeout_micros, const char *src, uint32_t len,
                           const toctou_map *, toctou_node *out, uint32_t cap);
// toctou_check parses, says whether that failed or met errors, and throws the tree away.
toctou_result toctou_check(toctou_parser *, uint64_t timeout_micros, const char *src, uint32_t len);
#endif
