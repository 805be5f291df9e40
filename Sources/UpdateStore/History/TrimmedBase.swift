internal import Core
internal import GRDB

/// The state of a trimmed log at the end of an operation, as its tables at the head and the records that are left tell of
/// it.
///
/// What no later record touches is as it is at the head. What one does touch was as the last record of before says that is
/// left; where there is none it counts as not having been there. So it may be wrong where a record is gone that was
/// replaced before the log was trimmed: whoever folds the log upon it holds it against the operations' digests, which say
/// so. They say nothing of descriptions; those that are not known are named.
struct TrimmedBase {
    private(set) var fold: LogFold
    /// Intents of which it is not known what was known of them.
    private(set) var undescribed: Set<IntentID> = []

    private let place: LogSequence
    private let state: LogState
    private let tables: LogTables
    private var later = Touched()
    private var earlier = Left()

    /// What records behind the place touch.
    private struct Touched {
        var exemplars: Set<ExemplarID> = []
        var scopes: Set<PolicyScope> = []
        var keys: Set<KeyName> = []
    }

    /// The last that the records up to the place say of what is touched.
    private struct Left {
        var upserts: [ExemplarID: (sequence: LogSequence, fact: ExemplarUpserted)] = [:]
        var vectors: [ExemplarID: (sequence: LogSequence, fact: VectorSet)] = [:]
        var policies: [PolicyScope: LogFold.Standing] = [:]
    }

    /// Reads all that is left of the log.
    ///
    /// - Throws: `.outOfRange` where names or models were changed behind the place, or no operation ends there.
    init(at place: LogSequence, _ tables: LogTables, _ reader: LogReader) throws {
        self.place = place
        self.tables = tables
        state = try LogState.load(tables.db).state
        fold = LogFold()
        guard let digest = try reader.digest(at: place) else { throw Self.unknown("what stood at \(place)") }
        try readLater(reader)
        try readEarlier()
        // Names do not change behind the place, but for those that come.
        let taxonomy = Taxonomy(intents: state.taxonomy.all.filter { $0.id.namedAt <= place })
        let exemplars = try self.exemplars(taxonomy)
        let descriptions = try self.descriptions(taxonomy)
        undescribed = descriptions.unknown
        fold = LogFold(
            at: place,
            taxonomy: taxonomy,
            exemplars: exemplars,
            policies: policies,
            descriptions: descriptions.known,
            keys: KeyRegister(state.keys.all.filter { !later.keys.contains($0.name) }),
            digest: digest,
            encoder: state.encoder?.encoder,
            nextEncoder: exemplars.values.contains { $0.next != nil } ? state.nextEncoder : nil
        )
    }

    static func unknown(_ what: String) -> SwitchboardError {
        SwitchboardError(
            .outOfRange,
            "the log was trimmed, and what is left of it does not tell \(what); undo it by sending what stood before"
        )
    }

    private mutating func readLater(_ reader: LogReader) throws {
        var end = place
        while end < state.head {
            let answer = try reader.operations(after: end, limit: ReadLimit())
            for record in answer.operations.flatMap(\.records) {
                if let id = record.fact.exemplar { later.exemplars.insert(id) }
                switch record.fact {
                case .policySet(let fact): later.scopes.insert(fact.scope)
                case .keySet(let fact): later.keys.insert(fact.name)
                case .intentRenamed, .intentsMerged, .intentRestored:
                    throw Self.unknown("how intents were named before record \(record.sequence)")
                case .modelsSwitched:
                    throw Self.unknown("which vectors served before record \(record.sequence)")
                default: break
                }
            }
            if let damage = answer.damage { throw SwitchboardError.damaged(at: damage.record) }
            guard let last = answer.operations.last else { throw SwitchboardError.damaged(at: end.next) }
            end = last.last
        }
    }

    private mutating func readEarlier() throws {
        let rows = try Row.fetchCursor(
            tables.db,
            sql: "SELECT seq FROM record WHERE seq <= ? ORDER BY seq",
            arguments: [place.stored]
        )
        while let row = try rows.next() {
            let sequence = try row.sequence(0)
            let record: LogRecord
            do {
                record = try tables.record(at: sequence)
            } catch is DamagedRecord {
                throw SwitchboardError.damaged(at: sequence)
            }
            switch record.fact {
            case .exemplarUpserted(let fact):
                guard let id = record.fact.exemplar, later.exemplars.contains(id) else { continue }
                earlier.upserts[id] = (sequence, fact)
            case .exemplarRemoved(let fact):
                earlier.upserts[fact.exemplar] = nil
                earlier.vectors[fact.exemplar] = nil
            case .vectorSet(let fact) where later.exemplars.contains(fact.exemplar):
                if fact.encoder == state.encoder?.encoder { earlier.vectors[fact.exemplar] = (sequence, fact) }
            case .policySet(let fact) where later.scopes.contains(fact.scope):
                earlier.policies[fact.scope] = fact.policy.map { policy in
                    LogFold.Standing(term: StateDigest.term(policy: policy, scope: fact.scope), sequence: sequence)
                }
            default: break
            }
        }
    }

    private func exemplars(_ taxonomy: Taxonomy) throws -> [ExemplarID: LogFold.Living] {
        var exemplars: [ExemplarID: LogFold.Living] = [:]
        let rows = try Row.fetchCursor(tables.db, sql: "SELECT id FROM exemplar")
        while let row = try rows.next() {
            let id = ExemplarID(try row.bits(0))
            guard !later.exemplars.contains(id), let live = try tables.exemplar(id) else { continue }
            exemplars[id] = LogFold.Living(
                first: live.first,
                intent: live.intent,
                sequence: live.sequence,
                vectorSequence: live.vectorSequence,
                term: live.term,
                next: live.next
            )
        }
        for (id, upsert) in earlier.upserts {
            let fact = upsert.fact
            // Where the path has meant another intent since, the digest shows it.
            guard let intent = fact.intent ?? taxonomy.id(of: fact.path, in: fact.vertical) else { continue }
            let live = try tables.exemplar(id)
            let vector = earlier.vectors[id]
            let first = live.map { min($0.first, upsert.sequence) } ?? upsert.sequence
            exemplars[id] = LogFold.Living(
                first: first,
                intent: intent,
                sequence: upsert.sequence,
                vectorSequence: vector?.sequence,
                term: vector.map { StateDigest.term(of: $0.fact, intent: intent) }
                    ?? StateDigest.term(exemplar: id, intent: intent, encoder: fact.encoder, vector: fact.vector),
                next: nil
            )
        }
        return exemplars
    }

    private var policies: [PolicyScope: LogFold.Standing] {
        var policies = earlier.policies
        for (scope, standing) in state.policies where !later.scopes.contains(scope) {
            policies[scope] = LogFold.Standing(
                term: StateDigest.term(policy: standing.policy, scope: scope),
                sequence: standing.sequence
            )
        }
        return policies
    }

    private func descriptions(
        _ taxonomy: Taxonomy
    ) throws -> (known: [IntentID: LogSequence], unknown: Set<IntentID>) {
        var known: [IntentID: LogSequence] = [:]
        var unknown: Set<IntentID> = []
        let rows = try Row.fetchCursor(tables.db, sql: "SELECT id, set_seq FROM intent WHERE set_seq IS NOT NULL")
        while let row = try rows.next() {
            let (id, sequence) = (try row.intent(0), try row.sequence(1))
            if sequence <= place {
                known[id] = sequence
            } else if taxonomy[id] != nil {
                unknown.insert(id)
            }
        }
        return (known, unknown)
    }
}
