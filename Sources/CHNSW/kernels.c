#include "chnsw_kernels.h"

#include <string.h>

// Thread Sanitizer sees neither vector loads nor what memcpy writes. A build that it watches has the portable kernels
// alone, and these read and write number by number.
#define READ
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IS_WATCHED 1
#undef READ
#define READ volatile
#endif
#endif

#if defined(__x86_64__) && !defined(IS_WATCHED)
#include <immintrin.h>
#define HAS_X86 1
#else
#define HAS_X86 0
#endif

typedef float (*dot_function)(const float *, const float *, size_t);
typedef void (*dots_function)(const float *, size_t, const float *, size_t, size_t, float *);
typedef size_t (*scan_function)(const float *, const chnsw_rows *, const uint64_t *, float, uint32_t *, float *);
typedef int32_t (*codes_function)(const int8_t *, const int16_t *, size_t);
typedef uint64_t (*read_function)(const void *, size_t);

typedef struct {
    chnsw_instructions instructions;
    dot_function dot;
    dots_function dots;
    scan_function scan;
    codes_function dot_codes;
    read_function read;
} kernels;

// How far ahead of the row at work memory is asked for: beyond a page, where the hardware's own look-ahead ends. All of
// it, also what lies between vectors: a gap of more than a few cache lines loses the hardware's look-ahead altogether.
enum { prefetched_bytes = 6144, cache_line = 64 };

// The scan is the same for every instruction set but for its dot product, which has to be inlined.
#define DEFINE_SCAN(NAME, DOT, ATTRIBUTES)                                                                             \
    ATTRIBUTES static size_t NAME(                                                                                     \
        const float *query, const chnsw_rows *rows, const uint64_t *allowed, float threshold, uint32_t *numbers,       \
        float *similarities) {                                                                                         \
        const char *row = rows->base;                                                                                  \
        const size_t count = rows->count, dimension = rows->dimension, stride = rows->stride;                          \
        const char *end = row + count * stride;                                                                        \
        size_t found = 0;                                                                                              \
        for (size_t r = 0; r < count; r++, row += stride) {                                                            \
            uint64_t number = rows->first_number + r;                                                                  \
            if (rows->numbers_offset != 0) memcpy(&number, row + rows->numbers_offset, sizeof number);                 \
            if (!(allowed[number / 64] >> (number % 64) & 1)) continue;                                                \
            const char *ahead = row + prefetched_bytes;                                                                \
            if (ahead + stride <= end) {                                                                               \
                for (size_t line = 0; line < stride; line += cache_line) __builtin_prefetch(ahead + line, 0, 3);       \
            }                                                                                                          \
            const float similarity = DOT(query, (const float *)row, dimension);                                        \
            if (similarity >= threshold) {                                                                             \
                numbers[found] = (uint32_t)number;                                                                     \
                similarities[found++] = similarity;                                                                    \
            }                                                                                                          \
        }                                                                                                              \
        return found;                                                                                                  \
    }

// Many rows with many: in tiles of LEFTS x tile_rights pairs, the sums of which stay in registers, and single products
// along the edges. A tile adds up each pair's four partial sums one after the other, each in the order of the single
// product, so that the bits are the same.
#define DEFINE_DOTS(NAME, TILE, LEFTS, DOT, ATTRIBUTES)                                                                \
    ATTRIBUTES static void NAME(                                                                                       \
        const float *left, size_t left_count, const float *right, size_t right_count, size_t dimension,                \
        float *products) {                                                                                             \
        size_t l = 0;                                                                                                  \
        for (; l + LEFTS <= left_count; l += LEFTS) {                                                                  \
            size_t r = 0;                                                                                              \
            for (; r + tile_rights <= right_count; r += tile_rights) {                                                 \
                TILE(left + l * dimension, right + r * dimension, dimension, products + l * right_count + r,           \
                     right_count);                                                                                     \
            }                                                                                                          \
            for (; r < right_count; r++) {                                                                             \
                for (size_t k = l; k < l + LEFTS; k++) {                                                               \
                    products[k * right_count + r] = DOT(left + k * dimension, right + r * dimension, dimension);       \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        for (; l < left_count; l++) {                                                                                  \
            for (size_t r = 0; r < right_count; r++) {                                                                 \
                products[l * right_count + r] = DOT(left + l * dimension, right + r * dimension, dimension);           \
            }                                                                                                          \
        }                                                                                                              \
    }

enum { tile_rights = 4 };

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

// MARK: portable

INLINE float dot_portable_inline(const READ float *left, const READ float *right, size_t dimension) {
    float sums[8] = {0};
    size_t i = 0;
    for (; i + 8 <= dimension; i += 8) {
        for (size_t lane = 0; lane < 8; lane++) sums[lane] += left[i + lane] * right[i + lane];
    }
    float rest = 0;
    for (; i < dimension; i++) rest += left[i] * right[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7])) + rest;
}

static float dot_portable(const float *left, const float *right, size_t dimension) {
    return dot_portable_inline(left, right, dimension);
}

DEFINE_SCAN(scan_portable, dot_portable_inline, )

static int32_t codes_portable(const int8_t *codes, const int16_t *query, size_t count) {
    const READ int8_t *read = codes;
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += (int32_t)read[i] * query[i];
    return sum;
}

static uint64_t read_portable(const void *base, size_t bytes) {
    const uint64_t *words = base;
    uint64_t sums[8] = {0};
    for (size_t i = 0; i + 8 <= bytes / 8; i += 8) {
        for (size_t lane = 0; lane < 8; lane++) sums[lane] += words[i + lane];
    }
    uint64_t sum = 0;
    for (size_t lane = 0; lane < 8; lane++) sum += sums[lane];
    return sum;
}

INLINE void tile_portable(
    const float *left, const float *right, size_t dimension, float *products, size_t stride) {
    for (size_t l = 0; l < 2; l++) {
        for (size_t r = 0; r < tile_rights; r++) {
            products[l * stride + r] = dot_portable_inline(left + l * dimension, right + r * dimension, dimension);
        }
    }
}

DEFINE_DOTS(dots_portable, tile_portable, 2, dot_portable_inline, )

static const kernels portable = {
    CHNSW_PORTABLE, dot_portable, dots_portable, scan_portable, codes_portable, read_portable};

#if HAS_X86

// MARK: AVX2 and FMA

#define AVX2 __attribute__((target("avx2,fma")))

// What four partial sums and the numbers that are left, fewer than eight, come to.
AVX2 INLINE float sum_avx2(
    __m256 a, __m256 b, __m256 c, __m256 d, const float *left, const float *right, size_t dimension) {
    const __m256 sum = _mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d));
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    half = _mm_add_ss(half, _mm_shuffle_ps(half, half, 1));
    float total = _mm_cvtss_f32(half);
    for (size_t i = dimension / 8 * 8; i < dimension; i++) total += left[i] * right[i];
    return total;
}

AVX2 INLINE float dot_avx2_inline(const float *left, const float *right, size_t dimension) {
    __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
    size_t i = 0;
    for (; i + 32 <= dimension; i += 32) {
        a = _mm256_fmadd_ps(_mm256_loadu_ps(left + i), _mm256_loadu_ps(right + i), a);
        b = _mm256_fmadd_ps(_mm256_loadu_ps(left + i + 8), _mm256_loadu_ps(right + i + 8), b);
        c = _mm256_fmadd_ps(_mm256_loadu_ps(left + i + 16), _mm256_loadu_ps(right + i + 16), c);
        d = _mm256_fmadd_ps(_mm256_loadu_ps(left + i + 24), _mm256_loadu_ps(right + i + 24), d);
    }
    for (; i + 8 <= dimension; i += 8) {
        a = _mm256_fmadd_ps(_mm256_loadu_ps(left + i), _mm256_loadu_ps(right + i), a);
    }
    return sum_avx2(a, b, c, d, left, right, dimension);
}

AVX2 static float dot_avx2(const float *left, const float *right, size_t dimension) {
    return dot_avx2_inline(left, right, dimension);
}

// Two rows with four: eight sums, of sixteen registers.
AVX2 INLINE void step_avx2(
    const float *left, const float *right, size_t dimension, __m256 sums[2][tile_rights]) {
    UNROLLED for (size_t l = 0; l < 2; l++) {
        const __m256 number = _mm256_loadu_ps(left + l * dimension);
        UNROLLED for (size_t r = 0; r < tile_rights; r++) {
            sums[l][r] = _mm256_fmadd_ps(number, _mm256_loadu_ps(right + r * dimension), sums[l][r]);
        }
    }
}

AVX2 INLINE void tile_avx2(
    const float *left, const float *right, size_t dimension, float *products, size_t stride) {
    __m256 parts[4][2][tile_rights];
    const size_t whole = dimension / 32 * 32;
    for (size_t part = 0; part < 4; part++) {
        __m256 sums[2][tile_rights];
        UNROLLED for (size_t l = 0; l < 2; l++) {
            UNROLLED for (size_t r = 0; r < tile_rights; r++) sums[l][r] = _mm256_setzero_ps();
        }
        for (size_t i = 8 * part; i < whole; i += 32) step_avx2(left + i, right + i, dimension, sums);
        if (part == 0) {
            for (size_t i = whole; i + 8 <= dimension; i += 8) step_avx2(left + i, right + i, dimension, sums);
        }
        UNROLLED for (size_t l = 0; l < 2; l++) {
            UNROLLED for (size_t r = 0; r < tile_rights; r++) parts[part][l][r] = sums[l][r];
        }
    }
    for (size_t l = 0; l < 2; l++) {
        for (size_t r = 0; r < tile_rights; r++) {
            products[l * stride + r] = sum_avx2(
                parts[0][l][r], parts[1][l][r], parts[2][l][r], parts[3][l][r], left + l * dimension,
                right + r * dimension, dimension);
        }
    }
}

DEFINE_DOTS(dots_avx2, tile_avx2, 2, dot_avx2_inline, AVX2)

DEFINE_SCAN(scan_avx2, dot_avx2_inline, AVX2)

AVX2 static int32_t codes_avx2(const int8_t *codes, const int16_t *query, size_t count) {
    __m256i a = _mm256_setzero_si256(), b = a;
    for (size_t i = 0; i < count; i += 32) {
        const __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(codes + i)));
        const __m256i high = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(codes + i + 16)));
        a = _mm256_add_epi32(a, _mm256_madd_epi16(low, _mm256_loadu_si256((const __m256i *)(query + i))));
        b = _mm256_add_epi32(b, _mm256_madd_epi16(high, _mm256_loadu_si256((const __m256i *)(query + i + 16))));
    }
    const __m256i sum = _mm256_add_epi32(a, b);
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    return _mm_cvtsi128_si32(half);
}

AVX2 static uint64_t read_avx2(const void *base, size_t bytes) {
    const __m256i *vectors = base;
    __m256i sums[8];
    for (size_t lane = 0; lane < 8; lane++) sums[lane] = _mm256_setzero_si256();
    for (size_t i = 0; i + 8 <= bytes / 32; i += 8) {
        __builtin_prefetch((const char *)(vectors + i) + prefetched_bytes, 0, 3);
        __builtin_prefetch((const char *)(vectors + i) + prefetched_bytes + 64, 0, 3);
        __builtin_prefetch((const char *)(vectors + i) + prefetched_bytes + 128, 0, 3);
        __builtin_prefetch((const char *)(vectors + i) + prefetched_bytes + 192, 0, 3);
        for (size_t lane = 0; lane < 8; lane++) {
            sums[lane] = _mm256_add_epi64(sums[lane], _mm256_loadu_si256(vectors + i + lane));
        }
    }
    uint64_t words[4], sum = 0;
    for (size_t lane = 0; lane < 8; lane++) {
        memcpy(words, &sums[lane], sizeof words);
        sum += words[0] + words[1] + words[2] + words[3];
    }
    return sum;
}

static const kernels avx2 = {CHNSW_AVX2, dot_avx2, dots_avx2, scan_avx2, codes_avx2, read_avx2};

// MARK: AVX-512

#define AVX512 __attribute__((target("avx512f,avx512bw")))

AVX512 INLINE float dot_avx512_inline(const float *left, const float *right, size_t dimension) {
    __m512 a = _mm512_setzero_ps(), b = a, c = a, d = a;
    size_t i = 0;
    for (; i + 64 <= dimension; i += 64) {
        a = _mm512_fmadd_ps(_mm512_loadu_ps(left + i), _mm512_loadu_ps(right + i), a);
        b = _mm512_fmadd_ps(_mm512_loadu_ps(left + i + 16), _mm512_loadu_ps(right + i + 16), b);
        c = _mm512_fmadd_ps(_mm512_loadu_ps(left + i + 32), _mm512_loadu_ps(right + i + 32), c);
        d = _mm512_fmadd_ps(_mm512_loadu_ps(left + i + 48), _mm512_loadu_ps(right + i + 48), d);
    }
    for (; i < dimension; i += 16) {
        const size_t left_over = dimension - i;
        const __mmask16 mask = left_over >= 16 ? 0xFFFF : (__mmask16)((1u << left_over) - 1);
        a = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, left + i), _mm512_maskz_loadu_ps(mask, right + i), a);
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(a, b), _mm512_add_ps(c, d)));
}

AVX512 static float dot_avx512(const float *left, const float *right, size_t dimension) {
    return dot_avx512_inline(left, right, dimension);
}

// Four rows with four: sixteen sums, of thirty-two registers.
AVX512 INLINE void step_avx512(
    const float *left, const float *right, size_t dimension, __mmask16 mask, __m512 sums[4][tile_rights]) {
    __m512 numbers[tile_rights];
    UNROLLED for (size_t r = 0; r < tile_rights; r++) numbers[r] = _mm512_maskz_loadu_ps(mask, right + r * dimension);
    UNROLLED for (size_t l = 0; l < 4; l++) {
        const __m512 number = _mm512_maskz_loadu_ps(mask, left + l * dimension);
        UNROLLED for (size_t r = 0; r < tile_rights; r++) sums[l][r] = _mm512_fmadd_ps(number, numbers[r], sums[l][r]);
    }
}

AVX512 INLINE void tile_avx512(
    const float *left, const float *right, size_t dimension, float *products, size_t stride) {
    __m512 parts[4][4][tile_rights];
    const size_t whole = dimension / 64 * 64;
    for (size_t part = 0; part < 4; part++) {
        __m512 sums[4][tile_rights];
        UNROLLED for (size_t l = 0; l < 4; l++) {
            UNROLLED for (size_t r = 0; r < tile_rights; r++) sums[l][r] = _mm512_setzero_ps();
        }
        for (size_t i = 16 * part; i < whole; i += 64) step_avx512(left + i, right + i, dimension, 0xFFFF, sums);
        if (part == 0) {
            for (size_t i = whole; i < dimension; i += 16) {
                const size_t left_over = dimension - i;
                const __mmask16 mask = left_over >= 16 ? 0xFFFF : (__mmask16)((1u << left_over) - 1);
                step_avx512(left + i, right + i, dimension, mask, sums);
            }
        }
        UNROLLED for (size_t l = 0; l < 4; l++) {
            UNROLLED for (size_t r = 0; r < tile_rights; r++) parts[part][l][r] = sums[l][r];
        }
    }
    for (size_t l = 0; l < 4; l++) {
        for (size_t r = 0; r < tile_rights; r++) {
            products[l * stride + r] = _mm512_reduce_add_ps(_mm512_add_ps(
                _mm512_add_ps(parts[0][l][r], parts[1][l][r]), _mm512_add_ps(parts[2][l][r], parts[3][l][r])));
        }
    }
}

DEFINE_DOTS(dots_avx512, tile_avx512, 4, dot_avx512_inline, AVX512)

DEFINE_SCAN(scan_avx512, dot_avx512_inline, AVX512)

AVX512 static int32_t codes_avx512(const int8_t *codes, const int16_t *query, size_t count) {
    __m512i a = _mm512_setzero_si512(), b = a;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        const __m512i low = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(codes + i)));
        const __m512i high = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(codes + i + 32)));
        a = _mm512_add_epi32(a, _mm512_madd_epi16(low, _mm512_loadu_si512(query + i)));
        b = _mm512_add_epi32(b, _mm512_madd_epi16(high, _mm512_loadu_si512(query + i + 32)));
    }
    if (i < count) {
        const __m512i last = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(codes + i)));
        a = _mm512_add_epi32(a, _mm512_madd_epi16(last, _mm512_loadu_si512(query + i)));
    }
    return _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
}

AVX512 static uint64_t read_avx512(const void *base, size_t bytes) {
    const char *from = base;
    __m512i sums[8];
    for (size_t lane = 0; lane < 8; lane++) sums[lane] = _mm512_setzero_si512();
    for (size_t i = 0; i + 512 <= bytes; i += 512) {
        for (size_t lane = 0; lane < 8; lane++) {
            __builtin_prefetch(from + i + 64 * lane + prefetched_bytes, 0, 3);
            sums[lane] = _mm512_add_epi64(sums[lane], _mm512_loadu_si512(from + i + 64 * lane));
        }
    }
    uint64_t sum = 0;
    for (size_t lane = 0; lane < 8; lane++) sum += (uint64_t)_mm512_reduce_add_epi64(sums[lane]);
    return sum;
}

static const kernels avx512 = {CHNSW_AVX512, dot_avx512, dots_avx512, scan_avx512, codes_avx512, read_avx512};

#endif

// MARK: choice

static const kernels *chosen = &portable;

bool chnsw_instructions_available(chnsw_instructions instructions) {
    switch (instructions) {
    case CHNSW_PORTABLE:
        return true;
#if HAS_X86
    case CHNSW_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case CHNSW_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
#else
    case CHNSW_AVX2:
    case CHNSW_AVX512:
        return false;
#endif
    }
    return false;
}

// Runs before main, so before there is a second thread that could read `chosen`.
__attribute__((constructor)) static void choose(void) {
#if HAS_X86
    __builtin_cpu_init();
    if (chnsw_instructions_available(CHNSW_AVX512)) {
        chosen = &avx512;
    } else if (chnsw_instructions_available(CHNSW_AVX2)) {
        chosen = &avx2;
    }
#endif
}

chnsw_instructions chnsw_instructions_used(void) { return chosen->instructions; }

float chnsw_dot(const float *left, const float *right, size_t dimension) {
    return chosen->dot(left, right, dimension);
}

static const kernels *kernels_on(chnsw_instructions instructions) {
    switch (instructions) {
#if HAS_X86
    case CHNSW_AVX2:
        return &avx2;
    case CHNSW_AVX512:
        return &avx512;
#endif
    default:
        return &portable;
    }
}

float chnsw_dot_on(chnsw_instructions instructions, const float *left, const float *right, size_t dimension) {
    return kernels_on(instructions)->dot(left, right, dimension);
}

void chnsw_dots(
    const float *left, size_t left_count, const float *right, size_t right_count, size_t dimension, float *products) {
    chosen->dots(left, left_count, right, right_count, dimension, products);
}

void chnsw_dots_on(
    chnsw_instructions instructions, const float *left, size_t left_count, const float *right, size_t right_count,
    size_t dimension, float *products) {
    kernels_on(instructions)->dots(left, left_count, right, right_count, dimension, products);
}

void chnsw_copy(float *to, const float *from, size_t dimension) {
#ifdef IS_WATCHED
    volatile float *watched = to;
    for (size_t i = 0; i < dimension; i++) watched[i] = from[i];
#else
    memcpy(to, from, dimension * sizeof(float));
#endif
}

int32_t chnsw_dot_codes(const int8_t *codes, const int16_t *query, size_t count) {
    return chosen->dot_codes(codes, query, count);
}

int32_t chnsw_dot_codes_on(
    chnsw_instructions instructions, const int8_t *codes, const int16_t *query, size_t count) {
    return kernels_on(instructions)->dot_codes(codes, query, count);
}

size_t chnsw_scan(
    const float *query, const chnsw_rows *rows, const uint64_t *allowed, float threshold, uint32_t *numbers,
    float *similarities) {
    return chosen->scan(query, rows, allowed, threshold, numbers, similarities);
}

uint64_t chnsw_read(const void *base, size_t bytes) { return chosen->read(base, bytes); }
