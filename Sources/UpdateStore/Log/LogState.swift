internal import Core

/// What the log's writer knows without asking its tables: small, whatever the number of exemplars.
///
/// A value: an operation is planned on a copy, which takes the original's place when it is committed.
struct LogState: Sendable {
    /// The oldest record still in the log.
    var first: LogSequence
    var head: LogSequence
    var digest: StateDigest
    /// Of the last operation, counted from 1; those without records count too.
    var lastOperation: Int64
    var taxonomy = Taxonomy()
    var policies: [PolicyScope: StandingPolicy] = [:]
    var keys = KeyRegister()
    var verticals = VerticalRegister()
    /// Nil: no exemplar was ever added.
    var encoder: EncoderShape?
    /// The one that is to serve next, of which some exemplars have vectors; nil: there is none.
    var nextEncoder: ModelID?
    /// The vectors by it.
    var nextVectors = VectorTally()
    /// Begun since the log was opened: records that somebody has read before the last of them may be gone.
    var trims = 0

    /// What intents, policies and keys add to the digest.
    var namesDigest: StateDigest {
        var digest = keys.digest
        for intent in taxonomy.all { digest.add(StateDigest.term(intent: intent)) }
        for (scope, standing) in policies { digest.add(StateDigest.term(policy: standing.policy, scope: scope)) }
        return digest
    }

    /// That live.
    var exemplarCount: Int { verticals.entries.reduce(0) { $0 + $1.exemplars } }

    struct StandingPolicy: Sendable, Equatable {
        let policy: Policy
        let sequence: LogSequence
    }
}

/// The verticals of a log, each with a small number for its tables and a count of living exemplars.
struct VerticalRegister: Sendable {
    typealias Number = Int64

    private var numbers: [Vertical: Number] = [:]
    /// The vertical of number `n` stands at `n - 1`.
    private(set) var entries: [Entry] = []

    struct Entry: Sendable, Equatable {
        let vertical: Vertical
        var exemplars: Int
    }

    init() {}

    /// - Parameter entries: in the order of their numbers, from 1.
    init(entries: [Entry]) {
        self.entries = entries
        for (index, entry) in entries.enumerated() {
            numbers[entry.vertical] = Number(index + 1)
        }
    }

    func number(of vertical: Vertical) -> Number? { numbers[vertical] }

    subscript(number: Number) -> Entry? {
        number > 0 && number <= entries.count ? entries[Int(number) - 1] : nil
    }

    /// The number of a vertical, which gets one if it is new.
    mutating func register(_ vertical: Vertical) -> Number {
        if let number = numbers[vertical] { return number }
        entries.append(Entry(vertical: vertical, exemplars: 0))
        let number = Number(entries.count)
        numbers[vertical] = number
        return number
    }

    mutating func count(_ change: Int, in number: Number) {
        entries[Int(number) - 1].exemplars += change
    }
}
