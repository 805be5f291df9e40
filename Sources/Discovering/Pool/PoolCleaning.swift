package import Core
package import UpdateStore
package import Wire

/// Takes out of the live pool what the index explains by now, before a run looks at it.
///
/// Each utterance that was not held against the index at its present place is classified again, as if a caller said it, with
/// nothing kept of it and no language model; a few at a time, and where the gateway has no room it waits. What was corrected
/// leaves only where an exemplar says the same: the index was sure before and wrong. Agents' turns stay, since the index
/// knows callers' intents alone, and what came in files, since a person wants it looked through.
package struct PoolCleaning: Sendable {
    package typealias Classify = @Sendable (ClassifyRequest) async throws(SwitchboardError) -> ClassifyResponse

    /// What came of it.
    package struct Report: Sendable, Hashable {
        /// Utterances that were classified.
        package var looked = 0
        /// Of these, those that left.
        package var explained = 0

        package init() {}
    }

    /// Utterances of one step, after which what was found is written down.
    private static let step = 256
    /// That the gateway has at a time: as many as leave room for callers on the smallest machine.
    package static let inFlight = 2
    /// How often a step is tried where the gateway has no room, before the cleaning ends with what it has.
    private static let attempts = 8

    private let store: PoolStore
    private let rule: PoolRule
    private let classify: Classify

    /// - Parameters:
    ///   - rule: as gateways use it.
    ///   - classify: through a gateway.
    package init(_ store: PoolStore, rule: PoolRule, classify: @escaping Classify) {
        self.store = store
        self.rule = rule
        self.classify = classify
    }

    /// - Parameters:
    ///   - verticals: empty: all.
    ///   - progress: told after each step how many were looked at.
    /// - Throws: what a gateway answers that is no want of room, such as `.unavailable`: what was found until then has left;
    ///   as the store answers; `.cancelled`.
    package func run(
        verticals: [Vertical] = [],
        progress: @Sendable (Int) async -> Void = { _ in },
    ) async throws(SwitchboardError) -> Report {
        let query = PoolQuery(verticals: verticals)
        var report = Report()
        var position: LogPosition?
        var last: Int64 = 0
        while true {
            let size = position == nil ? 1 : Self.step
            let batch = try await store.unchecked(in: query, at: position, after: last, limit: size)
            guard let end = batch.last else { return report }
            let answers = try await ask(batch)
            // The first answer says where the index is, so that what was held against that place need not be asked about.
            position = answers.lazy.compactMap { $0?.position }.first ?? position
            report.looked += answers.count
            report.explained += try await settle(batch, answers)
            last = end.number
            await progress(report.looked)
        }
    }

    /// - Returns: nil for one of a vertical that the index does not know, so that nothing explains it.
    private func ask(_ batch: [UncheckedUtterance]) async throws(SwitchboardError) -> [ClassifyResponse?] {
        var answers: [ClassifyResponse?] = []
        while answers.count < batch.count {
            let some = Array(batch[answers.count..<min(batch.count, answers.count + Self.inFlight)])
            let results = await withTaskGroup(of: (Int, Result<ClassifyResponse?, SwitchboardError>).self) { group in
                for (index, utterance) in some.enumerated() {
                    group.addTask { (index, await answer(to: utterance)) }
                }
                var results = [Result<ClassifyResponse?, SwitchboardError>?](repeating: nil, count: some.count)
                for await (index, result) in group { results[index] = result }
                return results.compactMap { $0 }
            }
            for result in results { answers.append(try result.get()) }
        }
        return answers
    }

    private func answer(to utterance: UncheckedUtterance) async -> Result<ClassifyResponse?, SwitchboardError> {
        let request = ClassifyRequest(
            text: utterance.text,
            verticals: [utterance.vertical],
            llm: .off,
            doNotStore: true
        )
        var pause = Duration.milliseconds(50)
        var attempt = 1
        while true {
            do throws(SwitchboardError) {
                return .success(try await classify(request))
            } catch {
                if error.code == .notFound { return .success(nil) }
                guard error.code == .resourceExhausted || error.code == .deadlineExceeded, attempt < Self.attempts
                else {
                    return .failure(error)
                }
                attempt += 1
                let wait = min(max(pause, error.retryAfter ?? .zero), .seconds(5))
                guard (try? await Task.sleep(for: wait)) != nil else {
                    return .failure(SwitchboardError(.cancelled, "the cleaning of the pool was cancelled"))
                }
                pause = pause * 2
            }
        }
    }

    /// - Returns: how many left.
    private func settle(
        _ batch: [UncheckedUtterance],
        _ answers: [ClassifyResponse?],
    ) async throws(SwitchboardError) -> Int {
        let answered = zip(batch, answers).compactMap { utterance, answer in answer.map { (utterance, $0) } }
        var left = 0
        var place = 0
        // Where the index moves on in the middle of a step each is noted with its own place.
        while place < answered.count {
            let position = answered[place].1.position
            var explained: [Int64] = []
            var unexplained: [Int64] = []
            while place < answered.count, answered[place].1.position == position {
                let (utterance, answer) = answered[place]
                if explains(answer, utterance) {
                    explained.append(utterance.number)
                } else {
                    unexplained.append(utterance.number)
                }
                place += 1
            }
            left += try await store.settle(explained: explained, unexplained: unexplained, at: position)
        }
        return left
    }

    private func explains(_ answer: ClassifyResponse, _ utterance: UncheckedUtterance) -> Bool {
        if utterance.reason == .corrected { return answer.outcome == .route && answer.decidedBy == .exact }
        return rule.reason(answer.outcome, probability: answer.probability, by: answer.decidedBy) == nil
    }
}
