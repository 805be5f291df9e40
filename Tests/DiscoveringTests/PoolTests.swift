import Core
import Foundation
import Models
import Testing
import Wire

@testable import Discovering
@testable import UpdateStore

/// What turns the pool into what a run looks at: real files, and a gateway that this test plays.
@Suite(.timeLimit(.minutes(1))) struct PoolTests {
    /// Answers as it is told, by text.
    private actor Index {
        var position = LogPosition(log: LogID(1), sequence: LogSequence(1))
        private var known: [String: (probability: Double, decidedBy: DecidedBy)] = [:]
        private var failures: [SwitchboardError] = []
        private(set) var asked: [ClassifyRequest] = []

        func learn(_ text: String, _ probability: Double = 0.9, by decidedBy: DecidedBy = .retrieval) {
            known[text] = (probability, decidedBy)
            position = LogPosition(log: position.log, sequence: position.sequence.next)
        }

        func fail(with failures: [SwitchboardError]) {
            self.failures = failures
        }

        func classify(_ request: ClassifyRequest) throws(SwitchboardError) -> ClassifyResponse {
            asked.append(request)
            if !failures.isEmpty { throw failures.removeFirst() }
            let answer = known[request.text.value]
            return ClassifyResponse(
                replyID: .random(),
                text: request.text.value,
                outcome: answer == nil ? .unknown : .route,
                probability: answer?.probability,
                decidedBy: answer?.decidedBy ?? .retrieval,
                position: position
            )
        }
    }

    /// An encoder that counts the texts it is given.
    private actor CountingEncoder: DiscoveryEngines {
        private(set) var encoder: ModelID?
        private(set) var texts = 0
        private let id: ModelID

        init(_ byte: UInt8) throws {
            id = try #require(ModelID(bytes: [UInt8](repeating: byte, count: ModelID.byteCount)))
        }

        func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
            encoder = id
            self.texts += texts.count
            return texts.map { text in
                text.value.utf8.count.isMultiple(of: 2) ? [Float(1), 0] : [Float(0), 1]
            }
        }

        func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? { nil }

        func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? { nil }

        func name(
            _ utterances: [UtteranceText],
            words: [String],
            taken: [String],
        ) async throws(SwitchboardError) -> EngineAnswer<String>? { nil }
    }

    private let folder = NSTemporaryDirectory() + "switchboard-\(UUID().uuidString)"

    private func withStore(_ body: (PoolStore) async throws -> Void) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try PoolStore(in: DataDirectory(folder))
        try await body(store)
        try await store.close()
    }

    private func entry(
        _ text: String,
        in conversation: [UInt8] = [],
        role: Role? = .caller,
        reason: PoolReason = .unknown,
    ) throws -> PoolEntry {
        PoolEntry(
            text: try UtteranceText(text),
            vertical: .default,
            role: role,
            conversationID: conversation,
            reason: reason,
            timeMicroseconds: UpdateLog.systemTime()
        )
    }

    private func cleaning(_ store: PoolStore, _ index: Index) -> PoolCleaning {
        PoolCleaning(store, rule: PoolRule()) { (request: ClassifyRequest) async throws(SwitchboardError) in
            try await index.classify(request)
        }
    }

    @Test func utterancesBringTheirPlacesInConversations() async throws {
        try await withStore { store in
            _ = try await store.add([
                try entry("hello", in: [0x63]), try entry("what is wrong", in: [0x63], role: .agent),
                try entry("it is late", in: [0x63]), try entry("hello", in: [0xFF]),
            ])
            let utterances = try await store.discoveryUtterances(of: PoolQuery())
            #expect(utterances.map(\.text.value) == ["hello", "what is wrong", "it is late"])
            #expect(utterances.map(\.calls) == [2, 1, 1])
            #expect(
                utterances[0].places == [
                    DiscoveryUtterance.Place(conversation: "c", turn: 0),
                    DiscoveryUtterance.Place(conversation: "ff", turn: 0),
                ]
            )
            #expect(utterances[2].places == [DiscoveryUtterance.Place(conversation: "c", turn: 2)])
        }
    }

    @Test func whatTheIndexExplainsLeavesThePool() async throws {
        try await withStore { store in
            let index = Index()
            _ = try await store.add([
                try entry("late order"), try entry("new thing"), try entry("late order", role: .agent),
                try entry("was wrong", reason: .corrected), try entry("from a file", reason: .file),
            ])
            for text in ["late order", "was wrong", "from a file"] { await index.learn(text) }
            var report = try await cleaning(store, index).run()
            #expect(report.looked == 3 && report.explained == 1)
            #expect(
                try await store.utterances().map(\.text.value)
                    == ["new thing", "late order", "was wrong", "from a file"]
            )
            #expect(try await store.counts().left == [.explained: 1])
            let asked = await index.asked
            #expect(asked.allSatisfy { $0.doNotStore && $0.llm == .off && $0.verticals == [.default] })
            // Nothing changed there: one question shows it.
            report = try await cleaning(store, index).run()
            #expect(report.looked == 1 && report.explained == 0)
            // An exemplar that says the same explains what was corrected; too little probability explains nothing.
            await index.learn("new thing", 0.2)
            await index.learn("was wrong", 1, by: .exact)
            report = try await cleaning(store, index).run()
            #expect(report.looked == 2 && report.explained == 1)
            #expect(
                try await store.utterances().map(\.text.value) == ["new thing", "late order", "from a file"]
            )
        }
    }

    @Test func waitsWhereTheGatewayHasNoRoomAndEndsWhereItIsGone() async throws {
        try await withStore { store in
            let index = Index()
            _ = try await store.add([try entry("a"), try entry("b")])
            await index.learn("a")
            await index.fail(with: [SwitchboardError(.resourceExhausted, "full", retryAfter: .milliseconds(1))])
            #expect(try await cleaning(store, index).run().explained == 1)
            await index.learn("b")
            await index.fail(with: [SwitchboardError(.unavailable, "gone")])
            await #expect {
                _ = try await cleaning(store, index).run()
            } throws: {
                ($0 as? SwitchboardError)?.code == .unavailable
            }
            #expect(try await store.utterances().count == 1)
        }
    }

    @Test func anUnknownVerticalKeepsNothingElseInThePool() async throws {
        try await withStore { store in
            let index = Index()
            _ = try await store.add([try entry("a"), try entry("b")])
            await index.learn("b")
            await index.fail(with: [SwitchboardError(.notFound, "there is no such vertical in the index")])
            #expect(try await cleaning(store, index).run().explained == 1)
            #expect(try await store.utterances().map(\.text.value) == ["a"])
        }
    }

    @Test func anEmptyPoolAsksNobody() async throws {
        try await withStore { store in
            let index = Index()
            let report = try await cleaning(store, index).run()
            #expect(report == PoolCleaning.Report())
            #expect(await index.asked.isEmpty)
        }
    }

    @Test func aSecondRunEncodesOnlyWhatCameSince() async throws {
        try await withStore { store in
            let encoder = try CountingEncoder(1)
            let engines = PoolEngines(encoder, keepingIn: store)
            let texts = try ["a", "bb", "ccc"].map { try UtteranceText($0) }
            _ = try await store.add([try entry("a"), try entry("bb")])
            let first = try await engines.encode(Array(texts[..<2]))
            #expect(first == [[0, 1], [1, 0]])
            let before = await encoder.texts
            #expect(try await engines.encode(Array(texts[..<2])) == first)
            #expect(await encoder.texts == before)
            _ = try await store.add([try entry("ccc")])
            #expect(try await engines.encode(texts) == first + [[0, 1]])
            #expect(await encoder.texts == before + 1)
            // Of another encoder none is there.
            let other = try CountingEncoder(2)
            #expect(try await PoolEngines(other, keepingIn: store).encode(texts).count == 3)
            #expect(await other.texts == 4)
            #expect(try await engines.encode([]).isEmpty)
        }
    }
}
