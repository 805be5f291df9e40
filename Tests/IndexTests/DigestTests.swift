import Core
import Testing

@testable import Index

/// The digest is the sum over what is live, whatever way led there.
@Suite struct DigestTests {
    @Test func isTheSumOverWhatIsLive() throws {
        let replica = Replica(log: LogWriter.log, settings: IndexSettings(dimension: 4))
        var log = LogWriter()
        #expect(replica.snapshot.digest == StateDigest())
        try replica.apply([
            log.upsert("a", "x/y", [1, 0, 0, 0]),
            log.upsert("b", "x", [0, 1, 0, 0]),
            log.upsert("c", "x", [0, 0, 1, 0]),
            log.upsert("b", "z", [0, 1, 0, 0]),
            log.upsert("c", "x", [0, 0, 0, 1], encoder: LogWriter.otherEncoder),
            log.upsert("a", "x/y", [1, 0, 0, 0]),
            log.remove("b"),
            log.remove("b"),
            log.enable("x", false),
            log.set(Policy(retrieval: .builtin), for: .builtin),
            log.set(Policy(retrieval: RetrievalPolicy(k: 3)), for: .everywhere),
            log.set(nil, for: .builtin),
        ])
        var expected = StateDigest()
        let snapshot = replica.snapshot
        for intent in snapshot.taxonomy.all { expected.add(StateDigest.term(intent: intent)) }
        expected.add(StateDigest.term(policy: Policy(retrieval: RetrievalPolicy(k: 3)), scope: .everywhere))
        for (text, path, encoder, vector) in [
            ("a", "x/y", LogWriter.encoder, [1, 0, 0, 0]), ("c", "x", LogWriter.otherEncoder, [0, 0, 0, 1] as [Float]),
        ] {
            let id = ExemplarID(vertical: .default, text: try UtteranceText(text))
            let intent = try #require(snapshot.taxonomy.id(of: IntentPath(path), in: .default))
            expected.add(StateDigest.term(exemplar: id, intent: intent, encoder: encoder, vector: vector))
        }
        #expect(snapshot.digest == expected)
        #expect(snapshot.count == 2)
        #expect(snapshot.encoders == [LogWriter.encoder, LogWriter.otherEncoder])
    }

    @Test func sendingTheSameAgainChangesNothing() throws {
        let replica = Replica(log: LogWriter.log, settings: IndexSettings(dimension: 4))
        var log = LogWriter()
        try replica.apply([log.upsert("a", "x", [1, 0, 0, 0])])
        let digest = replica.snapshot.digest
        try replica.apply([log.upsert("a", "x", [1, 0, 0, 0])])
        #expect(replica.snapshot.digest == digest)
        try replica.apply([log.upsert("a", "y", [1, 0, 0, 0]), log.upsert("a", "x", [1, 0, 0, 0]), log.remove("a")])
        var intents = StateDigest()
        for intent in replica.snapshot.taxonomy.all { intents.add(StateDigest.term(intent: intent)) }
        #expect(replica.snapshot.digest == intents)
    }
}
