import Core

/// What the log promises, written down as plainly as possible: everything is kept in memory and nothing is clever.
///
/// The log is compared with it after each operation; it shares no code with the log but the values of Core.
struct ModelLog {
    struct Pair: Hashable {
        let vertical: Vertical
        let text: UtteranceText
    }

    struct Live: Equatable {
        var intent: IntentID
        var path: IntentPath
        var vector: [Float]
        var since: UInt64
        var record: UInt64
    }

    enum Answer: Equatable {
        case receipt(AppendReceipt)
        case refused(StatusCode)
    }

    let log: LogID
    private(set) var head: UInt64 = 0
    private(set) var live: [Pair: Live] = [:]
    private(set) var intents: [Intent] = []
    private(set) var policies: [PolicyScope: Policy] = [:]
    /// That no rule but those that are told here keeps anybody from.
    private(set) var keys: [KeyName: KeySet] = [:]
    private(set) var facts: [LogFact] = []
    private(set) var receipts: [[UInt8]: (batch: AppendBatch, receipt: AppendReceipt)] = [:]

    init(log: LogID) {
        self.log = log
    }

    /// Added up anew from all that lives.
    var digest: StateDigest {
        var digest = StateDigest()
        for (pair, live) in live {
            digest.add(
                StateDigest.term(
                    exemplar: ExemplarID(vertical: pair.vertical, text: pair.text),
                    intent: live.intent,
                    encoder: Samples.encoder,
                    vector: live.vector
                )
            )
        }
        for intent in intents { digest.add(StateDigest.term(intent: intent)) }
        for key in keys.values { digest.add(StateDigest.term(key: key)) }
        for (scope, policy) in policies { digest.add(StateDigest.term(policy: policy, scope: scope)) }
        return digest
    }

    mutating func append(_ batch: AppendBatch) -> Answer {
        if let (known, receipt) = receipts[batch.operation] {
            guard Self.asked(known) == Self.asked(batch) else { return .refused(.alreadyExists) }
            var repeated = receipt
            repeated.isRepeated = true
            return .receipt(repeated)
        }
        let before = self
        var receipt = AppendReceipt(
            operation: batch.operation,
            change: batch.operation,
            position: LogPosition(log: log, sequence: LogSequence(head))
        )
        for (index, command) in batch.commands.enumerated() {
            guard let code = run(command, index, batch, &receipt) else { continue }
            self = before
            return .refused(code)
        }
        receipt.position = LogPosition(log: log, sequence: LogSequence(head))
        receipt.first = head > before.head ? LogSequence(before.head + 1) : nil
        receipts[batch.operation] = (batch, receipt)
        return .receipt(receipt)
    }

    private mutating func run(
        _ command: LogCommand,
        _ index: Int,
        _ batch: AppendBatch,
        _ receipt: inout AppendReceipt,
    ) -> StatusCode? {
        switch command {
        case .upsert(let upsert): return run(upsert, index, batch, &receipt)
        case .remove(let remove):
            let found = live.first { pair, _ in
                pair.vertical == remove.vertical
                    && ExemplarID(vertical: pair.vertical, text: pair.text) == remove.exemplar
            }
            guard let found else {
                receipt.refusals.append(Refusal(command: index, reason: ""))
                return nil
            }
            live[found.key] = nil
            write(.exemplarRemoved(ExemplarRemoved(vertical: remove.vertical, exemplar: remove.exemplar)))
            receipt.removed += 1
        case .setIntent(let set): run(set, index, batch, &receipt)
        // Names that change have a model of their own: `ReversalTests` compares with what was.
        case .rename, .merge: return .unimplemented
        case .setPolicy(let set):
            guard policies[set.scope] != set.policy else {
                receipt.unchanged += 1
                return nil
            }
            policies[set.scope] = set.policy
            write(.policySet(set))
        case .amendPolicy(let scope, let parts):
            let whole = Policy(
                retrieval: parts.retrieval ?? policies[scope]?.retrieval,
                llm: parts.llm ?? policies[scope]?.llm
            )
            guard policies[scope] != whole else {
                receipt.unchanged += 1
                return nil
            }
            policies[scope] = whole
            write(.policySet(PolicySet(scope: scope, policy: whole)))
        case .setKey(.add(let key)):
            guard keys[key.name] != key else {
                receipt.unchanged += 1
                return nil
            }
            keys[key.name] = key
            write(.keySet(key))
        case .setKey(.revoke(let name)):
            guard let key = keys[name] else { return .notFound }
            guard !key.isRevoked else {
                receipt.unchanged += 1
                return nil
            }
            keys[name] = key.revoked
            write(.keySet(key.revoked))
        }
        return nil
    }

    private mutating func run(
        _ upsert: UpsertCommand,
        _ index: Int,
        _ batch: AppendBatch,
        _ receipt: inout AppendReceipt,
    ) -> StatusCode? {
        if !upsert.vector.isEmpty, upsert.encoder != Samples.encoder || upsert.vector.count != 8, hasHadExemplars {
            return .failedPrecondition
        }
        let pair = Pair(vertical: upsert.vertical, text: upsert.text)
        let known = live[pair]
        if let known, known.path == upsert.path || batch.onConflict == .keep {
            receipt.unchanged += 1
            return nil
        }
        let isNew = !intents.contains { $0.vertical == upsert.vertical && $0.path == upsert.path }
        if (known != nil && batch.onConflict == .reject) || (isNew && batch.refusesNewIntents) {
            receipt.refusals.append(Refusal(command: index, reason: ""))
            return nil
        }
        let vector = upsert.vector.isEmpty ? known?.vector : upsert.vector
        guard let vector else { return .failedPrecondition }
        write(
            .exemplarUpserted(
                ExemplarUpserted(
                    vertical: upsert.vertical,
                    text: upsert.text,
                    path: upsert.path,
                    vector: vector,
                    encoder: Samples.encoder,
                    origin: upsert.origin
                )
            )
        )
        let intent = name(upsert.path, upsert.vertical, &receipt)
        live[pair] = Live(
            intent: intent,
            path: upsert.path,
            vector: vector,
            since: known?.since ?? head,
            record: head
        )
        if known == nil { receipt.added += 1 } else { receipt.relabelled += 1 }
        return nil
    }

    private mutating func run(
        _ set: SetIntentCommand,
        _ index: Int,
        _ batch: AppendBatch,
        _ receipt: inout AppendReceipt,
    ) {
        let place = intents.firstIndex { $0.vertical == set.vertical && $0.path == set.path }
        if place == nil, batch.refusesNewIntents {
            receipt.refusals.append(Refusal(command: index, reason: ""))
            return
        }
        let known = place.map { intents[$0] }
        var description = known?.description
        if let new = set.description { description = new == "" ? nil : new }
        var phrase = known?.phrase
        if let new = set.phrase { phrase = new == "" ? nil : new }
        var attributes = known?.attributes ?? [:]
        attributes.merge(set.attributes) { $1 }
        attributes = attributes.filter { $0.value != "" }
        let isEnabled = set.isEnabled ?? known?.isEnabled ?? true
        if let known {
            var same = known
            (same.description, same.phrase, same.attributes, same.isEnabled) = (
                description, phrase, attributes, isEnabled
            )
            if same == known {
                receipt.unchanged += 1
                return
            }
        }
        write(
            .intentSet(
                IntentSet(
                    vertical: set.vertical,
                    path: set.path,
                    description: description,
                    phrase: phrase,
                    attributes: attributes,
                    isEnabled: isEnabled
                )
            )
        )
        let id = name(set.path, set.vertical, &receipt)
        for index in intents.indices where intents[index].id == id {
            intents[index].description = description
            intents[index].phrase = phrase
            intents[index].attributes = attributes
            intents[index].isEnabled = isEnabled
        }
    }

    private var hasHadExemplars: Bool {
        facts.contains { if case .exemplarUpserted = $0 { true } else { false } }
    }

    private mutating func write(_ fact: LogFact) {
        head += 1
        facts.append(fact)
    }

    private mutating func name(_ path: IntentPath, _ vertical: Vertical, _ receipt: inout AppendReceipt) -> IntentID {
        for node in path.lineage where !intents.contains(where: { $0.vertical == vertical && $0.path == node }) {
            let intent = Intent(id: IntentID(head * 8 + UInt64(node.depth) - 1), vertical: vertical, path: node)
            intents.append(intent)
            receipt.created.append(intent)
        }
        guard let intent = intents.first(where: { $0.vertical == vertical && $0.path == path }) else {
            preconditionFailure("the loop above named it")
        }
        return intent.id
    }

    /// A batch without what a second sending may have otherwise.
    private static func asked(_ batch: AppendBatch) -> AppendBatch {
        var asked = batch
        asked.commands = batch.commands.map { command in
            guard case .upsert(var upsert) = command else { return command }
            upsert.vector = []
            upsert.encoder = nil
            return .upsert(upsert)
        }
        return asked
    }
}
