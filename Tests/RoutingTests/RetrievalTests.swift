import Core
import Foundation
import Index
import Testing
import Wire

@testable import Routing
@testable import Updating

@Suite struct RetrievalTests {
    @Test func vectorsOfAnotherEncoderAreNotCompared() throws {
        let made = try Self.encoder(1)
        let other = try Self.encoder(2)
        let replica = Replica(log: LogID(7), settings: IndexSettings(dimension: 16))
        let request = RetrieveRequest(text: try UtteranceText("hello"))
        // An empty index is anybody's.
        #expect(Retrieval.mismatch(of: other, with: replica.snapshot) == nil)
        try replica.apply([
            LogRecord(
                sequence: LogSequence(1),
                stamp: OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0),
                fact: .exemplarUpserted(
                    ExemplarUpserted(
                        vertical: .default,
                        text: try UtteranceText("hello"),
                        path: try IntentPath("greeting"),
                        vector: Self.vector,
                        encoder: made
                    )
                )
            )
        ])
        let found = try Retrieval(request: request, encoder: made).run(
            on: replica.snapshot,
            vector: Self.vector,
            isTruncated: false
        )
        #expect(found.neighbours.count == 1)
        #expect {
            _ = try Retrieval(request: request, encoder: other).run(
                on: replica.snapshot,
                vector: Self.vector,
                isTruncated: false
            )
        } throws: {
            ($0 as? SwitchboardError)?.code == .failedPrecondition
        }
    }

    @Test func candidatesComeWithTheirOwnExemplarsWhereTheModelWouldBeAsked() throws {
        let encoder = try Self.encoder(1)
        let replica = Replica(log: LogID(7), settings: IndexSettings(dimension: 16))
        // Twelve of one intent lie nearer than the only one of the other.
        let texts = (0..<12).map { "hello \($0)" } + ["bye"]
        try replica.apply(
            texts.enumerated().map { place, text in
                var vector = [Float](repeating: 0, count: 16)
                vector[0] = place < 12 ? 0.8 : 0.6
                vector[1] = place < 12 ? 0.6 : 0.8
                return LogRecord(
                    sequence: LogSequence(UInt64(place + 1)),
                    stamp: OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0),
                    fact: .exemplarUpserted(
                        ExemplarUpserted(
                            vertical: .default,
                            text: try UtteranceText(text),
                            path: try IntentPath(place < 12 ? "greeting" : "farewell"),
                            vector: vector,
                            encoder: encoder
                        )
                    )
                )
            }
        )
        var query = [Float](repeating: 0, count: 16)
        query[0] = 1
        func shown(_ llm: LLMMode?) throws -> [Neighbour] {
            let request = RetrieveRequest(text: try UtteranceText("hi"), llm: llm, exemplarsEach: 3)
            let retrieval = Retrieval(request: request, encoder: encoder)
            return try retrieval.run(on: replica.snapshot, vector: query, isTruncated: false).shown
        }
        let found = try shown(.always)
        #expect(found.count == 4)
        #expect(found.last?.text == "bye")
        #expect(Set(found.map(\.intent)).count == 2)
        #expect(try shown(.off).isEmpty)
        // By the policy, which is off; and without one for the model there is nothing to be unsure by.
        #expect(try shown(nil).isEmpty)
        #expect(try shown(.auto).isEmpty)
        let names = Dictionary(
            uniqueKeysWithValues: Set(found.map(\.intent)).map { id in
                (id, Intent(id: id, vertical: .default, path: replica.snapshot.taxonomy[id]!.path))
            }
        )
        let question = ScoringQuestion(found.map(\.intent), shown: found, each: 1, names)
        #expect(question.pairs.map(\.query).last == "bye")
        #expect(question.pairs.count == 2)
    }

    @Test func aPolicyMayAskForMoreExemplarsWhereTheNearestAreOfOneIntent() throws {
        let encoder = try Self.encoder(1)
        let replica = Replica(log: LogID(7), settings: IndexSettings(dimension: 16))
        let stamp = OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0)
        func record(_ place: Int, _ path: String, near: Float) throws -> LogRecord {
            var vector = [Float](repeating: 0, count: 16)
            vector[0] = near
            vector[1] = (1 - near * near).squareRoot()
            return LogRecord(
                sequence: LogSequence(UInt64(place)),
                stamp: stamp,
                fact: .exemplarUpserted(
                    ExemplarUpserted(
                        vertical: .default,
                        text: try UtteranceText("text \(place)"),
                        path: try IntentPath(path),
                        vector: vector,
                        encoder: encoder
                    )
                )
            )
        }
        try replica.apply((1...6).map { try record($0, $0 <= 4 ? "greeting" : "farewell", near: $0 <= 4 ? 0.8 : 0.6) })
        var query = [Float](repeating: 0, count: 16)
        query[0] = 1
        func found(k: Int? = nil) throws -> Int {
            let request = RetrieveRequest(text: try UtteranceText("hi"), k: k)
            return try Retrieval(request: request, encoder: encoder).run(
                on: replica.snapshot,
                vector: query,
                isTruncated: false
            ).neighbours.count
        }
        var policy = RetrievalPolicy(encoder: encoder, k: 2)
        func set(_ policy: RetrievalPolicy, at place: Int) throws {
            let set = PolicySet(scope: .everywhere, policy: Policy(retrieval: policy))
            try replica.apply([
                LogRecord(sequence: LogSequence(UInt64(place)), stamp: stamp, fact: .policySet(set))
            ])
        }
        try set(policy, at: 7)
        #expect(try found() == 2)
        policy.widening = Widening(k: 5, belowShare: 0, fewerIntents: 2)
        try set(policy, at: 8)
        #expect(try found() == 5)
        // Who says how many gets so many.
        #expect(try found(k: 3) == 3)
    }

    @Test func whoTriesWeightsStartsFromThoseThatHoldWhereNothingWasFitted() throws {
        let encoder = try Self.encoder(1)
        let replica = Replica(log: LogID(7), settings: IndexSettings(dimension: 16))
        let stamp = OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0)
        let exemplar = ExemplarUpserted(
            vertical: .default,
            text: try UtteranceText("hello"),
            path: try IntentPath("greeting"),
            vector: Self.vector,
            encoder: encoder
        )
        // With weights of 0 for its figures, of which no multiple is another.
        let fitted = ClassWeights(density: 0, cosine: 0, temperature: 1)
        let policy = Policy(retrieval: RetrievalPolicy(encoder: encoder, classWeights: fitted))
        try replica.apply([
            LogRecord(sequence: LogSequence(1), stamp: stamp, fact: .exemplarUpserted(exemplar)),
            LogRecord(
                sequence: LogSequence(2),
                stamp: stamp,
                fact: .policySet(PolicySet(scope: .everywhere, policy: policy))
            ),
        ])
        func weights(_ figures: Int?) throws -> ClassWeights? {
            let request = RetrieveRequest(text: try UtteranceText("hi"), classFigures: figures)
            return try Retrieval(request: request, encoder: encoder).run(
                on: replica.snapshot,
                vector: Self.vector,
                isTruncated: false
            ).classes?.weights
        }
        #expect(try weights(nil) == fitted)
        #expect(try weights(100) == ClassWeights(exemplarsPerIntent: 1))
    }

    @Test func aResponseHasNoMoreThanAGatewayIsSent() throws {
        let encoder = try Self.encoder(1)
        let replica = Replica(log: LogID(7), settings: IndexSettings(dimension: 16))
        let stamp = OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0)
        let long = String(repeating: "x", count: 8_000)
        var records: [LogRecord] = []
        func add(_ fact: LogFact) {
            let sequence = LogSequence(UInt64(records.count + 1))
            records.append(LogRecord(sequence: sequence, stamp: stamp, fact: fact))
        }
        for place in 0..<900 {
            // From near to far, by the second figure.
            var vector = [Float](repeating: 0, count: 16)
            let angle = Float(place) / 900
            (vector[0], vector[1]) = (cos(angle), sin(angle))
            let upsert = ExemplarUpserted(
                vertical: .default,
                text: try UtteranceText("\(place) \(long.prefix(place < 10 ? 4 : 8_000))"),
                path: try IntentPath("line/i\(place % 300)"),
                vector: vector,
                encoder: encoder
            )
            add(.exemplarUpserted(upsert))
        }
        for intent in 0..<300 {
            let set = IntentSet(
                vertical: .default,
                path: try IntentPath("line/i\(intent)"),
                description: long,
                phrase: nil,
                attributes: ["queue": "q\(intent)"],
                isEnabled: true
            )
            add(.intentSet(set))
        }
        try replica.apply(records)
        var query = [Float](repeating: 0, count: 16)
        query[0] = 1
        func found(_ k: Int) throws -> RetrieveResponse {
            let request = RetrieveRequest(text: try UtteranceText("hi"), k: k, isExact: true, classFigures: 1_000)
            return try Retrieval(request: request, encoder: encoder).run(
                on: replica.snapshot,
                vector: query,
                isTruncated: false
            )
        }
        let few = try found(10)
        #expect(!few.isShortened)
        #expect(few.intents.allSatisfy { $0.description != nil || $0.path.levels.count == 1 })
        let many = try found(900)
        #expect(many.isShortened)
        let bytes = many.encoded().count
        #expect(bytes <= Limits.maximumForwardedBytes)
        // And no less than there is room for: up to three quarters, since texts are long and facts are many.
        #expect(bytes > Limits.maximumForwardedBytes / 2)
        #expect((100..<900).contains(many.neighbours.count))
        // The nearest are kept, in order, with the names of their intents.
        #expect(many.neighbours.first?.text.hasPrefix("0 ") == true)
        #expect(zip(many.neighbours, many.neighbours.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
        let named = Set(many.intents.map(\.id))
        #expect(many.neighbours.allSatisfy { named.contains($0.intent) })
        #expect(many.classes?.figures.allSatisfy { named.contains($0.intent) } == true)
        // What is known of the nearest intent stays, of the farthest it goes.
        let nearest = try #require(many.neighbours.first).intent
        #expect(many.intents.first { $0.id == nearest }?.description != nil)
        #expect(many.intents.last?.description == nil)
        #expect(try RetrieveResponse(decoding: many.encoded()) == many)
    }

    @Test func classEvidenceIsSummedUpWhereThereIsNoRoomForIt() throws {
        let encoder = try Self.encoder(1)
        let replica = Replica(log: LogID(7), settings: IndexSettings(dimension: 16))
        let stamp = OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0)
        try replica.apply(
            try (0..<64).map { place in
                var vector = [Float](repeating: 0, count: 16)
                vector[place % 16] = 1
                let upsert = ExemplarUpserted(
                    vertical: .default,
                    text: try UtteranceText("text \(place)"),
                    path: try IntentPath("i\(place)"),
                    vector: vector,
                    encoder: encoder
                )
                return LogRecord(
                    sequence: LogSequence(UInt64(place + 1)),
                    stamp: stamp,
                    fact: .exemplarUpserted(upsert)
                )
            }
        )
        let request = RetrieveRequest(text: try UtteranceText("hi"), k: 3, classFigures: 1_000)
        let retrieval = Retrieval(request: request, encoder: encoder)
        let whole = try retrieval.run(on: replica.snapshot, vector: Self.vector, isTruncated: false)
        #expect(whole.classes?.figures.count == 64)
        let short = retrieval.fitting(whole, in: replica.snapshot, room: 4_000)
        #expect(short.isShortened)
        let figures = try #require(short.classes?.figures)
        #expect((1..<64).contains(figures.count))
        #expect((short.classes?.others ?? -.infinity) > -.infinity)
        #expect(short.neighbours == whole.neighbours)
        let none = retrieval.fitting(whole, in: replica.snapshot, room: 0)
        #expect(none.neighbours.isEmpty && none.intents.isEmpty && none.classes?.figures.isEmpty == true)
    }

    @Test func aReplicaThatStartsAnewIsUsedLastAndItsPositionIsNotTold() {
        let position = LogPosition(log: LogID(7), sequence: LogSequence(3))
        var state = ReplicaWriter.Progress(position: position, isStartingAnew: false, isUpdaterSilent: false)
        #expect(Retriever.applied(state) == WorkerApplied(position: position))
        state.isStartingAnew = true
        #expect(Retriever.applied(state) == WorkerApplied(position: nil, isUpdaterSilent: true))
    }

    @Test func aRetrieverWhoseEncoderIsAwayIsUsedLast() {
        let position = LogPosition(log: LogID(7), sequence: LogSequence(3))
        let state = ReplicaWriter.Progress(position: position, isStartingAnew: false, isUpdaterSilent: false)
        #expect(
            Retriever.applied(state, isEncoderAway: true) == WorkerApplied(position: position, isUpdaterSilent: true)
        )
    }

    /// Of unit length.
    private static let vector = [Float](repeating: 0.25, count: 16)

    private static func encoder(_ byte: UInt8) throws -> ModelID {
        try #require(ModelID(bytes: [UInt8](repeating: byte, count: ModelID.byteCount)))
    }
}
