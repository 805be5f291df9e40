// Dot products over f32 vectors, on the widest instructions that the processor has, chosen when the program starts.
//
// For a given instruction set the same two vectors give the same bits in every function here, so that exact search,
// graph search and repeated runs agree. All functions are thread-safe and read their inputs only.
#ifndef CHNSW_KERNELS_H
#define CHNSW_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chnsw_language.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    CHNSW_PORTABLE = 0,
    CHNSW_AVX2 = 1,
    CHNSW_AVX512 = 2,
} chnsw_instructions;

// What the other functions run on.
chnsw_instructions chnsw_instructions_used(void) CHNSW_NOEXCEPT;
// Whether this processor has them.
bool chnsw_instructions_available(chnsw_instructions instructions) CHNSW_NOEXCEPT;

float chnsw_dot(const float *_Nonnull left, const float *_Nonnull right, size_t dimension) CHNSW_NOEXCEPT;
// The same on certain instructions, which must be available: for tests.
float chnsw_dot_on(
    chnsw_instructions instructions, const float *_Nonnull left, const float *_Nonnull right,
    size_t dimension) CHNSW_NOEXCEPT;

// Every row of `left` with every row of `right`, rows lying one behind the other: products[l * right_count + r], each to
// the bit as chnsw_dot gives it. Several times as fast as one by one where some hundred rows of `right` fit the cache.
void chnsw_dots(
    const float *_Nonnull left, size_t left_count, const float *_Nonnull right, size_t right_count, size_t dimension,
    float *_Nonnull products) CHNSW_NOEXCEPT;
void chnsw_dots_on(
    chnsw_instructions instructions, const float *_Nonnull left, size_t left_count, const float *_Nonnull right,
    size_t right_count, size_t dimension, float *_Nonnull products) CHNSW_NOEXCEPT;

// Copies a vector, where Thread Sanitizer sees it.
void chnsw_copy(float *_Nonnull to, const float *_Nonnull from, size_t dimension) CHNSW_NOEXCEPT;

// A vector's codes (see aligned_graph.hpp) times a query's, exactly, whatever the instruction set. `count` is a
// multiple of CHNSW_CODES_MULTIPLE, and the sum fits 32 bits.
int32_t chnsw_dot_codes(
    const int8_t *_Nonnull codes, const int16_t *_Nonnull query, size_t count) CHNSW_NOEXCEPT;
int32_t chnsw_dot_codes_on(
    chnsw_instructions instructions, const int8_t *_Nonnull codes, const int16_t *_Nonnull query,
    size_t count) CHNSW_NOEXCEPT;
enum { CHNSW_CODES_MULTIPLE = 32 };

// Vectors in memory, one every `stride` bytes, and the number that each goes by.
typedef struct {
    const void *_Nonnull base;
    size_t stride;
    size_t count;
    size_t dimension;
    // A row's number is first_number + row, or where numbers_offset is not 0 the uint64_t that lies that many bytes
    // from the row's vector.
    uint64_t first_number;
    ptrdiff_t numbers_offset;
} chnsw_rows;

// Compares a query with every row whose number's bit is set in `allowed`. Those with similarity >= threshold go into
// `numbers` and `similarities`, which have room for rows->count, in the order of rows; returns how many they are.
size_t chnsw_scan(
    const float *_Nonnull query, const chnsw_rows *_Nonnull rows, const uint64_t *_Nonnull allowed, float threshold,
    uint32_t *_Nonnull numbers, float *_Nonnull similarities) CHNSW_NOEXCEPT;

// Reads `bytes` (a multiple of 512) once, from start to end, as fast as one thread can; the measure that a scan's speed
// is compared with. The result depends on every byte.
uint64_t chnsw_read(const void *_Nonnull base, size_t bytes) CHNSW_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
