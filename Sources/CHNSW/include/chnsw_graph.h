// HNSW graphs (Malkov and Yashunin, 2018) that one thread builds and any number of threads search afterwards.
//
// The graph is built by hnswlib; its memory is laid out and searched here, so that vectors start on cache lines and a
// search can leave out rows that are removed, without a callback. No function throws. A graph is in one of two states:
// under construction (chnsw_graph_add, by one thread, nothing else) until chnsw_graph_finish, then read-only.
#ifndef CHNSW_GRAPH_H
#define CHNSW_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "chnsw_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct chnsw_graph chnsw_graph;

typedef enum {
    CHNSW_OK = 0,
    CHNSW_NO_MEMORY = 1,
    // More vectors than the graph was made for.
    CHNSW_FULL = 2,
    // A number that is in the graph already.
    CHNSW_DUPLICATE = 3,
    // hnswlib found its own structure broken.
    CHNSW_BROKEN = 4,
} chnsw_status;

// `links` is HNSW's M, `breadth` its efConstruction. The same arguments and the same additions in the same order give
// the same graph on processors of equal instruction sets.
chnsw_status chnsw_graph_create(
    size_t dimension, size_t capacity, size_t links, size_t breadth, uint64_t seed,
    chnsw_graph *_Nullable *_Nonnull graph) CHNSW_NOEXCEPT;
void chnsw_graph_destroy(chnsw_graph *_Nullable graph) CHNSW_NOEXCEPT;

// Copies the vector (unit length) in; its row is the count of those added before.
chnsw_status chnsw_graph_add(chnsw_graph *_Nonnull graph, const float *_Nonnull vector, uint64_t number) CHNSW_NOEXCEPT;
// Ends the construction and frees what only it needed.
void chnsw_graph_finish(chnsw_graph *_Nonnull graph) CHNSW_NOEXCEPT;

// The vectors where the graph keeps them, valid as long as the graph lives.
chnsw_rows chnsw_graph_rows(const chnsw_graph *_Nonnull graph) CHNSW_NOEXCEPT;
// Of a finished graph, all told.
size_t chnsw_graph_bytes(const chnsw_graph *_Nonnull graph) CHNSW_NOEXCEPT;

// The nearest that a walk with a list of `breadth` (HNSW's ef) finds among the rows whose number's bit is set in
// `allowed`: at most `wanted` of them, with their exact similarities, into the caller's arrays of that length, in no
// certain order; `found` says how many. The walk itself goes by 8-bit codes of the vectors.
chnsw_status chnsw_graph_search(
    const chnsw_graph *_Nonnull graph, const float *_Nonnull query, size_t breadth, size_t wanted,
    const uint64_t *_Nonnull allowed, uint32_t *_Nonnull numbers, float *_Nonnull similarities,
    size_t *_Nonnull found) CHNSW_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
