import Core
import Models
import Synchronization
import Testing

@testable import Discovering

/// Says names as it is told, and keeps what it was asked.
private final class NamingEngines: DiscoveryEngines {
    struct Asked: Sendable {
        let utterances: [String]
        let role: Role?
        let words: [String]
        let taken: [String]
    }

    private let answers: Mutex<[Result<String?, SwitchboardError>]>
    private let log = Mutex<[Asked]>([])

    /// - Parameter answers: one a question; when they are at their end there is no model.
    init(_ answers: [Result<String?, SwitchboardError>]) {
        self.answers = Mutex(answers)
    }

    convenience init(saying names: String...) {
        self.init(names.map { .success($0) })
    }

    var asked: [Asked] { log.withLock { $0 } }
    var encoder: ModelID? { nil }

    func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
        throw SwitchboardError(.unavailable, "no encoder")
    }

    func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? { nil }

    func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? { nil }

    func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        try await name(utterances, role: nil, words: words, taken: taken)
    }

    func name(
        _ utterances: [UtteranceText],
        role: Role?,
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        log.withLock { $0.append(Asked(utterances: utterances.map(\.value), role: role, words: words, taken: taken)) }
        let answer: Result<String?, SwitchboardError> = answers.withLock {
            $0.isEmpty ? .success(nil) : $0.removeFirst()
        }
        guard let label = try answer.get() else { return nil }
        return EngineAnswer(value: label, tokens: 100, seconds: 0.5)
    }
}

@Suite struct ProposalNamerTests {
    private static func names(
        _ engines: NamingEngines,
        taken: [String] = [],
        texts: [[String]] = NamingTexts.all,
        effort: EffortCounter = EffortCounter(),
    ) async throws -> [ProposalName] {
        try await ProposalNamer(engines: engines, effort: effort)
            .names(for: NamingTexts.clusters(texts), taken: taken) { _ in }
    }

    @Test func theModelsNamesAreTakenWhereTheyPass() async throws {
        let engines = NamingEngines(saying: "cancel-order", "track-parcel", "report-card-machine")
        let effort = EffortCounter()
        let names = try await Self.names(engines, effort: effort)
        #expect(names.map(\.label) == ["cancel-order", "track-parcel", "report-card-machine"])
        #expect(names.allSatisfy { $0.source == .model })
        #expect(engines.asked.map(\.words) == [["cancel", "order"], ["parcel", "track"], ["card", "machine"]])
        #expect(engines.asked.allSatisfy { $0.role == .caller })
        let total = effort.total
        #expect(total.llmCalls == 3 && total.llmTokens == 300 && total.llmSeconds == 1.5)
    }

    @Test func whatIsNoNameFallsBackAndSaysSo() async throws {
        let engines = NamingEngines(saying: "teleport-order", "track-umbrella", "report-card")
        let names = try await Self.names(engines)
        #expect(names.map(\.label) == ["cancel-order", "track-parcel", "report-card"])
        #expect(names.map(\.source) == [.keywords, .keywords, .model])
    }

    @Test func aNameThatIsTakenIsAskedForOnceMore() async throws {
        let engines = NamingEngines(saying: "cancel-order", "stop-order", "track-parcel", "report-card")
        let names = try await Self.names(engines, taken: ["orders/cancelling-order", "far/away"])
        #expect(names.map(\.label) == ["stop-order", "track-parcel", "report-card"])
        #expect(engines.asked[0].taken.isEmpty)
        #expect(engines.asked[1].taken == ["cancel-order"])
    }

    @Test func intentsThatTheClusterCouldBeCalledAreToldToTheModel() async throws {
        let engines = NamingEngines(saying: "stop-order")
        _ = try await Self.names(
            engines,
            taken: ["cancel_order", "a/cancel-subscription"],
            texts: [NamingTexts.cancelling]
        )
        #expect(engines.asked.map(\.taken) == [["cancel-order"]])
    }

    @Test func namesOfARunAreAllDifferent() async throws {
        let same = [NamingTexts.cancelling, NamingTexts.cancelling, NamingTexts.cancelling]
        let engines = NamingEngines(Array(repeating: .success("cancel-order"), count: 6))
        let names = try await Self.names(engines, texts: same)
        #expect(Set(names.map(\.label)).count == 3)
        #expect(names.map(\.source) == [.model, .keywords, .keywords])
    }

    @Test func withoutAModelNobodyIsAskedAgain() async throws {
        let engines = NamingEngines([])
        let names = try await Self.names(engines)
        #expect(names.map(\.label) == ["cancel-order", "track-parcel", "machine-card"])
        #expect(names.allSatisfy { $0.source == .keywords })
        #expect(engines.asked.count == 1)
        let silent = NamingEngines(saying: "cancel-order")
        _ = try await ProposalNamer(engines: silent, effort: EffortCounter(), asksModel: false)
            .names(for: NamingTexts.clusters(), taken: [])
        #expect(silent.asked.isEmpty)
    }

    @Test func aModelThatFailsCostsNoRun() async throws {
        let failing: Result<String?, SwitchboardError> = .failure(SwitchboardError(.unavailable, "gone"))
        let engines = NamingEngines(Array(repeating: failing, count: 9))
        let texts = (0..<5).map { number in NamingTexts.tracking.map { "\($0) \(["a", "b", "c", "d", "e"][number])" } }
        let names = try await Self.names(engines, texts: texts)
        #expect(names.count == 5 && engines.asked.count == 3)
        let stopped = NamingEngines([.failure(SwitchboardError(.cancelled, "stop"))])
        let error = await #expect(throws: SwitchboardError.self) { try await Self.names(stopped) }
        #expect(error?.code == .cancelled)
    }

    @Test func samplesAreOfTheMiddleAndAtRandomAndAlwaysTheSame() async throws {
        let texts = [
            (0..<100).map { "cancel my order of item \(Character(UnicodeScalar(UInt8(97 + $0 % 26)))) number \($0)" }
        ]
        let first = NamingEngines(saying: "cancel-order")
        let second = NamingEngines(saying: "cancel-order")
        _ = try await Self.names(first, texts: texts)
        _ = try await Self.names(second, texts: texts)
        let shown = try #require(first.asked.first?.utterances)
        #expect(shown.count == 16 && Array(shown.prefix(8)) == Array(texts[0].prefix(8)))
        #expect(Set(shown).count == 16)
        #expect(shown == second.asked.first?.utterances)
    }

    @Test func progressEndsAtOneAndMayStopTheNaming() async throws {
        let shares = Mutex<[Double]>([])
        let namer = ProposalNamer(engines: NamingEngines([]), effort: EffortCounter())
        _ = try await namer.names(for: NamingTexts.clusters(), taken: []) { share in
            shares.withLock { $0.append(share) }
        }
        #expect(shares.withLock { $0.last } == 1)
        await #expect(throws: CancellationError.self) {
            try await namer.names(for: NamingTexts.clusters(), taken: []) { _ in throw CancellationError() }
        }
        #expect(try await namer.names(for: [], taken: []).isEmpty)
    }
}
