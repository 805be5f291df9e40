#include "cgaussian.h"

#include <math.h>
#include <string.h>

// A fused multiplication rounds once where two operations round twice, and not every processor has it.
#pragma STDC FP_CONTRACT OFF

// A sanitizer is not ready yet when the loader chooses between versions.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define IS_WATCHED 1
#endif
#endif

// One version for every x86-64 and one for those with AVX2, which does the same in fewer instructions.
#if defined(__x86_64__) && defined(__ELF__) && !defined(IS_WATCHED)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

static const double scale = 0x1p40;

// Adding it to a figure of at most 2^51 rounds that to a whole number, which then stands in the sum's low bits.
static const double magic = 0x1.8p52;

static inline int64_t rounded(double value) {
    const double shifted = value + magic;
    int64_t bits, zero;
    memcpy(&bits, &shifted, sizeof bits);
    memcpy(&zero, &magic, sizeof zero);
    return bits - zero;
}

WIDE void cgaussian_add(int64_t *sum, const float *vector, size_t dimension, int sign) {
    const double factor = sign * scale;
    for (size_t i = 0; i < dimension; i++) sum[i] += rounded(vector[i] * factor);
}

WIDE void cgaussian_add_product(int64_t *products, const float *vector, size_t dimension, int sign) {
    int64_t *row = products;
    for (size_t i = 0; i < dimension; i++) {
        const double left = vector[i] * (sign * scale);
        for (size_t j = 0; j <= i; j++) row[j] += rounded(left * vector[j]);
        row += i + 1;
    }
}

WIDE void cgaussian_mean(const int64_t *sum, size_t count, float *mean, size_t dimension) {
    const double factor = 1 / (scale * (double)count);
    for (size_t i = 0; i < dimension; i++) mean[i] = (float)((double)sum[i] * factor);
}

WIDE void cgaussian_scatter_begin(double *scatter, const int64_t *products, size_t dimension) {
    const size_t count = cgaussian_packed(dimension);
    for (size_t i = 0; i < count; i++) scatter[i] = (double)products[i] * (1 / scale);
}

WIDE void cgaussian_scatter_subtract(double *scatter, const int64_t *sum, size_t count, size_t dimension) {
    double *row = scatter;
    for (size_t i = 0; i < dimension; i++) {
        const double left = (double)sum[i] * (1 / scale) / (double)count;
        for (size_t j = 0; j <= i; j++) row[j] -= left * ((double)sum[j] * (1 / scale));
        row += i + 1;
    }
}

// Sums side by side, as vector units have them, and enough that one need not wait for the other; so the compiler need
// not change the order to be fast.
#define DEFINE_DOT(NAME, NUMBER)                                                                                       \
    static inline __attribute__((always_inline)) NUMBER NAME(const NUMBER *left, const NUMBER *right, size_t count) { \
        NUMBER sums[32] = {0};                                                                                         \
        size_t i = 0;                                                                                                  \
        for (; i + 32 <= count; i += 32) {                                                                             \
            for (size_t lane = 0; lane < 32; lane++) sums[lane] += left[i + lane] * right[i + lane];                   \
        }                                                                                                              \
        for (; i + 8 <= count; i += 8) {                                                                               \
            for (size_t lane = 0; lane < 8; lane++) sums[lane] += left[i + lane] * right[i + lane];                    \
        }                                                                                                              \
        for (size_t lane = 0; lane < 8; lane++) {                                                                      \
            sums[lane] = (sums[lane] + sums[lane + 8]) + (sums[lane + 16] + sums[lane + 24]);                          \
        }                                                                                                              \
        NUMBER rest = 0;                                                                                               \
        for (; i < count; i++) rest += left[i] * right[i];                                                             \
        return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7])) + rest;       \
    }

DEFINE_DOT(dot_double, double)
DEFINE_DOT(dot_float, float)

// tr((L L')^-1), which is the sum of the squares of L^-1, whose rows take the place of L's: that of each extent, in which
// the leading rows are summed up.
static inline __attribute__((always_inline)) void inverse_traces(
    double *factor, size_t dimension, const cgaussian_extent *extents, double *traces, size_t extent_count) {
    for (size_t e = 0; e < extent_count; e++) traces[e] = 0;
    for (size_t i = 0; i < dimension; i++) {
        double *row = factor + i * (i + 1) / 2;
        const double diagonal = row[i];
        // Row i of the inverse: -1 / L[i][i] times the sum of L[i][k] times row k of the inverse, k < i.
        double inverse[i + 1];
        for (size_t j = 0; j < i; j++) inverse[j] = 0;
        for (size_t k = 0; k < i; k++) {
            const double weight = -row[k] * diagonal;
            const double *above = factor + k * (k + 1) / 2;
            for (size_t j = 0; j <= k; j++) inverse[j] += weight * above[j];
        }
        inverse[i] = diagonal;
        double sum = 0;
        for (size_t j = 0; j <= i; j++) {
            row[j] = inverse[j];
            sum += inverse[j] * inverse[j];
        }
        for (size_t e = 0; e < extent_count; e++) {
            if (i < extents[e].dimension) traces[e] += sum;
        }
    }
}

WIDE bool cgaussian_factor(
    double *scatter, size_t count, double shrinkage, size_t dimension, float *factor, cgaussian_extent *extents,
    size_t extent_count) {
    double trace = 0;
    for (size_t i = 0; i < dimension; i++) trace += scatter[i * (i + 1) / 2 + i];
    trace /= (double)count;
    if (!(trace > 0)) return false;
    const double kept = (1 - shrinkage) / (double)count;
    const double added = shrinkage * trace / (double)dimension;

    double logarithm = 0;
    for (size_t i = 0; i < dimension; i++) {
        double *row = scatter + i * (i + 1) / 2;
        for (size_t j = 0; j < i; j++) {
            const double *above = scatter + j * (j + 1) / 2;
            // The rows above hold the factor already, the diagonal its inverse.
            row[j] = (row[j] * kept - dot_double(row, above, j)) * above[j];
        }
        const double square = row[i] * kept + added - dot_double(row, row, i);
        if (!(square > 0)) return false;
        const double root = sqrt(square);
        logarithm += log(root);
        row[i] = 1 / root;
        for (size_t e = 0; e < extent_count; e++) {
            if (i + 1 == extents[e].dimension) extents[e].half_log_determinant = logarithm;
        }
    }
    const size_t figures = cgaussian_packed(dimension);
    for (size_t i = 0; i < figures; i++) factor[i] = (float)scatter[i];
    // S = (C - added I) / (1 - shrinkage), so tr(C^-1 S) = (dimension - added tr C^-1) / (1 - shrinkage).
    double traces[extent_count];
    inverse_traces(scatter, dimension, extents, traces, extent_count);
    for (size_t e = 0; e < extent_count; e++) {
        extents[e].mean_distance = ((double)extents[e].dimension - added * traces[e]) / (1 - shrinkage);
    }
    return true;
}

WIDE void cgaussian_whiten(const float *factor, const float *vector, float *whitened, size_t dimension) {
    const float *row = factor;
    for (size_t i = 0; i < dimension; i++) {
        whitened[i] = (vector[i] - dot_float(row, whitened, i)) * row[i];
        row += i + 1;
    }
}

WIDE float cgaussian_dot(const float *left, const float *right, size_t dimension) {
    return dot_float(left, right, dimension);
}

WIDE void cgaussian_accumulate(float *total, const float *vector, size_t dimension) {
    for (size_t i = 0; i < dimension; i++) total[i] += vector[i];
}

// What is known of hundreds of figures pays for some hundreds more, and a covariance of more than a thousand costs more than
// it tells: its factor takes the third power.
enum { most_lifted = 1024 };

static size_t padded(size_t dimension) {
    size_t power = 1;
    while (power < dimension) power *= 2;
    return power;
}

size_t cgaussian_lifted(size_t dimension) {
    if (dimension >= most_lifted) return dimension;
    const size_t projections = padded(dimension);
    return dimension + projections < most_lifted ? dimension + projections : most_lifted;
}

// SplitMix64 (Steele, Lea and Flood 2014).
static inline uint64_t next_random(uint64_t *state) {
    uint64_t mixed = *state += UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

// In place; as long as the unit matrix's rows times the square root of `size`.
static inline __attribute__((always_inline)) void hadamard(float *figures, size_t size) {
    for (size_t half = 1; half < size; half *= 2) {
        for (size_t start = 0; start < size; start += 2 * half) {
            for (size_t i = start; i < start + half; i++) {
                const float left = figures[i], right = figures[i + half];
                figures[i] = left + right;
                figures[i + half] = left - right;
            }
        }
    }
}

// Structured orthogonal random features (Yu et al. 2016).
WIDE void cgaussian_lift(const float *vector, size_t dimension, float *lifted) {
    memcpy(lifted, vector, dimension * sizeof *vector);
    const size_t width = cgaussian_lifted(dimension);
    if (width == dimension) return;
    const size_t size = padded(dimension);
    float figures[most_lifted];
    memcpy(figures, vector, dimension * sizeof *vector);
    for (size_t i = dimension; i < size; i++) figures[i] = 0;
    uint64_t state = 1;
    for (int round = 0; round < 3; round++) {
        uint64_t signs = 0;
        for (size_t i = 0; i < size; i++) {
            if (i % 64 == 0) signs = next_random(&state);
            if (signs >> (i % 64) & 1) figures[i] = -figures[i];
        }
        hadamard(figures, size);
    }
    // Three transforms, each too long by the square root of the size, and as much again where not all are taken.
    const double length = (double)size * sqrt((double)(width - dimension));
    const float scale_down = (float)(1 / length);
    for (size_t i = dimension; i < width; i++) lifted[i] = fabsf(figures[i - dimension]) * scale_down;
}
