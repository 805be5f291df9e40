/// Which graphs are due, and how they come in.
extension ReplicaState {
    /// The graph to build next: of what serves, where most rows are searched exactly; among equals the smallest, oldest
    /// one. What is to serve next has its turn when that has all.
    func nextGraph() -> GraphOrder? { serving.nextGraph() ?? next?.nextGraph() }

    mutating func install(_ graph: BuiltGraph) {
        if serving.number == graph.generation {
            serving.install(graph)
        } else if next?.number == graph.generation {
            next?.install(graph)
        }
    }
}

extension VectorGeneration {
    fileprivate func nextGraph() -> GraphOrder? {
        var best: (order: GraphOrder, rowsWithoutGraph: Int)?
        for (place, index) in verticals.enumerated() {
            for segment in index.segments {
                guard let awaited = segment.awaited else { continue }
                let order = GraphOrder(
                    generation: number,
                    vertical: place,
                    segment: segment.number,
                    rows: segment.rows,
                    members: segment.members,
                    parts: segment.parts,
                    awaited: awaited,
                )
                let uncovered = segment.rowsWithoutGraph
                if let best, (best.rowsWithoutGraph, order.members) >= (uncovered, best.order.members) { continue }
                best = (order, uncovered)
            }
        }
        return best?.order
    }

    fileprivate mutating func install(_ graph: BuiltGraph) {
        verticals[graph.vertical].install(graph.graph, of: graph.segment, rows: graph.rows)
    }
}

/// What a graph is to be built from.
struct GraphOrder: Sendable {
    let generation: Int
    /// In the generation's list of verticals.
    let vertical: Int
    let segment: Int
    let rows: Range<Int>
    let members: Int
    let parts: [VectorPart]
    let awaited: Bitmap

    /// Builds the graph on the calling thread: a second for a few thousand vectors.
    ///
    /// - Parameter isAbandoned: asked before each vector.
    /// - Returns: nil where it was abandoned.
    func build(_ settings: IndexSettings, isAbandoned: () -> Bool) -> BuiltGraph? {
        var graph = GraphUnderConstruction(settings: settings, capacity: members)
        for part in parts {
            for row in part.rows where awaited[row] {
                if isAbandoned() { return nil }
                guard let vector = part.vector(of: row) else {
                    preconditionFailure("a row that was live when the segment was decided on has a vector")
                }
                graph.add(vector, row: row)
            }
        }
        return BuiltGraph(
            generation: generation,
            vertical: vertical,
            segment: segment,
            rows: rows,
            graph: graph.finish()
        )
    }
}

/// A graph and whose it is. It does not hold what it was built from, so that memory is free as soon as nobody reads it.
struct BuiltGraph: Sendable {
    let generation: Int
    /// In the generation's list of verticals.
    let vertical: Int
    let segment: Int
    let rows: Range<Int>
    let graph: SealedGraph
}
