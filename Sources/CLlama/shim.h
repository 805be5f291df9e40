// llama.cpp's C interface, and the one loop over a whole vocabulary that is worth C's speed.
#ifndef SWITCHBOARD_CLLAMA_SHIM_H
#define SWITCHBOARD_CLLAMA_SHIM_H

#include <llama.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float switchboard_floats __attribute__((vector_size(32), aligned(4)));
typedef int32_t switchboard_ints __attribute__((vector_size(32), aligned(4)));

// exp(x) of eight floats at once for x <= 0; relative error below 2e-7. What is below -87 counts as exp(-87), 1e-38.
static inline switchboard_floats switchboard_exp(switchboard_floats x) {
    const switchboard_floats lowest = x - x - 87.0f;
    const switchboard_ints isLow = x < lowest;
    x = (switchboard_floats)(((switchboard_ints)x & ~isLow) | ((switchboard_ints)lowest & isLow));
    // Adding and taking away 1.5 x 2^23 rounds to the nearest whole number.
    const switchboard_floats whole = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
    const switchboard_floats rest = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    switchboard_floats sum = rest * 1.9875691500e-4f + 1.3981999507e-3f;
    sum = sum * rest + 8.3334519073e-3f;
    sum = sum * rest + 4.1665795894e-2f;
    sum = sum * rest + 1.6666665459e-1f;
    sum = sum * rest + 5.0000001201e-1f;
    sum = sum * rest * rest + rest + 1.0f;
    const switchboard_ints exponent = (__builtin_convertvector(whole, switchboard_ints) + 127) << 23;
    return sum * (switchboard_floats)exponent;
}

// log(sum(exp(values[i]))), the normaliser of a softmax over the vocabulary. count > 0.
static inline double switchboard_log_sum_exp(const float *values, int64_t count) {
    float largest = values[0];
    for (int64_t i = 1; i < count; i++) {
        largest = values[i] > largest ? values[i] : largest;
    }
    double total = 0;
    int64_t i = 0;
    while (i + 8 <= count) {
        // Short runs in float, their sums in double, so that the error does not grow with the vocabulary.
        switchboard_floats run = {0};
        const int64_t end = i + 1024 < count ? i + 1024 : count;
        for (; i + 8 <= end; i += 8) {
            switchboard_floats x;
            memcpy(&x, values + i, sizeof x);
            run += switchboard_exp(x - largest);
        }
        for (int lane = 0; lane < 8; lane++) {
            total += run[lane];
        }
    }
    for (; i < count; i++) {
        total += exp((double)(values[i] - largest));
    }
    return (double)largest + log(total);
}

#endif
