import Core

@testable import Index

/// What an index has to answer, kept in the plainest way: every live exemplar in a dictionary, every search a sort.
struct IndexModel {
    struct Exemplar: Equatable {
        let vertical: Vertical
        let text: String
        /// As it came with it.
        var intent: IntentID
        var vector: [Float]
        var encoder: ModelID
        let firstSequence: LogSequence
    }

    private(set) var exemplars: [ExemplarID: Exemplar] = [:]
    private(set) var sequence = LogSequence.start
    private var taxonomy = Taxonomy()
    private var policies: [PolicyScope: Policy] = [:]
    private var next: [ExemplarID: [Float]] = [:]
    private var nextEncoder: ModelID?

    mutating func apply(_ record: LogRecord) {
        sequence = record.sequence
        switch record.fact {
        case .exemplarUpserted(let fact):
            let named = fact.intent ?? taxonomy.name(fact.path, in: fact.vertical, at: sequence).id
            guard let text = fact.text else { return }
            let id = ExemplarID(vertical: fact.vertical, text: text)
            exemplars[id] = Exemplar(
                vertical: fact.vertical,
                text: text.value,
                intent: named,
                vector: fact.vector,
                encoder: fact.encoder,
                firstSequence: exemplars[id]?.firstSequence ?? sequence,
            )
        case .exemplarRemoved(let fact):
            exemplars[fact.exemplar] = nil
            next[fact.exemplar] = nil
        case .intentSet(let fact): _ = taxonomy.set(fact, at: sequence)
        case .intentRenamed(let fact): _ = taxonomy.rename(fact, at: sequence)
        case .intentsMerged(let fact): _ = taxonomy.merge(fact, at: sequence)
        case .intentRestored(let fact): _ = taxonomy.restore(fact)
        case .policySet(let fact): policies[fact.scope] = fact.policy
        case .vectorSet(let fact):
            if nextEncoder != fact.encoder { next = [:] }
            nextEncoder = fact.encoder
            if exemplars[fact.exemplar] != nil { next[fact.exemplar] = fact.vector }
        case .modelsSwitched(let fact):
            if fact.encoder == nextEncoder {
                for (id, vector) in next {
                    exemplars[id]?.vector = vector
                    exemplars[id]?.encoder = fact.encoder
                }
            }
            next = [:]
            nextEncoder = nil
        case .keySet: break
        case .exemplarBlanked(let fact):
            switch fact.kind {
            case .upserted(let path, _): _ = taxonomy.name(path, in: fact.vertical, at: sequence)
            case .vectorSet(let encoder):
                if nextEncoder != encoder { next = [:] }
                nextEncoder = encoder
            case .removed: break
            }
        case .purged(let fact):
            for (id, exemplar) in exemplars where fact.blanked.contains(exemplar.firstSequence) {
                exemplars[id] = nil
                next[id] = nil
            }
        }
    }

    func intent(of exemplar: Exemplar) -> IntentID { taxonomy.current(exemplar.intent) }

    private func path(of exemplar: Exemplar) -> IntentPath? { taxonomy[intent(of: exemplar)]?.path }

    /// Whether a search may find it.
    func answers(_ id: ExemplarID, to query: SearchQuery) -> Bool {
        guard let exemplar = exemplars[id], query.verticals.contains(exemplar.vertical), !query.excluding.contains(id)
        else { return false }
        return isWithin(query.within, exemplar) && isEnabled(exemplar)
    }

    /// The exact answer, to the bit.
    func search(_ query: SearchQuery) -> [Hit] {
        var enabled: [IntentID: Bool] = [:]
        var hits: [Hit] = []
        for (id, exemplar) in exemplars where query.verticals.contains(exemplar.vertical) {
            let intent = intent(of: exemplar)
            guard !query.excluding.contains(id), isWithin(query.within, exemplar) else { continue }
            if enabled[intent] == nil { enabled[intent] = isEnabled(exemplar) }
            guard enabled[intent] == true else { continue }
            hits.append(
                Hit(
                    exemplar: id,
                    vertical: exemplar.vertical,
                    text: exemplar.text,
                    intent: intent,
                    similarity: VectorKernels.dot(query.vector, exemplar.vector),
                )
            )
        }
        hits.sort {
            $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.exemplar.bits < $1.exemplar.bits
        }
        return Array(hits.prefix(query.k))
    }

    var digest: StateDigest {
        var digest = StateDigest()
        for intent in taxonomy.all { digest.add(StateDigest.term(intent: intent)) }
        for (scope, policy) in policies { digest.add(StateDigest.term(policy: policy, scope: scope)) }
        for (id, exemplar) in exemplars {
            digest.add(
                StateDigest.term(
                    exemplar: id,
                    intent: exemplar.intent,
                    encoder: exemplar.encoder,
                    vector: exemplar.vector
                )
            )
        }
        return digest
    }

    private func isEnabled(_ exemplar: Exemplar) -> Bool {
        (path(of: exemplar)?.lineage ?? []).allSatisfy { path in
            taxonomy.id(of: path, in: exemplar.vertical).flatMap { taxonomy[$0]?.isEnabled } ?? true
        }
    }

    private func isWithin(_ paths: [IntentPath], _ exemplar: Exemplar) -> Bool {
        guard !paths.isEmpty else { return true }
        return paths.contains { path(of: exemplar)?.isWithin($0) == true }
    }
}
