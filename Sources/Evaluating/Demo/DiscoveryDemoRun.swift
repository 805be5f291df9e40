internal import Calls
package import Core
package import SwitchboardClient
internal import Wire

/// The story that `deploy/demo --discover` shows, on a node of its own: callers want something that nobody has taught it,
/// their calls gather in the pool, a run proposes an intent, a person accepts it, and the next of these callers is routed.
///
/// Each function is one scene, called in their order. Everything goes through real sockets of the node.
package struct DiscoveryDemoRun: Sendable {
    /// What callers were told.
    package struct Told: Sendable {
        package var asked = 0
        package var unknown = 0
        package var clarified = 0
        package var routed = 0

        /// Those that a pool takes.
        package var unexplained: Int { unknown + clarified }
    }

    /// The proposal that most of the held-back callers are in.
    package struct Found: Sendable {
        package var proposal: Proposal
        /// Of its members, those that were said by such callers.
        package var matching: Int
        /// Clusters judged good.
        package var proposals: Int
        package var unclear: Int
        package var utterances: Int
        package var effort: RunEffort
    }

    /// Runs until what callers said has arrived in the pool.
    private static let mostRuns = 4
    private static let callersInFlight = 4
    private static let fittedUtterances = 600

    private let data: DemoData
    private let client: SwitchboardClient
    private let seed: UInt64

    /// - Parameter data: with an intent held back (`DemoData.holdingBack`).
    package init(data: DemoData, client: SwitchboardClient, seed: UInt64) {
        self.data = data
        self.client = client
        self.seed = seed
    }

    /// What was held back.
    package var held: NamedIntent? { data.newIntent.first?.gold }

    /// Streams all other pairs, and fits what UNKNOWN is decided by on some of them, each without itself.
    package func teach(progress: @escaping EvalProgressReport) async throws {
        let settings = EvalSettings(seed: seed)
        let loader = EvalLoader(client: client, settings: settings)
        _ = try await loader.load(data.train) { progress(EvalProgress(.loading, done: $0, of: $1)) }
        let run = CalibrationRun(client: client, settings: .init(calling: settings), progress: progress)
        let known = Array(data.train.prefix(Self.fittedUtterances))
        let fitted = try await run.fit(.everywhere, on: known, outOfScope: [])
        _ = try await loader.set(fitted.policy, scope: fitted.scope)
    }

    /// The held-back intent's callers call, among others whom nobody can help.
    ///
    /// - Returns: what the former and what the latter were told.
    package func call() async throws -> (callers: Told, others: Told) {
        let callers = try await ask(data.newIntent.map(\.text), named: "caller")
        let others = try await ask(data.outOfScope, named: "other")
        return (callers, others)
    }

    private func ask(_ texts: [UtteranceText], named name: String) async throws -> Told {
        // Nobody knows which vertical an utterance that stays unexplained belongs to, but by the line it came in on.
        let verticals = held.map { [$0.vertical] } ?? []
        let outcomes = try await inFlight(Self.callersInFlight, texts.indices) { number in
            let request = ClassifyRequest(
                text: texts[number],
                verticals: verticals,
                conversationID: Array("\(name)-\(number)".utf8)
            )
            return try await patiently { try await client.gateway.call(Methods.classify, request) }.outcome
        }
        var told = Told()
        told.asked = outcomes.count
        for outcome in outcomes {
            switch outcome {
            case .unknown: told.unknown += 1
            case .clarify: told.clarified += 1
            case .route: told.routed += 1
            }
        }
        return told
    }

    /// Looks for intents in the pool.
    ///
    /// What callers said reaches the pool a moment after they were answered, so a run that came too early is repeated.
    /// - Parameter expected: utterances that went to the pool.
    /// - Throws: `.failedPrecondition` where no proposal holds most of what the callers said, `.internal` where the run
    ///   failed.
    package func discover(
        expected: Int,
        progress: @escaping @Sendable (RunProgress) -> Void,
    ) async throws -> Found {
        var settings = DiscoverySettings()
        settings.seed = seed
        for attempt in 1...Self.mostRuns {
            let run: Bits128
            do throws(ClientError) {
                run = try await client.startRun(settings: settings)
            } catch {
                // Nothing is there yet.
                guard error.code == StatusCode.failedPrecondition.rawValue, attempt < Self.mostRuns else { throw error }
                try await Task.sleep(for: .seconds(1))
                continue
            }
            for try await state in client.watchRun(run) {
                progress(state.progress)
                guard state.progress.phase != .failed, state.progress.phase != .cancelled else {
                    throw SwitchboardError(.internal, "the run of discovery ended early: \(state.progress.note)")
                }
            }
            let listed = try await client.proposals(of: run)
            let summary = listed.runs.first { $0.run == run }
            // Equal texts count once, so not quite all that were said can be expected.
            let isWhole = 10 * (summary?.utterances ?? 0) >= 9 * expected
            if isWhole || attempt == Self.mostRuns { return try await best(of: listed, summary) }
        }
        preconditionFailure("the last run is judged whatever it looked at")
    }

    private func best(of listed: DiscoveryListResponse, _ summary: RunSummary?) async throws -> Found {
        let said = Set(data.newIntent.map(\.text))
        var best: Found?
        for proposal in listed.proposals where proposal.judgement.isGood {
            let whole = try await client.proposal(proposal.id).proposal
            let matching = whole.members.count { said.contains($0.text) }
            guard matching > best?.matching ?? 0 else { continue }
            best = Found(
                proposal: whole,
                matching: matching,
                proposals: summary?.proposals ?? listed.proposals.count,
                unclear: summary?.unclear ?? 0,
                utterances: summary?.utterances ?? 0,
                effort: summary?.progress.effort ?? RunEffort()
            )
        }
        guard let best, 2 * best.matching > best.proposal.members.count else {
            throw SwitchboardError(
                .failedPrecondition,
                "none of the \(listed.proposals.count) proposals is what these callers want; another --seed may show it"
            )
        }
        return best
    }

    /// Accepts the proposal under the name that it has, beside the intents that it is nearest of kin to.
    ///
    /// - Returns: the intent that it became.
    package func accept(_ found: Found) async throws -> NamedIntent {
        guard let held else { preconditionFailure("a discovery is shown with an intent held back") }
        let levels = (held.path.parent?.levels ?? []) + [found.proposal.name.label]
        let path = try IntentPath(levels: levels)
        let action = ReviewAction.accept(path: path, vertical: held.vertical, texts: nil, attributes: [:])
        _ = try await client.review(found.proposal.id, action, author: "demo")
        return NamedIntent(vertical: held.vertical, path: path)
    }

    /// The next of these callers.
    package func callAgain(_ intent: NamedIntent) async throws -> [(answer: Classification, isRight: Bool)] {
        var answers: [(Classification, Bool)] = []
        for caller in data.newQuestions {
            let response = try await client.gateway.call(
                Methods.classify,
                ClassifyRequest(
                    text: caller.text,
                    verticals: [intent.vertical],
                    doNotStore: true,
                    evidence: 2
                )
            )
            let leader = response.candidates.first.map { NamedIntent(vertical: $0.vertical, path: $0.intent) }
            answers.append((Classification(response), response.outcome == .route && leader == intent))
        }
        return answers
    }
}
