internal import Core
internal import HashTreeCollections

/// What erasing exemplars does to rows, segments and sums.
extension VectorGeneration {
    /// The record of an exemplar that was erased since: it counts for the places at which segments are sealed, and no more.
    mutating func countBlanked(in vertical: Vertical, of encoder: ModelID, _ settings: IndexSettings) {
        let vertical = place(of: vertical, settings)
        _ = encoderPlace(of: encoder)
        self.encoder = encoder
        verticals[vertical].countUpsert(settings)
        countChange(in: vertical)
    }

    /// Drops the exemplars that came with these records, and makes the verticals' rows, segments and sums anew from what
    /// lives, in the order of first sequence: the same on every replica, whether it ever held what was erased or not.
    ///
    /// Takes the time of adding what lives in those verticals; until their graphs are built again they are searched
    /// exactly.
    ///
    /// - Parameter number: it is another generation from now on, so that no graph of before comes in.
    mutating func purge(
        _ blanked: Set<LogSequence>,
        in names: [Vertical],
        as number: Int,
        _ taxonomy: Taxonomy,
        _ settings: IndexSettings,
    ) {
        self.number = number
        for name in names {
            guard let place = verticalPlaces[name] else { continue }
            drop(blanked, in: place)
            rebuild(place, taxonomy, settings)
        }
    }

    private mutating func drop(_ blanked: Set<LogSequence>, in place: Int) {
        for row in liveRows(of: place) where blanked.contains(verticals[place].table.firstSequence(of: row)) {
            let id = verticals[place].table.exemplar(of: row)
            digest.remove(term(of: id, at: RowPlace(vertical: place, row: row)))
            encoderCounts[Int(verticals[place].table.encoder(of: row))] -= 1
            // The row itself goes with the vertical's table.
            exemplars[id] = nil
        }
    }

    private mutating func rebuild(_ place: Int, _ taxonomy: Taxonomy, _ settings: IndexSettings) {
        let old = verticals[place]
        let rows = liveRows(of: place).filter { exemplars[old.table.exemplar(of: $0)] != nil }
            .sorted { old.table.firstSequence(of: $0) < old.table.firstSequence(of: $1) }
        verticals[place] = VerticalIndex(vertical: old.vertical, dimension: settings.dimension)
        for (count, row) in rows.enumerated() {
            // What is to be summed up does not become a chain of many thousand parts.
            if count % 4_096 == 4_095 { verticals[place].classes.refresh() }
            let facts = old.table[row]
            let kept = RowFacts(
                exemplar: facts.exemplar,
                firstSequence: facts.firstSequence,
                slot: verticals[place].intents.slot(of: old.ownIntent(of: row), in: taxonomy),
                encoder: facts.encoder,
                text: facts.text,
                origin: facts.origin,
            )
            // The pointer is valid while the old index is held.
            let vector = Array(UnsafeBufferPointer(start: old.vector(of: row), count: settings.dimension))
            exemplars[facts.exemplar] = RowPlace(vertical: place, row: verticals[place].append(kept, vector: vector))
            verticals[place].countUpsert(settings)
            countChange(in: place)
        }
    }

    private func liveRows(of place: Int) -> [Int] {
        let index = verticals[place]
        return (0..<index.table.count).filter { index.live[$0] }
    }
}
