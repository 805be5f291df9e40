#include "chnsw_graph.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

// Its hand-written distances are not used, and its look-ahead touches entries beyond a list's end.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include "chnsw_pages.h"

namespace {

constexpr size_t cache_line = 64;

size_t rounded_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

float distance(const void *left, const void *right, const void *dimension) {
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

// hnswlib's graph with a layout of its own for the rows: links, number, vector, each row and vector on a cache line.
class AlignedGraph final : public hnswlib::HierarchicalNSW<float> {
  public:
    AlignedGraph(DotSpace *space, size_t capacity, size_t links, size_t breadth, size_t seed)
        : HierarchicalNSW(space, capacity, links, breadth, seed) {
        label_offset_ = rounded_up(size_links_level0_, sizeof(hnswlib::labeltype));
        offsetData_ = rounded_up(label_offset_ + sizeof(hnswlib::labeltype), cache_line);
        size_data_per_element_ = rounded_up(offsetData_ + data_size_, cache_line);
        // hnswlib has allocated for its own layout, untouched so far.
        std::free(data_level0_memory_);
        page_bytes_ = size_data_per_element_ * capacity;
        data_level0_memory_ = static_cast<char *>(chnsw_pages_create(page_bytes_, true));
        if (data_level0_memory_ == nullptr) throw std::bad_alloc();
    }

    ~AlignedGraph() {
        chnsw_pages_destroy(data_level0_memory_, page_bytes_);
        // What hnswlib's own destructor would free.
        data_level0_memory_ = nullptr;
    }

    void free_construction_state() {
        std::vector<std::mutex>().swap(link_list_locks_);
        std::vector<std::mutex>().swap(link_list_update_locks_);
        decltype(label_lookup_)().swap(label_lookup_);
    }

    size_t bytes() const {
        size_t upper = 0;
        for (size_t row = 0; row < cur_element_count; row++) upper += size_links_per_element_ * element_levels_[row];
        return page_bytes_ + upper + max_elements_ * (sizeof(char *) + sizeof(int) + sizeof(hnswlib::vl_type));
    }

  private:
    size_t page_bytes_ = 0;
};

struct Candidate {
    float similarity;
    hnswlib::tableint row;
};

// For std::push_heap: the most similar on top.
struct NearestOnTop {
    bool operator()(const Candidate &left, const Candidate &right) const { return left.similarity < right.similarity; }
};

// The least similar on top.
struct FarthestOnTop {
    bool operator()(const Candidate &left, const Candidate &right) const { return left.similarity > right.similarity; }
};

// Takes one of hnswlib's lists of visited rows and gives it back, however the search ends.
class Visited {
  public:
    explicit Visited(hnswlib::VisitedListPool &pool) : pool_(pool), list_(pool.getFreeVisitedList()) {}
    ~Visited() { pool_.releaseVisitedList(list_); }
    Visited(const Visited &) = delete;
    Visited &operator=(const Visited &) = delete;

    // Whether this is the first visit.
    bool enter(hnswlib::tableint row) {
        if (list_->mass[row] == list_->curV) return false;
        list_->mass[row] = list_->curV;
        return true;
    }

  private:
    hnswlib::VisitedListPool &pool_;
    hnswlib::VisitedList *list_;
};

void prefetch_vector(const char *vector, size_t bytes) {
    for (size_t offset = 0; offset < bytes; offset += cache_line) __builtin_prefetch(vector + offset, 0, 3);
}

}  // namespace

struct chnsw_graph {
    DotSpace space;
    AlignedGraph hnsw;

    chnsw_graph(size_t dimension, size_t capacity, size_t links, size_t breadth, size_t seed)
        : space(dimension), hnsw(&space, capacity, links, breadth, seed) {}

    float similarity(const float *query, hnswlib::tableint row) const {
        return chnsw_dot(query, reinterpret_cast<const float *>(hnsw.getDataByInternalId(row)), space.dimension());
    }

    // Descends from the top level to the row of level 1 that is nearest: where the walk over level 0 starts.
    Candidate entry(const float *query) const {
        Candidate nearest = {similarity(query, hnsw.enterpoint_node_), hnsw.enterpoint_node_};
        for (int level = hnsw.maxlevel_; level > 0; level--) {
            for (bool moved = true; moved;) {
                moved = false;
                const hnswlib::linklistsizeint *list = hnsw.get_linklist(nearest.row, level);
                const size_t count = hnsw.getListCount(const_cast<hnswlib::linklistsizeint *>(list));
                const auto *rows = reinterpret_cast<const hnswlib::tableint *>(list + 1);
                for (size_t i = 0; i < count; i++) {
                    const Candidate next = {similarity(query, rows[i]), rows[i]};
                    if (next.similarity > nearest.similarity) {
                        nearest = next;
                        moved = true;
                    }
                }
            }
        }
        return nearest;
    }

    // Best-first walk over level 0. Rows that are not allowed are walked over, but not kept.
    void walk(
        const float *query, size_t breadth, const uint64_t *allowed, std::vector<Candidate> &kept) const {
        const auto is_allowed = [&](hnswlib::tableint row) {
            const uint64_t number = hnsw.getExternalLabel(row);
            return (allowed[number / 64] >> (number % 64) & 1) != 0;
        };
        std::vector<Candidate> open;
        std::vector<hnswlib::tableint> fresh(hnsw.maxM0_);
        Visited visited(*hnsw.visited_list_pool_);

        const Candidate start = entry(query);
        visited.enter(start.row);
        open.push_back(start);
        if (is_allowed(start.row)) kept.push_back(start);

        while (!open.empty()) {
            const Candidate nearest = open.front();
            if (kept.size() == breadth && nearest.similarity < kept.front().similarity) break;
            std::pop_heap(open.begin(), open.end(), NearestOnTop());
            open.pop_back();

            const hnswlib::linklistsizeint *list = hnsw.get_linklist0(nearest.row);
            const size_t count = hnsw.getListCount(const_cast<hnswlib::linklistsizeint *>(list));
            const auto *rows = reinterpret_cast<const hnswlib::tableint *>(list + 1);
            size_t fresh_count = 0;
            for (size_t i = 0; i < count; i++) {
                if (visited.enter(rows[i])) fresh[fresh_count++] = rows[i];
            }
            if (fresh_count > 0) prefetch_vector(hnsw.getDataByInternalId(fresh[0]), hnsw.data_size_);
            for (size_t i = 0; i < fresh_count; i++) {
                if (i + 1 < fresh_count) prefetch_vector(hnsw.getDataByInternalId(fresh[i + 1]), hnsw.data_size_);
                const Candidate next = {similarity(query, fresh[i]), fresh[i]};
                if (kept.size() == breadth && next.similarity <= kept.front().similarity) continue;
                open.push_back(next);
                std::push_heap(open.begin(), open.end(), NearestOnTop());
                if (!is_allowed(next.row)) continue;
                kept.push_back(next);
                std::push_heap(kept.begin(), kept.end(), FarthestOnTop());
                if (kept.size() > breadth) {
                    std::pop_heap(kept.begin(), kept.end(), FarthestOnTop());
                    kept.pop_back();
                }
            }
        }
    }
};

extern "C" {

chnsw_status chnsw_graph_create(
    size_t dimension, size_t capacity, size_t links, size_t breadth, uint64_t seed, chnsw_graph **graph) noexcept {
    try {
        *graph = new chnsw_graph(dimension, std::max<size_t>(capacity, 1), links, breadth, seed);
        return CHNSW_OK;
    } catch (...) {
        // The constructor fails for want of memory only; hnswlib says so with a runtime_error.
        *graph = nullptr;
        return CHNSW_NO_MEMORY;
    }
}

void chnsw_graph_destroy(chnsw_graph *graph) noexcept { delete graph; }

chnsw_status chnsw_graph_add(chnsw_graph *graph, const float *vector, uint64_t number) noexcept {
    try {
        auto &hnsw = graph->hnsw;
        if (hnsw.cur_element_count >= hnsw.max_elements_) return CHNSW_FULL;
        if (hnsw.label_lookup_.count(number) != 0) return CHNSW_DUPLICATE;
        hnsw.addPoint(vector, number);
        return CHNSW_OK;
    } catch (const std::bad_alloc &) {
        return CHNSW_NO_MEMORY;
    } catch (...) {
        return CHNSW_BROKEN;
    }
}

void chnsw_graph_finish(chnsw_graph *graph) noexcept { graph->hnsw.free_construction_state(); }

chnsw_rows chnsw_graph_rows(const chnsw_graph *graph) noexcept {
    const auto &hnsw = graph->hnsw;
    chnsw_rows rows;
    rows.base = hnsw.data_level0_memory_ + hnsw.offsetData_;
    rows.stride = hnsw.size_data_per_element_;
    rows.count = hnsw.cur_element_count;
    rows.dimension = graph->space.dimension();
    rows.first_number = 0;
    rows.numbers_offset =
        static_cast<ptrdiff_t>(hnsw.label_offset_) - static_cast<ptrdiff_t>(hnsw.offsetData_);
    return rows;
}

size_t chnsw_graph_bytes(const chnsw_graph *graph) noexcept { return graph->hnsw.bytes(); }

chnsw_status chnsw_graph_search(
    const chnsw_graph *graph, const float *query, size_t breadth, const uint64_t *allowed, uint32_t *numbers,
    float *similarities, size_t *found) noexcept {
    *found = 0;
    if (graph->hnsw.cur_element_count == 0 || breadth == 0) return CHNSW_OK;
    try {
        std::vector<Candidate> kept;
        kept.reserve(breadth + 1);
        graph->walk(query, breadth, allowed, kept);
        for (const Candidate &candidate : kept) {
            numbers[*found] = static_cast<uint32_t>(graph->hnsw.getExternalLabel(candidate.row));
            similarities[*found] = candidate.similarity;
            ++*found;
        }
        return CHNSW_OK;
    } catch (const std::bad_alloc &) {
        return CHNSW_NO_MEMORY;
    } catch (...) {
        return CHNSW_BROKEN;
    }
}

}  // extern "C"
