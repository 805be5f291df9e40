import Core
import Testing

@testable import Wire

/// Input that is not acceptable: the error has the right code, names the field and repeats no text of the sender.
@Suite struct RefusalTests {
    /// Stands for what a caller said.
    private static let secret = "moonlight"

    struct Refused: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: StatusCode
        /// Each has to be in the error's message.
        let says: [String]
        let decode: @Sendable () throws -> Void

        init<Message: WireMessage>(
            _ type: Message.Type,
            _ what: String,
            code: StatusCode = .invalidArgument,
            says: [String],
            _ build: @Sendable @escaping (inout RawMessage) -> Void,
        ) {
            testDescription = "\(Message.self) \(what)"
            self.code = code
            self.says = says
            decode = { _ = try Message(decoding: RawMessage(build).bytes) }
        }
    }

    @Test(arguments: requests + numbers + batches + records + headers + discovery)
    func refuses(_ refused: Refused) throws {
        let error = #expect(throws: SwitchboardError.self) { try refused.decode() }
        let message = try #require(error?.message)
        #expect(error?.code == refused.code)
        for part in refused.says {
            #expect(message.contains(part), "\(message)")
        }
        #expect(!message.contains(Self.secret), "\(message)")
    }

    private static let discovery = [
        Refused(DiscoveryAddRequest.self, "with more than 1,000 entries", says: ["entries", "1001", "1000"]) {
            for _ in 0...1_000 { $0.message(1) { $0.text(2, secret) } }
        },
        Refused(DiscoveryAddRequest.self, "with a bad text", says: ["entries[0].text", "UTF-8"]) {
            $0.message(1) { $0.bytes(2, Array(secret.utf8) + [0xFF]) }
        },
        Refused(DiscoveryAddRequest.self, "without a reason", says: ["entries[0].reason", "1, 2, 3, 4, 5 are"]) {
            $0.message(1) {
                $0.text(2, secret)
                $0.text(3, "orders")
            }
        },
        Refused(DiscoveryAddRequest.self, "with a long pool name", says: ["pool", "65 bytes", "64"]) {
            $0.text(2, String(repeating: "p", count: 65))
        },
        Refused(DiscoveryStartRequest.self, "with one neighbour", says: ["settings.neighbours", "2 to 100"]) {
            $0.message(3) { $0.number(4, 1) }
        },
        Refused(DiscoveryStartRequest.self, "with many rounds", says: ["settings.rounds", "101", "100"]) {
            $0.message(3) { $0.number(7, 101) }
        },
        Refused(DiscoveryStartRequest.self, "with a share above 1", says: ["settings.unassigned_share", "0 and 1"]) {
            $0.message(3) { $0.double(6, 1.5) }
        },
        Refused(DiscoveryWatchRequest.self, "with half an id", says: ["run_id", "8 bytes", "16"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 8))
        },
        Refused(DiscoveryReviewRequest.self, "without an action", says: ["DiscoveryReviewRequest.action", "needed"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
        },
        Refused(DiscoveryReviewRequest.self, "of an unknown kind", says: ["action.kind", "9 is not accepted"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
            $0.message(2) { $0.number(1, 9) }
        },
        Refused(DiscoveryReviewRequest.self, "that accepts without a path", says: ["action.path", "needed"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
            $0.message(2) {
                $0.number(1, 1)
                $0.text(3, "orders")
            }
        },
        Refused(DiscoveryPurgeRequest.self, "of nothing", says: ["exemplar_ids", "is needed"]) { _ in },
    ]

    private static let requests = [
        Refused(ClassifyRequest.self, "without text", says: ["ClassifyRequest.text", "empty"]) { _ in },
        Refused(ClassifyRequest.self, "with white space", says: ["ClassifyRequest.text", "empty"]) {
            $0.text(1, " \t")
        },
        Refused(ClassifyRequest.self, "with invalid UTF-8", says: ["ClassifyRequest.text", "UTF-8"]) {
            $0.bytes(1, Array(secret.utf8) + [0xC3, 0x28])
        },
        Refused(ClassifyRequest.self, "with NUL", says: ["ClassifyRequest.text", "NUL"]) { $0.text(1, secret + "\0") },
        Refused(ClassifyRequest.self, "with 1 MB of text", says: ["ClassifyRequest.text", "1000000 bytes", "8192"]) {
            $0.bytes(1, [UInt8](repeating: 0x61, count: 1_000_000))
        },
        Refused(ClassifyRequest.self, "with a bad turn", says: ["ClassifyRequest.turns[1].text", "UTF-8"]) {
            $0.text(1, "hello")
            for text in [Array("fine".utf8), Array(secret.utf8) + [0xFF]] {
                $0.message(7) {
                    $0.number(1, 1)
                    $0.bytes(2, text)
                }
            }
        },
        Refused(ClassifyRequest.self, "with a turn of nobody", says: ["turns[0].role", "0 is not accepted", "1, 2"]) {
            $0.text(1, "hello")
            $0.message(7) { $0.text(2, secret) }
        },
        Refused(ClassifyRequest.self, "with a bad vertical", says: ["ClassifyRequest.verticals[1]", "a-z"]) {
            $0.text(1, "hello")
            $0.text(2, "orders")
            $0.text(2, "Moonlight")
        },
        Refused(ClassifyRequest.self, "with an unknown mode", says: ["ClassifyRequest.llm", "9 is not", "1, 2, 3"]) {
            $0.text(1, "hello")
            $0.number(3, 9)
        },
        Refused(ClassifyRequest.self, "with a long request id", says: ["ClassifyRequest.request_id", "65 bytes", "64"])
        {
            $0.text(1, "hello")
            $0.bytes(4, [UInt8](repeating: 1, count: 65))
        },
        Refused(ClassifyRequest.self, "with an empty level", says: ["ClassifyRequest.within[0]", "empty level"]) {
            $0.text(1, "hello")
            $0.text(10, secret + "//late")
        },
        Refused(ClassifyRequest.self, "with a path that is too deep", says: ["ClassifyRequest.within[0]", "levels"]) {
            $0.text(1, "hello")
            $0.text(10, "1/2/3/4/5/6/7/8/" + secret)
        },
        Refused(ClassifyRequest.self, "with a control character in a path", says: ["within[0]", "control"]) {
            $0.text(1, "hello")
            $0.text(10, secret + "\u{7}")
        },
        Refused(ClassifyRequest.self, "with a position of no log", says: ["min_position.log_id", "16"]) {
            $0.text(1, "hello")
            $0.message(13) { $0.number(2, 7) }
        },
        Refused(ClassifyRequest.self, "with a short exemplar id", says: ["ClassifyRequest.exclude[0]", "3 bytes"]) {
            $0.text(1, "hello")
            $0.bytes(14, [1, 2, 3])
        },
        Refused(EncodeRequest.self, "with a bad text", says: ["EncodeRequest.texts[2]", "NUL"]) {
            $0.text(1, "a")
            $0.text(1, "b")
            $0.text(1, secret + "\0")
        },
        Refused(EncodeRequest.self, "with 1,001 texts", says: ["EncodeRequest.texts", "1001", "1000"]) {
            for _ in 0..<1_001 { $0.text(1, "a") }
        },
        Refused(RetrieveRequest.self, "with nothing to search", says: ["RetrieveRequest.text", "vector"]) { _ in },
        Refused(RetrieveRequest.self, "with a vector of no encoder", says: ["RetrieveRequest.encoder_id"]) {
            $0.floats(2, [1, 0])
        },
        Refused(RetrieveRequest.self, "that names nine scorers", says: ["RetrieveRequest.scorers", "9", "8"]) {
            $0.text(1, secret)
            for _ in 0..<9 {
                $0.message(15) {
                    $0.bytes(1, [UInt8](repeating: 1, count: 32))
                    $0.bytes(3, [UInt8](repeating: 2, count: 32))
                }
            }
        },
        Refused(RetrieveRequest.self, "with a scorer without prompt", says: ["RetrieveRequest.scorers[0].prompt_id"]) {
            $0.text(1, secret)
            $0.message(15) { $0.bytes(1, [UInt8](repeating: 1, count: 32)) }
        },
        Refused(ScoreRequest.self, "without candidates", says: ["ScoreRequest.candidates", "1 to 64"]) {
            $0.text(1, secret)
        },
        Refused(JudgeRequest.self, "without utterances", says: ["JudgeRequest.utterances", "1 to 32"]) { _ in },
        Refused(JudgeRequest.self, "with 33 utterances", says: ["JudgeRequest.utterances", "33", "32"]) {
            for _ in 0..<33 { $0.text(1, secret) }
        },
        Refused(NameRequest.self, "without words", says: ["NameRequest.words", "1 to 20"]) { $0.text(1, secret) },
        Refused(NameRequest.self, "with a long word", says: ["NameRequest.words[0]", "65", "64"]) {
            $0.text(1, secret)
            $0.text(3, String(repeating: "a", count: 65))
        },
        Refused(Feedback.self, "of nobody", says: ["FeedbackRequest.source", "0 is not accepted"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
            $0.text(2, secret)
            $0.text(3, "orders")
            $0.number(5, 1)
        },
        Refused(Feedback.self, "corrected without the right intent", says: ["FeedbackRequest.right_intent"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
            $0.text(2, secret)
            $0.text(3, "orders")
            $0.number(5, 2)
            $0.number(7, 1)
        },
        Refused(Feedback.self, "rejected with a right intent", says: ["FeedbackRequest.right_intent", "CORRECTED"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
            $0.text(2, secret)
            $0.text(3, "orders")
            $0.number(5, 3)
            $0.text(6, secret)
            $0.number(7, 1)
        },
        Refused(Feedback.self, "with an unknown verdict", says: ["FeedbackRequest.verdict", "4 is not"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
            $0.text(2, secret)
            $0.text(3, "orders")
            $0.number(5, 4)
        },
    ]

    private static let numbers = [
        Refused(ClassifyRequest.self, "that wants a million texts", says: ["ClassifyRequest.evidence", "1000"]) {
            $0.text(1, "hello")
            $0.number(11, 1_000_000)
        },
        Refused(RetrieveRequest.self, "with too large a k", says: ["RetrieveRequest.k", "1001", "1000"]) {
            $0.text(1, secret)
            $0.number(4, 1_001)
        },
        Refused(RetrieveRequest.self, "with NaN", says: ["RetrieveRequest.vector[2]", "finite"]) {
            $0.floats(2, [1, 0, .nan, .infinity])
            $0.bytes(10, [UInt8](repeating: 1, count: 32))
        },
        Refused(RetrieveRequest.self, "with infinity", says: ["RetrieveRequest.vector[1]", "finite"]) {
            $0.floats(2, [1, -.infinity])
            $0.bytes(10, [UInt8](repeating: 1, count: 32))
        },
        Refused(ClassifyResponse.self, "with NaN", says: ["ClassifyResponse.score", "finite"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
            $0.double(8, .nan)
        },
        Refused(EncodeResponse.self, "with a flag too few", says: ["EncodeResponse.truncated", "0", "1"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 32))
            $0.message(2) { $0.floats(1, [1]) }
        },
        Refused(StatsResponse.self, "with a huge count", says: ["StatsResponse.log_bytes"]) {
            $0.message(1) { $0.bytes(1, [UInt8](repeating: 1, count: 16)) }
            $0.bytes(3, [UInt8](repeating: 1, count: 16))
            $0.number(5, .max)
        },
        Refused(Feedback.self, "with a probability above 1", says: ["FeedbackRequest.probability", "0 and 1"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 16))
            $0.text(2, secret)
            $0.text(3, "orders")
            $0.number(5, 1)
            $0.number(7, 1)
            $0.double(10, 1.5)
        },
    ]

    /// The shortest batch that is accepted, with these commands.
    private static func batch(_ commands: (inout RawMessage) -> Void) -> RawMessage {
        var message = RawMessage()
        message.text(1, "op")
        commands(&message)
        return message
    }

    private static func upsert(
        _ message: inout RawMessage,
        text: String = secret,
        path: String = "a",
        _ more: (inout RawMessage) -> Void = { _ in },
    ) {
        message.message(9) {
            $0.message(1) {
                $0.text(2, text)
                $0.text(3, path)
                more(&$0)
            }
        }
    }

    private static let batches = [
        Refused(
            RollbackRequest.self,
            "without a target",
            says: ["RollbackRequest.to_seq", "missing", "0, written out"]
        ) {
            _ in
        },
        Refused(RollbackRequest.self, "of a vertical without a target", says: ["RollbackRequest.to_seq", "missing"]) {
            $0.text(2, "orders")
        },
        Refused(AppendRequest.self, "without an operation id", says: ["AppendRequest.operation_id", "1 to 64"]) { _ in
        },
        Refused(AppendRequest.self, "with a long operation id", says: ["AppendRequest.operation_id", "65", "1 to 64"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 65))
        },
        Refused(AppendRequest.self, "with 1,001 commands", says: ["AppendRequest.commands", "1001", "1000"]) {
            $0 = batch { message in for _ in 0..<1_001 { upsert(&message) } }
        },
        Refused(AppendRequest.self, "of more than 3 MiB", says: ["AppendRequest", "3145728"]) {
            $0 = batch { message in
                for _ in 0..<800 {
                    upsert(&message) { $0.floats(4, [Float](repeating: 0.05, count: 1_000)) }
                }
            }
        },
        Refused(AppendRequest.self, "with a bad text", says: ["AppendRequest.commands[2].upsert.text", "NUL"]) {
            $0 = batch { message in
                upsert(&message)
                upsert(&message)
                upsert(&message, text: secret + "\0")
            }
        },
        Refused(AppendRequest.self, "without an intent", says: ["AppendRequest.commands[0].upsert.intent", "needed"]) {
            $0 = batch { upsert(&$0, path: "") }
        },
        Refused(AppendRequest.self, "with NaN", says: ["AppendRequest.commands[0].upsert.vector[1]", "finite"]) {
            $0 = batch { upsert(&$0) { $0.floats(4, [0, .nan]) } }
        },
        Refused(AppendRequest.self, "with a vector of no encoder", says: ["commands[0].upsert.encoder_id"]) {
            $0 = batch { upsert(&$0) { $0.floats(4, [1]) } }
        },
        Refused(AppendRequest.self, "with a short encoder id", says: ["commands[0].upsert.encoder_id", "32", "5"]) {
            $0 = batch { upsert(&$0) { $0.bytes(5, [1, 2, 3, 4, 5]) } }
        },
        Refused(AppendRequest.self, "that amends a policy by nothing", says: ["set_policy.policy", "needed"]) {
            $0 = batch {
                $0.message(9) {
                    $0.message(4) {
                        $0.text(1, "*")
                        $0.number(3, 1)
                    }
                }
            }
        },
        Refused(AppendRequest.self, "with an empty command", says: ["AppendRequest.commands[1].kind"]) {
            $0 = batch {
                upsert(&$0)
                $0.message(9) { _ in }
            }
        },
        Refused(AppendRequest.self, "with a removal of nothing", says: ["commands[0].remove.text", "either"]) {
            $0 = batch { $0.message(9) { $0.message(2) { $0.text(1, "orders") } } }
        },
        Refused(AppendRequest.self, "with a removal of two things", says: ["commands[0].remove.text", "either"]) {
            $0 = batch {
                $0.message(9) {
                    $0.message(2) {
                        $0.text(2, secret)
                        $0.bytes(3, [UInt8](repeating: 1, count: 16))
                    }
                }
            }
        },
        Refused(AppendRequest.self, "with a nameless attribute", says: ["set_intent.attributes[0].key", "needed"]) {
            $0 = batch {
                $0.message(9) {
                    $0.message(3) {
                        $0.text(2, "a")
                        $0.message(5) { $0.text(2, secret) }
                    }
                }
            }
        },
        Refused(AppendRequest.self, "with a policy for nobody", says: ["commands[0].set_policy.scope"]) {
            $0 = batch { $0.message(9) { $0.message(4) { _ in } } }
        },
        Refused(AppendRequest.self, "with a policy without votes", says: ["set_policy.policy.retrieval.k"]) {
            $0 = batch {
                $0.message(9) {
                    $0.message(4) {
                        $0.text(1, "*")
                        $0.message(2) { $0.message(1) { $0.double(3, 0.05) } }
                    }
                }
            }
        },
        Refused(AppendRequest.self, "with a policy at temperature 0", says: ["policy.retrieval.vote_temperature"]) {
            $0 = batch {
                $0.message(9) {
                    $0.message(4) {
                        $0.text(1, "*")
                        $0.message(2) { $0.message(1) { $0.number(2, 10) } }
                    }
                }
            }
        },
        Refused(AppendRequest.self, "with an unknown rule", says: ["AppendRequest.on_conflict", "7 is not"]) {
            $0.text(1, "op")
            $0.number(5, 7)
        },
    ]

    private static let records = [
        Refused(LogRecord.self, "of a newer format", code: .unimplemented, says: ["LogRecord.format", "record 12"]) {
            $0.number(1, 2)
            $0.number(2, 12)
        },
        Refused(LogRecord.self, "of another kind", code: .unimplemented, says: ["LogRecord.fact", "record 12"]) {
            $0.number(1, 1)
            $0.number(2, 12)
            $0.text(3, "op")
            $0.message(40) { $0.bytes(1, [5]) }
        },
        Refused(FollowResponse.self, "with a newer record", code: .unimplemented, says: ["records.records[0].format"]) {
            $0.message(2) { $0.message(1) { $0.number(1, 2) } }
        },
        Refused(
            LogRecord.self,
            "that switches the scorer",
            code: .unimplemented,
            says: ["models_switched", "settings"]
        ) {
            $0.number(1, 1)
            $0.text(3, "op")
            $0.message(18) {
                $0.bytes(1, [UInt8](repeating: 1, count: 32))
                $0.bytes(2, [UInt8](repeating: 2, count: 32))
            }
        },
        Refused(FollowRequest.self, "of no kind", says: ["FollowRequest.kind"]) { _ in },
        Refused(FollowRequest.self, "with half an encoder's id", says: ["applied.encoder_ids[0]", "32 bytes"]) {
            $0.message(2) { $0.bytes(2, [1, 2, 3]) }
        },
        Refused(SnapshotRequest.self, "with half a checksum", says: ["SnapshotRequest.checksum", "3 bytes"]) {
            $0.message(1) { $0.bytes(1, [UInt8](repeating: 1, count: 16)) }
            $0.bytes(2, [1, 2, 3])
        },
        Refused(SnapshotRequest.self, "with a checksum of nothing", says: ["SnapshotRequest.position"]) {
            $0.bytes(2, [UInt8](repeating: 1, count: 32))
        },
        Refused(SnapshotResponse.self, "with a chunk too long", says: ["SnapshotResponse.chunk", "1048576"]) {
            $0.bytes(1, [UInt8](repeating: 1, count: 1_048_577))
        },
        Refused(TrimRequest.self, "before nothing", says: ["TrimRequest.before_seq"]) { _ in },
        Refused(ReencodeRequest.self, "of nothing", says: ["ReencodeRequest.path", "encoder_id"]) { _ in },
        Refused(ReencodeRequest.self, "with a path too long", says: ["ReencodeRequest.path", "4096"]) {
            $0.text(2, String(repeating: "x", count: 4_097))
        },
    ]

    private static let headers = [
        Refused(Header.self, "without version", says: ["Header.version", "0 is not", "1 is"]) { $0.number(2, 1) },
        Refused(Header.self, "of a newer version", code: .unimplemented, says: ["Header.version", "2 is not"]) {
            $0.number(1, 2)
            $0.number(2, 1)
        },
        Refused(Header.self, "of an unknown kind", says: ["Header.kind", "7 is not"]) {
            $0.number(1, 1)
            $0.number(2, 7)
        },
        Refused(Header.self, "of a negative kind", says: ["Header.kind"]) {
            $0.number(1, 1)
            $0.number(2, .max)
        },
        Refused(Header.self, "with an endless method", says: ["Header.method", "257 bytes"]) {
            $0.number(1, 1)
            $0.number(2, 1)
            $0.text(4, String(repeating: "m", count: 257))
        },
        Refused(Header.self, "with an invalid method", says: ["Header.method", "UTF-8"]) {
            $0.number(1, 1)
            $0.number(2, 1)
            $0.bytes(4, [0xFF])
        },
    ]
}
