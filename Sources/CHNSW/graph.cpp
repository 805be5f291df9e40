#include "chnsw_graph.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "aligned_graph.hpp"

namespace {

using hnswlib::tableint;

struct Candidate {
    float similarity;
    tableint row;
};

// For std::push_heap: the most similar on top.
struct NearestOnTop {
    bool operator()(const Candidate &left, const Candidate &right) const { return left.similarity < right.similarity; }
};

// The least similar on top; as an order of sorting, the most similar first.
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
    bool enter(tableint row) {
        if (list_->mass[row] == list_->curV) return false;
        list_->mass[row] = list_->curV;
        return true;
    }

  private:
    hnswlib::VisitedListPool &pool_;
    hnswlib::VisitedList *list_;
};

// Descends from the top level to the row of level 1 that is nearest: where the walk over level 0 starts.
Candidate entry(const chnsw::AlignedGraph &graph, const chnsw::QueryCodes &query) {
    Candidate nearest = {graph.near_similarity(query, graph.enterpoint_node_), graph.enterpoint_node_};
    for (int level = graph.maxlevel_; level > 0; level--) {
        for (bool moved = true; moved;) {
            moved = false;
            size_t count;
            const tableint *rows = graph.neighbours(nearest.row, level, count);
            for (size_t i = 0; i < count; i++) {
                const Candidate next = {graph.near_similarity(query, rows[i]), rows[i]};
                if (next.similarity > nearest.similarity) {
                    nearest = next;
                    moved = true;
                }
            }
        }
    }
    return nearest;
}

// Best-first walk over level 0 (the paper's algorithm 2). Rows that are not allowed are walked over, but not kept.
std::vector<Candidate> walk(
    const chnsw::AlignedGraph &graph, const chnsw::QueryCodes &query, size_t breadth, const uint64_t *allowed) {
    std::vector<Candidate> kept, open;
    std::vector<tableint> fresh(graph.maxM0_);
    kept.reserve(breadth + 1);
    open.reserve(4 * breadth);
    Visited visited(*graph.visited_list_pool_);

    const Candidate start = entry(graph, query);
    visited.enter(start.row);
    open.push_back(start);
    if (graph.is_allowed(start.row, allowed)) kept.push_back(start);

    while (!open.empty()) {
        const Candidate nearest = open.front();
        if (kept.size() == breadth && nearest.similarity < kept.front().similarity) break;
        std::pop_heap(open.begin(), open.end(), NearestOnTop());
        open.pop_back();

        size_t count;
        const tableint *rows = graph.neighbours(nearest.row, 0, count);
        size_t fresh_count = 0;
        for (size_t i = 0; i < count; i++) {
            if (!visited.enter(rows[i])) continue;
            graph.prefetch_codes(rows[i]);
            fresh[fresh_count++] = rows[i];
        }
        for (size_t i = 0; i < fresh_count; i++) {
            const Candidate next = {graph.near_similarity(query, fresh[i]), fresh[i]};
            if (kept.size() == breadth && next.similarity <= kept.front().similarity) continue;
            open.push_back(next);
            std::push_heap(open.begin(), open.end(), NearestOnTop());
            if (!graph.is_allowed(next.row, allowed)) continue;
            kept.push_back(next);
            std::push_heap(kept.begin(), kept.end(), FarthestOnTop());
            if (kept.size() > breadth) {
                std::pop_heap(kept.begin(), kept.end(), FarthestOnTop());
                kept.pop_back();
            }
        }
    }
    return kept;
}

}  // namespace

struct chnsw_graph {
    chnsw::DotSpace space;
    chnsw::AlignedGraph hnsw;

    chnsw_graph(size_t dimension, size_t capacity, size_t links, size_t breadth, size_t seed)
        : space(dimension), hnsw(&space, capacity, links, breadth, seed) {}
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
        hnsw.add(vector, number);
        return CHNSW_OK;
    } catch (const std::bad_alloc &) {
        return CHNSW_NO_MEMORY;
    } catch (...) {
        return CHNSW_BROKEN;
    }
}

void chnsw_graph_finish(chnsw_graph *graph) noexcept { graph->hnsw.finish(); }

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
    const chnsw_graph *graph, const float *query, size_t breadth, size_t wanted, const uint64_t *allowed,
    uint32_t *numbers, float *similarities, size_t *found) noexcept {
    *found = 0;
    const auto &hnsw = graph->hnsw;
    if (hnsw.cur_element_count == 0 || breadth == 0) return CHNSW_OK;
    try {
        const chnsw::QueryCodes codes(query, graph->space.dimension());
        std::vector<Candidate> kept = walk(hnsw, codes, breadth, allowed);
        // The codes have chosen; the vectors say how similar they are.
        const size_t count = std::min(kept.size(), wanted);
        std::partial_sort(kept.begin(), kept.begin() + count, kept.end(), FarthestOnTop());
        for (size_t i = 0; i < count; i++) hnsw.prefetch_vector(kept[i].row);
        for (size_t i = 0; i < count; i++) {
            numbers[i] = static_cast<uint32_t>(hnsw.getExternalLabel(kept[i].row));
            similarities[i] = hnsw.similarity(query, kept[i].row);
        }
        *found = count;
        return CHNSW_OK;
    } catch (const std::bad_alloc &) {
        return CHNSW_NO_MEMORY;
    } catch (...) {
        return CHNSW_BROKEN;
    }
}

}  // extern "C"
