internal import Core
internal import UpdateStore

/// The operations of the log that make a proposal's members exemplars of an intent.
///
/// A value. The same decision gives the same operations, so that it can be sent again and has one effect. All belong to one
/// change, which can be undone as a whole; there is more than one where the members do not fit in one (1,000 commands,
/// 3 MiB with the vectors).
struct AcceptedBatches {
    static let source = "discover accept"

    let batches: [AppendBatch]

    /// - Parameters:
    ///   - decision: an `accept`.
    ///   - members: of the proposal.
    ///   - vectors: of some of the texts, by `encoder`; the others are encoded by the index.
    init(
        _ decision: ReviewDecision,
        members: [ProposalMember],
        in home: Vertical,
        vectors: [UtteranceText: [Float]] = [:],
        encoder: ModelID? = nil,
    ) {
        guard case .accept(let path, let vertical, let exemplars, let attributes) = decision.act else {
            preconditionFailure("what is accepted has a path")
        }
        let chosen = exemplars.map { Set($0) }
        var commands: [LogCommand] = []
        // In an order that no later look at the book changes.
        for member in members.sorted(by: { $0.text.value < $1.text.value }) {
            guard chosen?.contains(ExemplarID(vertical: home, text: member.text)) ?? true else { continue }
            var upsert = UpsertCommand(vertical: vertical, text: member.text, path: path, origin: member.origin)
            if let encoder, let vector = vectors[member.text] {
                upsert.vector = vector
                upsert.encoder = encoder
            }
            commands.append(.upsert(upsert))
        }
        // Without a member there is no intent to say anything of.
        if !attributes.isEmpty, !commands.isEmpty {
            let set = SetIntentCommand(vertical: vertical, path: path, attributes: attributes)
            commands.insert(.setIntent(set), at: 0)
        }
        let change = Self.change(of: decision.operation)
        var batches: [AppendBatch] = []
        for part in Self.parts(of: commands) {
            batches.append(
                AppendBatch(
                    operation: change + Array("/\(batches.count + 1)".utf8),
                    change: change,
                    source: Self.source,
                    author: decision.reviewer,
                    onConflict: .relabel,
                    commands: Array(part),
                )
            )
        }
        self.batches = batches
    }

    /// As `index undo` takes it too.
    static func change(of operation: Bits128) -> [UInt8] { OwnChange.accept.change("\(operation)") }

    /// Cut by texts and not by the vectors that are there, which may be others when it is done again.
    private static func parts(of commands: [LogCommand]) -> [ArraySlice<LogCommand>] {
        var parts: [ArraySlice<LogCommand>] = []
        var start = 0
        var bytes = 0
        for (place, command) in commands.enumerated() {
            let size = Self.size(of: command)
            if place > start, place - start >= AppendBatch.maximumCommands || bytes + size > maximumBytes {
                parts.append(commands[start..<place])
                (start, bytes) = (place, 0)
            }
            bytes += size
        }
        if start < commands.count { parts.append(commands[start...]) }
        return parts
    }

    /// Below the limit on a batch by what protobuf's keys and lengths add.
    private static let maximumBytes = AppendBatch.maximumBytes - 128 * 1_024
    /// The longest vectors of encoders in use: 1,024 figures of 4 bytes.
    private static let vectorBytes = 4_096

    private static func size(of command: LogCommand) -> Int {
        guard case .upsert(let upsert) = command else { return 64 * 1_024 }
        let path = upsert.path.levels.reduce(0) { $0 + $1.utf8.count + 3 }
        return upsert.text.value.utf8.count + path + upsert.vertical.name.utf8.count + upsert.origin.count
            + vectorBytes + 96
    }
}
