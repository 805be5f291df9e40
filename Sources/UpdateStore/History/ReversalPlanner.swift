internal import Core
internal import Foundation
internal import GRDB

/// Works out an undo or a rollback: reads the log from its first record to its head, noting what is to be undone, and
/// compares what was with what is. Of a log that was trimmed it begins before the change, as far as that can be told.
///
/// Inside one access to the database, on the thread of one of GRDB's readers. It takes the time of reading the file up
/// to its head and some 100 bytes of memory a living exemplar.
struct ReversalPlanner {
    private let db: Database
    private let tables: LogTables
    private let reader: LogReader
    private var fold = LogFold()
    /// Intents of which it is not known what was known of them before.
    private var undescribed: Set<IntentID> = []
    private var isTrimmed = false
    private var trace: ReversalTrace
    private var things: [(thing: RestoredThing, bytes: Int)] = []
    private var left: [LeftThing] = []
    private var counts = Reversal.Counts()
    /// As names stand once they are put back.
    private var taxonomyAfter = Taxonomy()

    /// Bytes of the records of one operation; beside vectors and texts each has some of its own.
    private static let operationBytes = AppendBatch.maximumBytes / 2

    /// - Throws: `.outOfRange`, `.notFound`, `.failedPrecondition`, `.invalidArgument` as `UpdateLog.reversal` says.
    static func reversal(
        of target: ReversalTarget,
        in db: Database,
        log: LogID,
        first: LogSequence,
        trims: Int,
    ) throws -> Reversal {
        var planner = try ReversalPlanner(target, db, log)
        return try planner.run(first: first, trims: trims)
    }

    private init(_ target: ReversalTarget, _ db: Database, _ log: LogID) throws {
        self.db = db
        tables = try LogTables(db, log: log)
        reader = LogReader(db: db, log: log)
        let last = try Row.fetchOne(
            db,
            sql: "SELECT change_id FROM operation WHERE first_seq IS NOT NULL ORDER BY number DESC LIMIT 1"
        )
        let change = try last.map { [UInt8](try $0.bytes(0)) }
        trace = ReversalTrace(target, attempt: change.flatMap { target.isUndone(by: $0) ? $0 : nil })
    }

    private mutating func run(first: LogSequence, trims: Int) throws -> Reversal {
        let head = try Row.fetchOne(db, sql: "SELECT head FROM log WHERE id = 1")?.sequence(0) ?? .start
        try check(first: first, head: head)
        if first > LogSequence.start.next { try beginBeforeChange(first: first) }
        while fold.head < head { try readOn() }
        if case .change(let change) = trace.target, trace.first == nil { throw Self.noSuch(change) }
        for (id, seen) in trace.descriptions where seen.before == nil && undescribed.contains(id) {
            throw TrimmedBase.unknown("what was known of intent \(id) before")
        }
        taxonomyAfter = fold.taxonomy
        restoreNames()
        for (id, seen) in trace.descriptions.sorted(by: { $0.key < $1.key }) { try restore(id, seen) }
        for (scope, seen) in trace.policies.sorted(by: { $0.key.description < $1.key.description }) {
            try restore(scope, seen)
        }
        let exemplars = trace.exemplars.sorted { Self.order($0) < Self.order($1) }
        for (id, seen) in exemplars { try restore(id, seen) }
        return cut(head: head, trims: trims)
    }

    // MARK: - Reading

    private func check(first: LogSequence, head: LogSequence) throws(SwitchboardError) {
        if case .after(let place, _) = trace.target {
            guard place <= head else {
                throw SwitchboardError(.outOfRange, "record \(place) is beyond the head of this log, which is \(head)")
            }
            guard place.next >= first else {
                throw SwitchboardError(
                    .outOfRange,
                    "the log was trimmed and begins at record \(first); what stood at \(place) is not known any more"
                )
            }
        }
        if case .after = trace.target, first > LogSequence.start.next {
            throw SwitchboardError(
                .outOfRange,
                "the log was trimmed and begins at record \(first); a rollback reads it from its first record"
            )
        }
    }

    /// Of a trimmed log the state at its beginning is not known; before the change it may be.
    private mutating func beginBeforeChange(first: LogSequence) throws {
        guard case .change(let change) = trace.target else { return }
        let row = try Row.fetchOne(
            db,
            sql: "SELECT min(first_seq) FROM operation WHERE change_id = ? AND first_seq IS NOT NULL",
            arguments: [Data(change)]
        )
        guard let begun = try row?.sequenceIfAny(0) else { throw Self.noSuch(change) }
        guard begun >= first else {
            throw SwitchboardError(
                .outOfRange,
                "the log was trimmed and begins at record \(first); the change began at \(begun)"
            )
        }
        let base = try TrimmedBase(at: begun.previous, tables, reader)
        (fold, undescribed, isTrimmed) = (base.fold, base.undescribed, true)
    }

    private static func noSuch(_ change: [UInt8]) -> SwitchboardError {
        SwitchboardError(
            .notFound,
            "no operation of the log belongs to change '\(String(decoding: change, as: UTF8.self))'; "
                + "'index history' lists the changes"
        )
    }

    private mutating func readOn() throws {
        let answer = try reader.operations(after: fold.head, limit: ReadLimit())
        // Not through `self`, which changes meanwhile.
        let tables = tables
        for operation in answer.operations {
            if case .after(let place, _) = trace.target, operation.first <= place, operation.last > place {
                throw SwitchboardError.invalid(
                    "record \(place) is inside an operation, which is undone whole or not at all: "
                        + "\(operation.first.previous) and \(operation.last) end one"
                )
            }
            trace.begin(operation)
            for record in operation.records {
                try trace.note(record, in: fold)
                if let fault = fold.apply(record, vector: { try? tables.vector(at: $0) }) { throw unfit(fault) }
            }
            if let fault = fold.end(operation) { throw unfit(fault) }
        }
        if let damage = answer.damage { throw SwitchboardError.damaged(at: damage.record) }
    }

    private func unfit(_ fault: String) -> SwitchboardError {
        guard !isTrimmed else { return TrimmedBase.unknown("what stood before the change (\(fault))") }
        return SwitchboardError(.dataLoss, "the log does not say what stood before: \(fault); run `switchboard doctor`")
    }

    // MARK: - What was and what is

    private mutating func restoreNames() {
        var wanted: [IntentID: NameRestoration.Name] = [:]
        for (id, seen) in trace.names.sorted(by: { $0.key < $1.key }) where !trace.created.contains(id) {
            guard let now = fold.taxonomy[id], NameRestoration.Name(now) != seen.before else { continue }
            if let change = seen.later {
                left.append(LeftThing(.intent(id), Self.since(change, "named anew")))
            } else {
                wanted[id] = seen.before
            }
        }
        let restoration = NameRestoration(
            fold.taxonomy,
            wanted: wanted,
            since: trace.first ?? fold.head.next,
            displaceable: displaceable
        )
        for id in restoration.conflicts {
            left.append(LeftThing(.intent(id), "another intent stands where it would be named again"))
        }
        for record in restoration.records {
            if record.aliasOf == nil { counts.renamed += 1 } else { counts.merged += 1 }
            things.append((.name(record), 256))
            _ = taxonomyAfter.restore(record)
        }
    }

    /// What the undone operations named, but for intents that have exemplars all the same: later changes gave them some.
    private var displaceable: Set<IntentID> {
        var free = trace.created
        for (id, living) in fold.exemplars where free.contains(living.intent) {
            if let seen = trace.exemplars[id], seen.later == nil { continue }
            free.remove(living.intent)
        }
        return free
    }

    private mutating func restore(_ id: IntentID, _ seen: ReversalTrace.Trace<LogSequence?>) throws {
        guard fold.descriptions[id] != seen.before, let intent = taxonomyAfter[id] else { return }
        var before: IntentSet?
        if let place = seen.before { before = try tables.description(at: place) }
        let fact = IntentSet(
            vertical: intent.vertical,
            path: intent.path,
            description: before?.description,
            phrase: before?.phrase,
            attributes: before?.attributes ?? [:],
            isEnabled: before?.isEnabled ?? true,
        )
        guard !intent.isDescribed(by: fact) else { return }
        if let change = seen.later {
            left.append(LeftThing(.intent(id), Self.since(change, "described anew")))
        } else if intent.aliasOf != nil {
            left.append(LeftThing(.intent(id), "what is known of it counts no more: it was merged since"))
        } else {
            counts.described += 1
            things.append((.description(id, seen.before), 32 * 1_024))
        }
    }

    private mutating func restore(_ scope: PolicyScope, _ seen: ReversalTrace.Trace<LogSequence?>) throws {
        let now = fold.policies[scope]
        let place = standing(scope, seen.before)
        guard now?.sequence != place else { return }
        var before: PolicySet?
        if let place { before = try tables.policy(at: place) }
        let term = before?.policy.map { StateDigest.term(policy: $0, scope: scope) }
        guard term != now?.term else { return }
        if let change = seen.later {
            left.append(LeftThing(.policy(scope), Self.since(change, "set anew")))
        } else {
            counts.policies += 1
            things.append((.policy(scope, place), 1_024))
        }
    }

    /// The record of the policy that is to stand. What ships with a node is no act of anybody's: without another policy
    /// of its scope the newest that shipped stands, which the node's next start would set again anyway.
    private func standing(_ scope: PolicyScope, _ before: LogSequence?) -> LogSequence? {
        guard scope == .builtin, let newest = trace.shipped.max(), before.map({ trace.shipped.contains($0) }) ?? true
        else {
            return before
        }
        return newest
    }

    private mutating func restore(_ id: ExemplarID, _ seen: ReversalTrace.Trace<LogFold.Living?>) throws {
        let now = fold.exemplars[id]
        guard let before = seen.before else {
            guard now != nil else { return }
            if let change = seen.later {
                left.append(LeftThing(.exemplar(id), Self.since(change, "changed")))
            } else {
                counts.removed += 1
                things.append((.absence(id), 128))
            }
            return
        }
        guard now?.sequence != before.sequence else { return }
        let said = try tables.upsert(at: before.sequence)
        // Erased since: it never comes back.
        guard said.text != nil else { return }
        if let now, now.term == before.term, try tables.upsert(at: now.sequence).origin == said.origin { return }
        if let change = seen.later {
            left.append(LeftThing(.exemplar(id), Self.since(change, "changed")))
            return
        }
        guard let (vector, bytes) = try self.vector(of: before, said, isLive: now != nil) else {
            left.append(LeftThing(.exemplar(id), "its vector is of an encoder that serves no more; send it again"))
            return
        }
        if vector == .kept, now?.intent == before.intent { return }
        if now == nil {
            counts.added += 1
        } else if now.map({ taxonomyAfter.current($0.intent) }) != taxonomyAfter.current(before.intent) {
            counts.relabelled += 1
        }
        things.append((.exemplar(id, intent: before.intent, text: before.sequence, vector: vector), bytes))
    }

    /// - Returns: nil where there is none that serves.
    private func vector(
        of before: LogFold.Living,
        _ said: ExemplarUpserted,
        isLive: Bool,
    ) throws -> (RestoredVector, bytes: Int)? {
        let bytes = (said.text?.value.utf8.count ?? 0) + said.vector.count * MemoryLayout<Float>.size + 1_024
        guard let place = before.vectorSequence else {
            if said.encoder == fold.encoder { return (.withText, bytes) }
            return isLive ? (.kept, bytes) : nil
        }
        if try tables.vector(at: place).encoder == fold.encoder { return (.set(place), bytes) }
        return isLive ? (.kept, bytes) : nil
    }

    /// As exemplars became live, so that exports keep their order as far as they can; those that go come first.
    private static func order(_ entry: (key: ExemplarID, value: ReversalTrace.Trace<LogFold.Living?>)) -> (
        UInt64, Bits128
    ) {
        (entry.value.before?.first.number ?? 0, entry.key.bits)
    }

    private static func since(_ change: [UInt8], _ what: String) -> String {
        "\(what) since by change \(String(decoding: change, as: UTF8.self))"
    }

    // MARK: - Operations

    /// Names all come in the first operation, however many, so that they change at once; of the rest an operation holds
    /// as much as a writer's.
    private func cut(head: LogSequence, trims: Int) -> Reversal {
        var operations: [[RestoredThing]] = []
        var sizes: [Int] = []
        for (thing, bytes) in things {
            if let last = operations.indices.last,
                thing.isName
                    || (operations[last].count < AppendBatch.maximumCommands
                        && sizes[last] + bytes <= Self.operationBytes)
            {
                operations[last].append(thing)
                sizes[last] += bytes
            } else {
                operations.append([thing])
                sizes.append(bytes)
            }
        }
        return Reversal(
            head: head,
            trims: trims,
            operations: operations,
            bytes: sizes,
            left: left,
            counts: counts,
            attempt: trace.attempt
        )
    }
}

extension RestoredThing {
    fileprivate var isName: Bool {
        if case .name = self { true } else { false }
    }
}
