package import Core

extension DemoData {
    /// Of the demonstration's own set: unlike all others, and said in many ways.
    package static let ownHeldIntent = "digital/storage/files/recover-deleted"
    /// With fewer callers there is nothing to discover.
    private static let fewestCallers = 12
    private static let laterCallers = 5

    /// The same with one intent that nobody knows: its utterances are neither streamed nor asked, but said by callers of
    /// whom `newQuestions` are those who call later.
    ///
    /// - Parameter path: nil: the demonstration's own, else the intent with most utterances.
    /// - Throws: `.notFound`, or `.failedPrecondition` where it has fewer than 12 utterances.
    package func holdingBack(_ path: IntentPath? = nil, seed: UInt64) throws(SwitchboardError) -> DemoData {
        let all = train + test
        let held = try chosen(path, among: all)
        let callers = all.filter { $0.gold == held }
        guard callers.count >= Self.fewestCallers else {
            throw SwitchboardError(
                .failedPrecondition,
                "the intent \(held.path) has \(callers.count) utterances; to be discovered it needs "
                    + "\(Self.fewestCallers) or more"
            )
        }
        var random = SeededGenerator(seed: seed)
        let shuffled = callers.shuffled(using: &random)
        var data = self
        data.train.removeAll { $0.gold == held }
        data.test.removeAll { $0.gold == held }
        data.newIntent = Array(shuffled.dropLast(Self.laterCallers))
        data.newQuestions = Array(shuffled.suffix(Self.laterCallers))
        return data
    }

    private func chosen(_ path: IntentPath?, among all: [EvalUtterance]) throws(SwitchboardError) -> NamedIntent {
        let wanted = path?.description ?? Self.ownHeldIntent
        if let found = all.first(where: { $0.gold.path.description == wanted }) { return found.gold }
        if let path { throw SwitchboardError(.notFound, "no utterance has the intent \(path)") }
        let sizes = Dictionary(grouping: all, by: \.gold).mapValues(\.count)
        let largest = sizes.min { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        guard let largest else { throw SwitchboardError(.failedPrecondition, "there is no labelled utterance") }
        return largest.key
    }
}
