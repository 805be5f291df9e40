package import Core

/// Gathers commands into batches that a node accepts: so many pairs, at most 1,000 commands and 3 MiB with the vectors
/// that are yet to be made.
///
/// A value. Operation ids are the change id and the batch's number, so a batch that is sent again has no second effect.
struct BatchAssembly {
    /// A batch with what its sender has to know of it.
    struct Batch {
        let batch: AppendBatch
        /// Of its commands, in order.
        let numbers: [Int]
    }

    /// What a vector that the node makes adds to a batch: 384 figures of 4 bytes.
    static let bytesOfVector = 1_536
    /// Below the limit on a batch by what protobuf's keys and lengths add.
    static let maximumBytes = AppendBatch.maximumBytes - 128 * 1024
    static let maximumChangeBytes = 48

    let change: String
    private let options: PublishOptions
    private let maximumPairs: Int
    private var commands: [LogCommand] = []
    private var numbers: [Int] = []
    private var bytes = 0
    private var batchCount = 0

    /// - Throws: `.invalidArgument` for a change id that is empty or too long.
    init(_ options: PublishOptions, change: String) throws(SwitchboardError) {
        guard (1...Self.maximumChangeBytes).contains(change.utf8.count) else {
            throw .invalid("a change id has 1 to \(Self.maximumChangeBytes) bytes, this one has \(change.utf8.count)")
        }
        self.change = change
        self.options = options
        maximumPairs = min(max(options.batchPairs, 1), AppendBatch.maximumCommands)
    }

    /// Nothing has been gathered.
    var isEmpty: Bool { commands.isEmpty }
    /// No pair more fits.
    var isFull: Bool { commands.count >= maximumPairs }
    /// Of the first command that waits here.
    var firstNumber: Int? { numbers.first }

    /// Whether the command goes into the batch that is being gathered.
    func hasRoom(for command: LogCommand) -> Bool {
        isEmpty || (!isFull && bytes + Self.size(of: command) <= Self.maximumBytes)
    }

    mutating func add(_ command: LogCommand, number: Int) {
        commands.append(command)
        numbers.append(number)
        bytes += Self.size(of: command)
    }

    /// What was gathered as a batch; gathering starts anew. Not to be called while empty.
    mutating func take() -> Batch {
        batchCount += 1
        let batch = AppendBatch(
            operation: Array("\(change)/\(batchCount)".utf8),
            change: Array(change.utf8),
            source: options.source,
            author: options.author,
            onConflict: options.onConflict.rule,
            refusesNewIntents: !options.createsIntents,
            commands: commands,
        )
        defer {
            commands.removeAll(keepingCapacity: true)
            numbers.removeAll(keepingCapacity: true)
            bytes = 0
        }
        return Batch(batch: batch, numbers: numbers)
    }

    /// With a margin for the keys and lengths of its fields.
    static func size(of command: LogCommand) -> Int {
        guard case .upsert(let upsert) = command else { return 1_024 }
        let path = upsert.path.levels.reduce(0) { $0 + $1.utf8.count + 3 }
        let vector = upsert.vector.isEmpty ? bytesOfVector : upsert.vector.count * MemoryLayout<Float>.size
        return upsert.text.value.utf8.count + path + upsert.vertical.name.utf8.count + upsert.origin.count + vector + 96
    }
}

extension PublishOptions.ConflictRule {
    /// The same as the log's rules name it.
    package var rule: ConflictRule {
        switch self {
        case .relabel: .relabel
        case .keep: .keep
        case .reject: .reject
        }
    }
}
