#define _GNU_SOURCE
#include "chnsw_pages.h"

#include <stdint.h>
#include <sys/mman.h>

static const size_t huge_page = (size_t)2 << 20;
static const size_t small_page = 4096;

static void *map(size_t bytes) {
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void *chnsw_pages_create(size_t bytes, bool prefers_huge) {
    if (bytes == 0) bytes = 1;
    if (!prefers_huge || bytes < huge_page) return map(bytes);
    // Huge pages need their alignment: map one more and give back what lies before and behind.
    char *mapped = map(bytes + huge_page);
    if (mapped == NULL) return NULL;
    const size_t kept = (bytes + small_page - 1) / small_page * small_page;
    const size_t before = (huge_page - (uintptr_t)mapped % huge_page) % huge_page;
    if (before > 0) munmap(mapped, before);
    munmap(mapped + before + kept, huge_page - before);
#ifdef MADV_HUGEPAGE
    // A refusal costs speed and nothing else.
    (void)madvise(mapped + before, kept, MADV_HUGEPAGE);
#endif
    return mapped + before;
}

void chnsw_pages_destroy(void *pages, size_t bytes) {
    if (pages == NULL) return;
    munmap(pages, bytes == 0 ? 1 : bytes);
}
