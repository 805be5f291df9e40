#ifndef CGAUSSIAN_H
#define CGAUSSIAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CGAUSSIAN_NOEXCEPT noexcept
extern "C" {
#else
#define CGAUSSIAN_NOEXCEPT
#endif

// Classes with one covariance in common, kept as sums: what a linear discriminant is made from.
//
// Sums are whole multiples of 2^-40, in which addition has no order: whoever adds the same vectors has the same sums,
// and what is taken out again leaves no trace. A vector's figures are within -1 and 1; up to 2^22 vectors fit,
// and as many of lifted ones unless all of them lie along one direction.
// Matrices are symmetric or lower triangular and packed: row after row, the row i with its first i + 1 figures.
// Results are the same on every processor: there is one order of operations, and none is fused.

// Figures of a packed matrix.
static inline size_t cgaussian_packed(size_t dimension) { return dimension * (dimension + 1) / 2; }

// sum[i] += sign * vector[i], sign 1 or -1.
void cgaussian_add(int64_t *_Nonnull sum, const float *_Nonnull vector, size_t dimension, int sign) CGAUSSIAN_NOEXCEPT;

// products += sign * vector vector'.
void cgaussian_add_product(
    int64_t *_Nonnull products, const float *_Nonnull vector, size_t dimension, int sign) CGAUSSIAN_NOEXCEPT;

// mean[i] = sum[i] / count.
void cgaussian_mean(
    const int64_t *_Nonnull sum, size_t count, float *_Nonnull mean, size_t dimension) CGAUSSIAN_NOEXCEPT;

// A pooled covariance, begun from the sum of all vectors' products: scatter = products.
void cgaussian_scatter_begin(
    double *_Nonnull scatter, const int64_t *_Nonnull products, size_t dimension) CGAUSSIAN_NOEXCEPT;

// scatter -= count * mean mean' of a class that has `count` vectors with this sum.
void cgaussian_scatter_subtract(
    double *_Nonnull scatter, const int64_t *_Nonnull sum, size_t count, size_t dimension) CGAUSSIAN_NOEXCEPT;

// What a factor's leading rows and columns say of as many of the vectors' figures, under the shrinkage of all of them.
typedef struct {
    size_t dimension;
    // Half the logarithm of the shrunk covariance's determinant.
    double half_log_determinant;
    // The mean of the vectors' squared distances to their means under it: tr(C^-1 S), C the shrunk covariance.
    double mean_distance;
} cgaussian_extent;

// The Cholesky factor L of the shrunk covariance (1 - shrinkage) S + shrinkage tr(S) / dimension I, where
// S = scatter / count. The diagonal of `factor` holds 1 / L[i][i]. `scatter` is overwritten. The leading rows of the
// factor are that of the leading rows and columns, and each extent, whose dimension says how many of them, is completed.
//
// Returns false where the covariance is zero, or not positive to the last bit.
bool cgaussian_factor(
    double *_Nonnull scatter, size_t count, double shrinkage, size_t dimension, float *_Nonnull factor,
    cgaussian_extent *_Nonnull extents, size_t extent_count) CGAUSSIAN_NOEXCEPT;

// whitened = L^-1 vector, of the first `dimension` figures, which may be fewer than the factor has rows. In place where
// both are the same.
void cgaussian_whiten(
    const float *_Nonnull factor, const float *_Nonnull vector, float *_Nonnull whitened,
    size_t dimension) CGAUSSIAN_NOEXCEPT;

// total += vector.
void cgaussian_accumulate(float *_Nonnull total, const float *_Nonnull vector, size_t dimension) CGAUSSIAN_NOEXCEPT;

// Figures that a vector of `dimension` has with what is lifted behind it; as many as it has where there are 1,024 already.
size_t cgaussian_lifted(size_t dimension) CGAUSSIAN_NOEXCEPT;

// The vector, and behind it the absolute values of random projections of it: all of `cgaussian_lifted(dimension)`.
// A unit vector's projections have a length of 1 on the average; where only some of the transform's are taken, of at most the
// square root of its size over theirs. The directions are orthogonal, as pseudo-random as three rounds of sign changes and
// Hadamard transforms make them, and always the same.
void cgaussian_lift(const float *_Nonnull vector, size_t dimension, float *_Nonnull lifted) CGAUSSIAN_NOEXCEPT;

float cgaussian_dot(const float *_Nonnull left, const float *_Nonnull right, size_t dimension) CGAUSSIAN_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
