// hnswlib's graph with a layout of its own for the rows, made for being read.
#ifndef ALIGNED_GRAPH_HPP
#define ALIGNED_GRAPH_HPP

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

// Its hand-written distances are not used, and its look-ahead touches entries beyond a list's end.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include "chnsw_kernels.h"
#include "chnsw_pages.h"

namespace chnsw {

constexpr size_t cache_line = 64;

inline size_t rounded_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

// What hnswlib builds by: 1 - dot product.
inline float distance(const void *left, const void *right, const void *dimension) {
    return 1.0f - chnsw_dot(
        static_cast<const float *>(left), static_cast<const float *>(right), *static_cast<const size_t *>(dimension));
}

class DotSpace final : public hnswlib::SpaceInterface<float> {
  public:
    explicit DotSpace(size_t dimension) : dimension_(dimension) {}
    size_t get_data_size() override { return dimension_ * sizeof(float); }
    hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
    void *get_dist_func_param() override { return &dimension_; }
    size_t dimension() const { return dimension_; }

  private:
    size_t dimension_;
};

// A query as vectors' codes are compared with: 16 bits a component, as many as leave the sum within 32 bits.
struct QueryCodes {
    std::vector<int16_t> codes;
    float scale;

    QueryCodes(const float *query, size_t dimension)
        : codes(rounded_up(dimension, CHNSW_CODES_MULTIPLE)), scale(0) {
        const float most = std::min<float>(32767, static_cast<float>(INT32_MAX / (127 * dimension)));
        float largest = 0;
        for (size_t i = 0; i < dimension; i++) largest = std::max(largest, std::fabs(query[i]));
        if (!(largest > 0) || !std::isfinite(largest)) return;
        scale = largest / most;
        for (size_t i = 0; i < dimension; i++) codes[i] = static_cast<int16_t>(std::lrint(query[i] / scale));
    }
};

// A row is links, number, vector, the vector on cache lines; vectors are for building, for exact similarities and for
// being read through. Beside the rows lie their codes: each vector at 8 bits a component, in units of a scale of its
// own. A walk goes by these, so that it reads a quarter of what it would read of the vectors.
class AlignedGraph final : public hnswlib::HierarchicalNSW<float> {
  public:
    AlignedGraph(DotSpace *space, size_t capacity, size_t links, size_t breadth, size_t seed)
        : HierarchicalNSW(space, capacity, links, breadth, seed),
          dimension_(space->dimension()),
          code_count_(rounded_up(dimension_, CHNSW_CODES_MULTIPLE)),
          scales_(capacity) {
        label_offset_ = rounded_up(size_links_level0_, sizeof(hnswlib::labeltype));
        offsetData_ = rounded_up(label_offset_ + sizeof(hnswlib::labeltype), cache_line);
        size_data_per_element_ = rounded_up(offsetData_ + data_size_, cache_line);
        // hnswlib has allocated for its own layout, untouched so far.
        std::free(data_level0_memory_);
        page_bytes_ = size_data_per_element_ * capacity;
        data_level0_memory_ = static_cast<char *>(chnsw_pages_create(page_bytes_, true));
        codes_ = static_cast<int8_t *>(chnsw_pages_create(code_count_ * capacity, true));
        if (data_level0_memory_ == nullptr || codes_ == nullptr) {
            release();
            throw std::bad_alloc();
        }
    }

    ~AlignedGraph() { release(); }

    void add(const float *vector, uint64_t number) {
        const hnswlib::tableint row = addPoint(vector, number, -1);
        float largest = 0;
        for (size_t i = 0; i < dimension_; i++) largest = std::max(largest, std::fabs(vector[i]));
        // Codes and scales are zero so far, which is right for a vector of zeros.
        if (!(largest > 0) || !std::isfinite(largest)) return;
        scales_[row] = largest / 127;
        int8_t *codes = codes_ + row * code_count_;
        for (size_t i = 0; i < dimension_; i++) codes[i] = static_cast<int8_t>(std::lrint(vector[i] / scales_[row]));
    }

    // Frees what only adding needs.
    void finish() {
        std::vector<std::mutex>().swap(link_list_locks_);
        std::vector<std::mutex>().swap(link_list_update_locks_);
        decltype(label_lookup_)().swap(label_lookup_);
    }

    float similarity(const float *query, hnswlib::tableint row) const {
        return chnsw_dot(query, reinterpret_cast<const float *>(getDataByInternalId(row)), dimension_);
    }

    // By the codes: within a thousandth or so.
    float near_similarity(const QueryCodes &query, hnswlib::tableint row) const {
        const int32_t sum = chnsw_dot_codes(codes_ + row * code_count_, query.codes.data(), code_count_);
        return static_cast<float>(sum) * (scales_[row] * query.scale);
    }

    bool is_allowed(hnswlib::tableint row, const uint64_t *allowed) const {
        const uint64_t number = getExternalLabel(row);
        return (allowed[number / 64] >> (number % 64) & 1) != 0;
    }

    void prefetch_codes(hnswlib::tableint row) const {
        const int8_t *codes = codes_ + row * code_count_;
        for (size_t offset = 0; offset < code_count_; offset += cache_line) __builtin_prefetch(codes + offset, 0, 3);
    }

    void prefetch_vector(hnswlib::tableint row) const {
        const char *vector = getDataByInternalId(row);
        for (size_t offset = 0; offset < data_size_; offset += cache_line) __builtin_prefetch(vector + offset, 0, 3);
    }

    // The row's neighbours on a level.
    const hnswlib::tableint *neighbours(hnswlib::tableint row, int level, size_t &count) const {
        hnswlib::linklistsizeint *list = get_linklist_at_level(row, level);
        count = getListCount(list);
        return reinterpret_cast<const hnswlib::tableint *>(list + 1);
    }

    size_t bytes() const {
        size_t upper = 0;
        for (size_t row = 0; row < cur_element_count; row++) upper += size_links_per_element_ * element_levels_[row];
        const size_t row = code_count_ + sizeof(float) + sizeof(char *) + sizeof(int) + sizeof(hnswlib::vl_type);
        return page_bytes_ + upper + max_elements_ * row;
    }

  private:
    void release() {
        chnsw_pages_destroy(data_level0_memory_, page_bytes_);
        chnsw_pages_destroy(codes_, code_count_ * max_elements_);
        // What hnswlib's own destructor would free.
        data_level0_memory_ = nullptr;
    }

    size_t dimension_;
    // A vector's, rounded up with zeros.
    size_t code_count_;
    std::vector<float> scales_;
    int8_t *codes_ = nullptr;
    size_t page_bytes_ = 0;
};

}  // namespace chnsw

#endif
