// Memory that goes back to the operating system the moment it is released, whatever malloc holds on to.
#ifndef CHNSW_PAGES_H
#define CHNSW_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "chnsw_language.h"

#ifdef __cplusplus
extern "C" {
#endif

// Zeroed pages, resident once touched; NULL where there is no memory. `prefers_huge` asks for 2 MiB pages, which spare
// random reads most of their TLB misses.
void *_Nullable chnsw_pages_create(size_t bytes, bool prefers_huge) CHNSW_NOEXCEPT;
// Releases what chnsw_pages_create gave; `bytes` as asked for then. NULL is accepted.
void chnsw_pages_destroy(void *_Nullable pages, size_t bytes) CHNSW_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
