import Core

@testable import Index

/// What an index has to answer, kept in the plainest way: every live exemplar in a dictionary, every search a sort.
struct IndexModel {
    struct Exemplar: Equatable {
        let vertical: Vertical
        let text: String
        var path: IntentPath
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
            _ = taxonomy.name(fact.path, in: fact.vertical, at: sequence)
            guard let text = fact.text else { return }
            let id = ExemplarID(vertical: fact.vertical, text: text)
            exemplars[id] = Exemplar(
                vertical: fact.vertical,
                text: text.value,
                path: fact.path,
                vector: fact.vector,
                encoder: fact.encoder,
                firstSequence: exemplars[id]?.firstSequence ?? sequence,
            )
        case .exemplarRemoved(let fact):
            exemplars[fact.exemplar] = nil
            next[fact.exemplar] = nil
        case .intentSet(let fact): _ = taxonomy.set(fact, at: sequence)
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
        }
    }

    func intent(of exemplar: Exemplar) -> IntentID? { taxonomy.id(of: exemplar.path, in: exemplar.vertical) }

    /// Whether a search may find it.
    func answers(_ id: ExemplarID, to query: SearchQuery) -> Bool {
        guard let exemplar = exemplars[id], query.verticals.contains(exemplar.vertical), !query.excluding.contains(id)
        else { return false }
        let isWithin = query.within.isEmpty || query.within.contains { exemplar.path.isWithin($0) }
        return isWithin && isEnabled(exemplar)
    }

    /// The exact answer, to the bit.
    func search(_ query: SearchQuery) -> [Hit] {
        var enabled: [IntentID: Bool] = [:]
        var hits: [Hit] = []
        for (id, exemplar) in exemplars where query.verticals.contains(exemplar.vertical) {
            guard let intent = intent(of: exemplar), !query.excluding.contains(id) else { continue }
            guard query.within.isEmpty || query.within.contains(where: { exemplar.path.isWithin($0) }) else { continue }
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
            guard let intent = intent(of: exemplar) else { continue }
            digest.add(
                StateDigest.term(exemplar: id, intent: intent, encoder: exemplar.encoder, vector: exemplar.vector)
            )
        }
        return digest
    }

    private func isEnabled(_ exemplar: Exemplar) -> Bool {
        exemplar.path.lineage.allSatisfy { path in
            taxonomy.id(of: path, in: exemplar.vertical).flatMap { taxonomy[$0]?.isEnabled } ?? true
        }
    }
}
