internal import Core

/// Numbers for the conversations that a run looks at, so that a book can tell how many different ones there are without
/// keeping which they were: nothing leads back from a mark to a conversation. Marks of two runs tell nothing of each other.
struct ConversationMarks: Sendable {
    private let run: UInt64
    private var numbers: [String: UInt64] = [:]

    /// Numbered in the order of the utterances: the same for the same run.
    init(run: Bits128, _ groups: [UtteranceGroup]) {
        self.run = run.bytes.prefix(4).reduce(UInt64(0)) { ($0 << 8) | UInt64($1) } << 32
        for group in groups {
            for utterance in group.utterances {
                for place in utterance.places where numbers[place.conversation] == nil {
                    numbers[place.conversation] = UInt64(numbers.count)
                }
            }
        }
    }

    /// Of each conversation in which an utterance was said, ascending.
    func marks(of utterance: DiscoveryUtterance) -> [UInt64] {
        Set(utterance.places.compactMap { numbers[$0.conversation] }).map { run | $0 }.sorted()
    }
}
