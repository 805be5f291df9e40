internal import Core

/// What the updater's own work does: vectors for another encoder, and the switch to it.
extension OperationPlanner {
    mutating func run(_ set: VectorSet) throws(SwitchboardError) {
        guard let shape = state.encoder, shape.encoder != set.encoder else {
            throw SwitchboardError(
                .failedPrecondition,
                "no next vector of encoder \(set.encoder) can be set: it serves already, or there never was an exemplar"
            )
        }
        guard set.vector.count == shape.dimensions else { throw .otherLength(set.vector.count, set.encoder, shape) }
        // It may have been removed since its vector was asked for.
        guard var known = try exemplar(set.exemplar), let entry = state.verticals[known.vertical],
            entry.vertical == set.vertical
        else { return }
        if state.nextEncoder != set.encoder {
            if state.nextEncoder != nil {
                dropNextVectors()
                known.next = nil
            }
            state.nextEncoder = set.encoder
        }
        let sequence = record(.vectorSet(set))
        let next = NextVector(sequence: sequence, term: StateDigest.term(of: set, intent: known.intent))
        if let old = known.next { state.nextVectors.remove(old) }
        state.nextVectors.add(next)
        known.next = next
        seen[set.exemplar] = known
        plan.changes.append(.prepared(known))
        touch(set.vertical)
    }

    mutating func runSwitch(to shape: EncoderShape) throws(SwitchboardError) {
        if shape.encoder == state.encoder?.encoder {
            guard state.nextEncoder != nil else { return }
            dropNextVectors()
        } else {
            if let known = state.encoder, known.dimensions != shape.dimensions {
                throw .otherLength(shape.dimensions, shape.encoder, known)
            }
            let made = state.nextEncoder == shape.encoder ? state.nextVectors.count : 0
            let missing = state.exemplarCount - made
            guard missing == 0 else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "\(missing) of \(state.exemplarCount) exemplars have no vector of encoder \(shape.encoder) yet; start "
                        + "'index reencode' again, which makes them"
                )
            }
            state.digest = state.namesDigest
            state.digest.add(state.nextVectors.terms.sum)
            plan.changes.append(.switchedVectors)
            state.nextVectors = VectorTally()
            state.encoder = shape
        }
        state.nextEncoder = nil
        record(.modelsSwitched(ModelsSwitched(encoder: shape.encoder)))
    }

    private mutating func dropNextVectors() {
        plan.changes.append(.droppedNextVectors)
        state.nextVectors = VectorTally()
        hasDroppedNextVectors = true
        seen = seen.mapValues { known in
            var known = known
            known?.next = nil
            return known
        }
    }
}

extension LiveExemplar {
    /// Of the records that it points to.
    var newest: LogSequence { max(sequence, vectorSequence ?? .start, next?.sequence ?? .start) }
}

extension StateDigest {
    static func term(of set: VectorSet, intent: IntentID) -> Bits128 {
        term(exemplar: set.exemplar, intent: intent, encoder: set.encoder, vector: set.vector)
    }
}

extension SwitchboardError {
    fileprivate static func otherLength(_ count: Int, _ encoder: ModelID, _ shape: EncoderShape) -> SwitchboardError {
        SwitchboardError(
            .failedPrecondition,
            "the vectors of encoder \(encoder) have \(count) figures, this log's exemplars, of encoder "
                + "\(shape.encoder), have \(shape.dimensions); only an encoder of as many can take its place"
        )
    }
}
