package import Core
internal import Wire

/// What a log names at one position, without exemplars: intents, policies and keys. All that a gateway
/// needs.
package struct SnapshotNames: Sendable {
    package let position: LogPosition
    /// Of the whole live state, exemplars included.
    package let digest: StateDigest
    package let taxonomy: Taxonomy
    /// In the order of scopes, each with the record that set it.
    package let policies: [(scope: PolicyScope, policy: Policy, sequence: LogSequence)]
    package let keys: KeyRegister

    package init(
        position: LogPosition,
        digest: StateDigest,
        taxonomy: Taxonomy,
        policies: [PolicyScope: (policy: Policy, sequence: LogSequence)],
        keys: KeyRegister,
    ) {
        self.position = position
        self.digest = digest
        self.taxonomy = taxonomy
        self.policies = policies.map { (scope: $0.key, policy: $0.value.policy, sequence: $0.value.sequence) }
            .sorted { $0.scope.description < $1.scope.description }
        self.keys = keys
    }

    /// Writes a snapshot that holds nothing else.
    ///
    /// - Parameter emit: takes its bytes, in order.
    package func write(
        to emit: @escaping (UnsafeRawBufferPointer) throws(SwitchboardError) -> Void
    ) throws(SwitchboardError) {
        var writer = try SnapshotWriter(emit)
        try writer.put(
            SnapshotIdentity(position: position, digest: digest, settings: nil, generationsMade: 0, generations: 0)
        )
        try writer.put(self)
        try writer.finish()
    }

    package init(reading container: SnapshotContainer) throws(SwitchboardError) {
        let identity = try SnapshotIdentity(container)
        position = identity.position
        digest = identity.digest
        taxonomy = try Self.taxonomy(container)
        policies = try Self.policies(container)
        keys = try Self.keys(container)
    }

    /// The sum of the terms of intents, policies and keys.
    var ownDigest: StateDigest {
        var sum = keys.digest
        for intent in taxonomy.all { sum.add(StateDigest.term(intent: intent)) }
        for (scope, policy, _) in policies { sum.add(StateDigest.term(policy: policy, scope: scope)) }
        return sum
    }

    private static func taxonomy(_ container: SnapshotContainer) throws(SwitchboardError) -> Taxonomy {
        var reader = try container.reader(SnapshotFormat.Key(.names))
        // Id, alias and the length of the rest.
        let count = try reader.takeCount(ofAtLeast: 20)
        var intents: [Intent] = []
        intents.reserveCapacity(count)
        for _ in 0..<count {
            let id = IntentID(try reader.take())
            let alias: UInt64 = try reader.take()
            guard case .intentSet(let set) = try LogRecord.fact(in: try reader.takeCounted()) else {
                throw .brokenSnapshot("what should name an intent does not")
            }
            intents.append(
                Intent(
                    id: id,
                    vertical: set.vertical,
                    path: set.path,
                    description: set.description,
                    phrase: set.phrase,
                    attributes: set.attributes,
                    isEnabled: set.isEnabled,
                    aliasOf: alias == 0 ? nil : IntentID(alias),
                )
            )
        }
        try reader.end()
        return Taxonomy(intents: intents)
    }

    private static func policies(
        _ container: SnapshotContainer
    ) throws(SwitchboardError) -> [(scope: PolicyScope, policy: Policy, sequence: LogSequence)] {
        var reader = try container.reader(SnapshotFormat.Key(.policies))
        let count = try reader.takeCount(ofAtLeast: 12)
        var policies: [(scope: PolicyScope, policy: Policy, sequence: LogSequence)] = []
        for _ in 0..<count {
            let sequence = LogSequence(try reader.take())
            guard case .policySet(let set) = try LogRecord.fact(in: try reader.takeCounted()), let policy = set.policy
            else { throw .brokenSnapshot("what should be a policy is none") }
            policies.append((set.scope, policy, sequence))
        }
        try reader.end()
        return policies
    }

    private static func keys(_ container: SnapshotContainer) throws(SwitchboardError) -> KeyRegister {
        // Versions that knew no keys wrote none.
        guard container.has(SnapshotFormat.Key(.keys)) else { return KeyRegister() }
        var reader = try container.reader(SnapshotFormat.Key(.keys))
        // The length of each.
        let count = try reader.takeCount(ofAtLeast: 4)
        var keys = KeyRegister()
        for _ in 0..<count {
            guard case .keySet(let key) = try LogRecord.fact(in: try reader.takeCounted()) else {
                throw .brokenSnapshot("what should be a key is none")
            }
            keys.apply(key)
        }
        try reader.end()
        return keys
    }
}

extension SnapshotWriter {
    mutating func put(_ names: SnapshotNames) throws(SwitchboardError) {
        try section(SnapshotFormat.Key(.names)) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            let intents = names.taxonomy.all
            try section.put(UInt32(intents.count))
            for intent in intents {
                try section.put(intent.id.number)
                try section.put(intent.aliasOf?.number ?? 0)
                let set = IntentSet(
                    vertical: intent.vertical,
                    path: intent.path,
                    description: intent.description,
                    phrase: intent.phrase,
                    attributes: intent.attributes,
                    isEnabled: intent.isEnabled
                )
                try section.putCounted(LogRecord.bytes(of: .intentSet(set)))
            }
        }
        try section(SnapshotFormat.Key(.policies)) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            try section.put(UInt32(names.policies.count))
            for (scope, policy, sequence) in names.policies {
                try section.put(sequence.number)
                try section.putCounted(LogRecord.bytes(of: .policySet(PolicySet(scope: scope, policy: policy))))
            }
        }
        try section(SnapshotFormat.Key(.keys)) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            let keys = names.keys.all
            try section.put(UInt32(keys.count))
            for key in keys { try section.putCounted(LogRecord.bytes(of: .keySet(key))) }
        }
    }
}

/// Facts stand in a snapshot as the log has them: as records, of which nothing else counts.
extension LogRecord {
    fileprivate static func bytes(of fact: LogFact) -> [UInt8] {
        let stamp = OperationStamp(operation: [0], change: [], source: "", author: "", timeMicroseconds: 0)
        return LogRecord(sequence: .start, stamp: stamp, fact: fact).encoded()
    }

    fileprivate static func fact(in bytes: UnsafeRawBufferPointer) throws(SwitchboardError) -> LogFact {
        try LogRecord(decoding: bytes).fact
    }
}
