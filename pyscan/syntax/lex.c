//go:build cgo

// The steps that the runtime and the grammar's scanner take for every character and every token, made short for what we hand
// them: one text in one piece, most of it ASCII. Whatever is not as simple goes to the original.
#include "layout.h"
#include <stdlib.h>
#include <string.h>

// What TSParser begins with. The runtime's TSLexer ends with eof.
typedef struct { uint32_t bytes, row, column; } place;

typedef struct lexer {
  int32_t lookahead;
  uint16_t result;
  void (*advance)(struct lexer *, bool skip);
  void (*mark_end)(struct lexer *);
  void *get_column, *is_at_included_range_start, *eof;
  place at, token_start, token_end;
  const void *ranges;
  const char *chunk;
  struct { void *payload, *read; int encoding; } input;
  struct { void *payload, *log; } logger;
  uint32_t range_count, range, chunk_start, chunk_size, lookahead_size;
} lexer;

static void (*advance_slowly)(lexer *, bool);

static void advance(lexer *l, bool skip) {
  uint32_t size = l->lookahead_size, bytes = l->at.bytes + size, offset = bytes - l->chunk_start;
  if (!l->chunk || size == 0 || offset >= l->chunk_size || l->chunk[offset] & 0x80) {
    advance_slowly(l, skip);
    return;
  }
  l->at.bytes = bytes;
  if (l->lookahead == '\n') {
    l->at.row++;
    l->at.column = 0;
  } else {
    l->at.column += size;
  }
  if (skip) l->token_start = l->at;
  l->lookahead = l->chunk[offset];
  l->lookahead_size = 1;
}

static void mark_end(lexer *l) { l->token_end = l->at; }

void toctou_quicken_parser(TSParser *p) {
  lexer *l = (lexer *)p;
  l->advance = advance;
  l->mark_end = mark_end;
}

// What the grammar's scanner keeps.
typedef struct {
  struct { uint16_t *contents; uint32_t size, capacity; } indents;
  struct { char *contents; uint32_t size, capacity; } delimiters;
  bool inside_interpolated_string;
} scanner;

typedef void (*deserialize_fn)(void *, const char *, unsigned);
static deserialize_fn deserialize_slowly;

// deserialize uses the memory that the scanner has; the original gives it back and asks for it again.
static void deserialize(void *payload, const char *from, unsigned length) {
  scanner *s = payload;
  unsigned delimiters = length > 1 ? (uint8_t)from[1] : 0;
  unsigned indents = length > 1 + delimiters ? (length - 2 - delimiters) / 2 : 0;
  if (length == 1 || indents >= s->indents.capacity || delimiters > s->delimiters.capacity) {
    deserialize_slowly(payload, from, length);
    return;
  }
  s->indents.contents[0] = 0;
  s->indents.size = indents + 1;
  s->delimiters.size = delimiters;
  if (length == 0) return;
  s->inside_interpolated_string = from[0];
  if (delimiters > 0) memcpy(s->delimiters.contents, from + 2, delimiters);
  const uint8_t *in = (const uint8_t *)from + 2 + delimiters;
  for (unsigned i = 1; i <= indents; i++, in += 2) s->indents.contents[i] = in[0] | in[1] << 8;
}

// widen makes the parser look up by index what to do in a state. In all but the first of its states, the grammar lists the symbols
// that can come next, and the runtime searches these lists.
static void widen(language14 *l) {
  size_t width = l->symbol_count;
  uint16_t *table = calloc(l->state_count * width, sizeof *table);
  if (!table) return;
  memcpy(table, l->parse_table, l->large_state_count * width * sizeof *table);
  for (uint32_t s = l->large_state_count; s < l->state_count; s++) {
    const uint16_t *data = &l->small_parse_table[l->small_parse_table_map[s - l->large_state_count]];
    for (uint16_t groups = *data++; groups > 0; groups--) {
      uint16_t entry = *data++;
      for (uint16_t symbols = *data++; symbols > 0; symbols--) table[s * width + *data++] = entry;
    }
  }
  l->parse_table = table;
  l->large_state_count = l->state_count;
}

const TSLanguage *toctou_quicken(const TSLanguage *language, const TSParser *any) {
  language14 *l = malloc(sizeof *l);
  if (!l) return language;
  *l = *(const language14 *)language;
  widen(l);
  deserialize_slowly = l->external_scanner.deserialize;
  l->external_scanner.deserialize = deserialize;
  advance_slowly = ((const lexer *)any)->advance;
  return (const TSLanguage *)l;
}
