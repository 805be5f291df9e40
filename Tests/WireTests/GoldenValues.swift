import Core

@testable import Wire

/// The values of Tests/Fixtures/wire/make_golden.py, under the same names.
struct GoldenValues {
    let bits: Bits128
    let otherBits = Bits128(0xF0F1F2F3_F4F5F6F7_F8F9FAFB_FCFDFEFF)
    private let encoder: ModelID
    private let base: ModelID
    private let adapter: ModelID
    private let prompt: ModelID
    let text: UtteranceText
    let position: LogPosition
    let orders: Vertical
    let devices: Vertical
    let delivery: IntentPath
    let late: IntentPath
    private let policy: Policy
    private let intent: Intent
    private let plainIntent: Intent
    private let turns: [Turn]
    private let key: KeySet

    init() throws {
        bits = Bits128(0x00010203_04050607_08090A0B_0C0D0E0F)
        func model(_ byte: UInt8) throws -> ModelID {
            guard let model = ModelID(bytes: [UInt8](repeating: byte, count: 32)) else {
                throw SwitchboardError.invalid("32 bytes are a model's id")
            }
            return model
        }
        encoder = try model(0x11)
        base = try model(0x22)
        adapter = try model(0x33)
        prompt = try model(0x44)
        text = try UtteranceText("wo bleibt mein P\u{E4}ckchen? \u{1F4E6}")
        position = LogPosition(log: bits, sequence: LogSequence(300))
        orders = try Vertical("orders")
        devices = try Vertical("devices")
        guard let publicKey = PublicKey(bytes: [UInt8](repeating: 0x55, count: 32)) else {
            throw SwitchboardError.invalid("32 bytes are a public key")
        }
        key = KeySet(
            name: try KeyName("clerk@desk"),
            publicKey: publicKey,
            roles: [.publish, .classify],
            verticals: [try Vertical("returns"), orders]
        )
        delivery = try IntentPath("delivery")
        late = try IntentPath("delivery/late")
        policy = Policy(
            retrieval: RetrievalPolicy(
                encoder: encoder,
                k: 12,
                voteTemperature: 0.0625,
                trustsExact: false,
                calibrationTemperature: 1.5,
                minimumFamiliarity: 0.25,
                distanceWeight: 0.5,
                meanWeight: 0.75,
                wordWeight: 0.0625,
                routeScore: 0.5,
                clarifyMargin: 0.125,
                llmMode: .auto,
                widening: Widening(k: 40, belowShare: 0.375, fewerIntents: 3)
            ),
            llm: LLMPolicy(
                baseModel: base,
                adapter: adapter,
                prompt: prompt,
                evidenceWeight: 0.75,
                llmWeight: 1.25,
                calibrationTemperature: 2,
                skipShare: 0.875,
                routeScore: 0.625,
                clarifyMargin: 0.25,
                candidates: 7,
                exemplarsEach: 3,
                leastShare: 0.03125,
                stopsEarly: true
            )
        )
        intent = Intent(
            id: IntentID(2401),
            vertical: orders,
            path: late,
            description: "a parcel is late",
            phrase: "your late parcel",
            attributes: ["queue": "parcels", "language": "de"],
            isEnabled: false,
            aliasOf: IntentID(16)
        )
        plainIntent = Intent(id: IntentID(8), vertical: orders, path: delivery)
        turns = [
            Turn(role: .agent, text: try UtteranceText("how can I help?")),
            Turn(role: .caller, text: try UtteranceText("it is about my order")),
        ]
    }

    /// Every golden message of the file, decoded value beside its name.
    func all() throws -> [String: any Sampled] {
        calls.merging(try routing()) { one, _ in one }
            .merging(try working()) { one, _ in one }
            .merging(indexing()) { one, _ in one }
            .merging(history()) { one, _ in one }
            .merging(try discovery()) { one, _ in one }
    }

    private var calls: [String: any Sampled] {
        [
            "Header/call": Header(
                kind: .call,
                callID: 7,
                method: "switchboard.v1.Router/Classify",
                timeLeft: .milliseconds(1_500),
                grant: 16,
                byteLimit: 1 << 23,
                metadata: [Metadata(key: "trace", value: [0, 0xFF])]
            ),
            "Header/reply": Header(
                kind: .reply,
                callID: 1 << 63 + 1,
                status: Status(
                    code: .resourceExhausted,
                    message: "the queue is full",
                    retryAfter: .milliseconds(250)
                )
            ),
            "Header/ok": Header(kind: .reply, callID: 0, status: .ok),
            "ListKeysRequest/empty": ListKeysRequest(),
            "ListKeysResponse/full": ListKeysResponse(keys: [key], position: position),
            "HealthRequest/full": HealthRequest(service: "switchboard.v1.Router"),
            "HealthResponse/full": HealthResponse(status: .notServing, reason: "no retriever is attached"),
        ]
    }

    private var feedback: Feedback {
        Feedback(
            replyID: otherBits,
            text: text,
            vertical: orders,
            answeredIntent: delivery,
            verdict: .corrected(late),
            source: .agent,
            conversationID: Array("c-17".utf8),
            outcome: .clarify,
            probability: 0,
            decidedBy: .llm,
            position: position,
            origin: Array("subject-4".utf8)
        )
    }

    private func routing() throws -> [String: any Sampled] {
        [
            "ClassifyRequest/full": ClassifyRequest(
                text: text,
                verticals: [orders, devices],
                llm: .always,
                requestID: Array("r-1".utf8),
                conversationID: Array("c-17".utf8),
                origin: Array("subject-4".utf8),
                turns: turns,
                isPartial: true,
                doNotStore: true,
                within: [delivery, try IntentPath(levels: ["and/or", "x"])],
                evidence: 5,
                isExact: true,
                minPosition: position,
                exclude: [ExemplarID(bits), ExemplarID(otherBits)]
            ),
            "ClassifyRequest/text": ClassifyRequest(text: try UtteranceText("hello")),
            "ClassifyResponse/full": fullResponse,
            "ClassifyResponse/unknown": ClassifyResponse(
                replyID: bits,
                text: "hm",
                outcome: .unknown,
                decidedBy: .degraded,
                position: position
            ),
            "FeedbackRequest/corrected": feedback,
            "FeedbackRequest/confirmed": Feedback(
                replyID: bits,
                text: try UtteranceText("hello"),
                vertical: .default,
                answeredIntent: nil,
                verdict: .confirmed,
                source: .caller
            ),
            "FeedbackResponse/replaced": FeedbackResponse(hasReplaced: true, learnt: position),
            "IntentsRequest/full": IntentsRequest(verticals: [orders], thenChanges: true),
            "IntentsResponse/full": IntentsResponse(
                intents: [intent, plainIntent],
                position: position,
                isComplete: true
            ),
        ]
    }

    private var fullResponse: ClassifyResponse {
        ClassifyResponse(
            replyID: otherBits,
            text: text.value,
            outcome: .route,
            vertical: orders,
            intent: late,
            intentID: IntentID(2401),
            probability: 0.8125,
            score: 0.75,
            levels: [Level(path: delivery, probability: 0.9375), Level(path: late, probability: 0.8125)],
            candidates: [
                Candidate(
                    vertical: orders,
                    intent: late,
                    intentID: IntentID(2401),
                    probability: 0.8125,
                    vote: 0.75,
                    classScore: 0.5,
                    llmLogprob: -0.25,
                    score: 0.875
                ),
                Candidate(vertical: orders, intent: delivery, intentID: IntentID(8), probability: 0, vote: 0.25),
            ],
            evidence: [Evidence(vertical: orders, query: "my parcel is late", intent: late, similarity: 0.96875)],
            decidedBy: .exact,
            requestID: Array("r-1".utf8),
            attributes: intent.attributes,
            phrase: "your late parcel",
            position: position,
            policySequence: LogSequence(44),
            isTruncated: true,
            timings: Timings(
                queue: .microseconds(1),
                encode: .milliseconds(4),
                search: .microseconds(300),
                total: .microseconds(1 << 40)
            ),
            verticals: [orders],
            familiarity: 0.625
        )
    }

    private func working() throws -> [String: any Sampled] {
        [
            "EncodeRequest/full": EncodeRequest(
                texts: [text, try UtteranceText("b")],
                priority: .updates,
                encoder: encoder
            ),
            "EncodeResponse/full": EncodeResponse(
                encoder: encoder,
                vectors: [[0.6, 0.8], [-1, 0]],
                truncated: [false, true]
            ),
            "RetrieveRequest/text": RetrieveRequest(
                text: text,
                verticals: [orders],
                k: 7,
                within: [delivery],
                exclude: [ExemplarID(bits)],
                isExact: true,
                minPosition: position,
                priority: .discovery,
                llm: .auto,
                candidates: 6,
                exemplarsEach: 4,
                classFigures: 40,
                scorers: [
                    ScoringModels(base: base, adapter: adapter, prompt: prompt),
                    ScoringModels(base: base, adapter: nil, prompt: prompt),
                ]
            ),
            "RetrieveRequest/vector": RetrieveRequest(text: nil, vector: [0.6, 0.8], encoder: encoder, llm: nil),
            "RetrieveResponse/full": RetrieveResponse(
                neighbours: [
                    Neighbour(
                        exemplar: ExemplarID(bits),
                        text: "my parcel is late",
                        intent: IntentID(2401),
                        similarity: 0.96875
                    )
                ],
                equal: [
                    Neighbour(exemplar: ExemplarID(otherBits), text: text.value, intent: IntentID(8), similarity: 1)
                ],
                intents: [intent, plainIntent],
                policy: policy,
                policySequence: LogSequence(44),
                position: position,
                isTruncated: true,
                verticals: [devices, orders],
                queue: .microseconds(5),
                encode: .microseconds(6),
                search: .microseconds(7),
                encoder: encoder,
                classes: ClassEvidence(
                    figures: [
                        ClassFigure(intent: IntentID(2401), cosine: 0.75, logDensity: -12.5, words: 3.25),
                        ClassFigure(intent: IntentID(8), cosine: -0.25, logDensity: nil),
                    ],
                    weights: ClassWeights(density: 0.125, cosine: 2, words: 0.25, temperature: 1.5),
                    others: -3.5,
                    nearestMean: 0.875,
                    relativeDistance: -1.75,
                    wordLift: 0.375
                ),
                shown: [
                    Neighbour(exemplar: ExemplarID(otherBits), text: "late", intent: IntentID(2401), similarity: 0.5)
                ],
                ignoredPolicies: [LogSequence(41), LogSequence(43)],
                isShortened: true
            ),
            "ScoreRequest/full": ScoreRequest(
                text: text,
                turns: turns,
                pairs: [Pair(query: "my parcel is late", intent: late)],
                candidates: [late, delivery],
                headStarts: [-0.25, -3]
            ),
            "ScoreResponse/full": ScoreResponse(
                logprobs: [-0.5, -1.25],
                promptTokens: 211,
                isTruncated: true,
                baseModel: base,
                adapter: adapter,
                prompt: prompt,
                queue: .microseconds(8),
                score: .microseconds(9)
            ),
            "JudgeRequest/full": JudgeRequest(utterances: [text, try UtteranceText("my parcel is late")]),
            "JudgeResponse/full": JudgeResponse(
                good: 0.625,
                effort: AnswerEffort(
                    tokens: 307,
                    models: ScoringModels(base: base, adapter: adapter, prompt: prompt),
                    queue: .microseconds(8),
                    work: .microseconds(9)
                )
            ),
            "NameRequest/full": NameRequest(
                utterances: [text, try UtteranceText("my parcel is late")],
                taken: ["track-parcel"],
                words: ["parcel", "P\u{E4}ckchen"],
                role: .caller
            ),
            "NameResponse/full": NameResponse(
                label: "report-parcel",
                effort: AnswerEffort(
                    tokens: 307,
                    models: ScoringModels(base: base, adapter: nil, prompt: prompt),
                    queue: .microseconds(8),
                    work: .microseconds(9)
                )
            ),
            "WorkerMessage/hello": WorkerMessage.hello(
                WorkerHello(
                    name: "retriever-1",
                    services: ["switchboard.v1.Retriever", "switchboard.v1.Scorer"],
                    encoder: encoder,
                    baseModel: base,
                    adapter: adapter,
                    prompt: prompt,
                    heartbeat: .milliseconds(200)
                )
            ),
            "WorkerMessage/credit": WorkerMessage.credit(WorkerCredit(service: "switchboard.v1.Scorer", calls: 4)),
            "WorkerMessage/applied": WorkerMessage.applied(WorkerApplied(position: position, isUpdaterSilent: true)),
            "WorkerMessage/result": WorkerMessage.result(
                WorkerResult(callID: 9, status: Status(code: .aborted, message: "gone"), payload: [1, 0, 2])
            ),
            "WorkerMessage/heartbeat": WorkerMessage.heartbeat,
            "WorkerMessage/leaving": WorkerMessage.leaving,
            "GatewayMessage/welcome": GatewayMessage.welcome(
                GatewayWelcome(name: "gateway-1", heartbeat: .milliseconds(250))
            ),
            "GatewayMessage/call": GatewayMessage.call(
                WorkerCall(
                    callID: 9,
                    method: "switchboard.v1.Retriever/Retrieve",
                    timeLeft: .milliseconds(1_999),
                    payload: [0, 1]
                )
            ),
            "GatewayMessage/cancel": GatewayMessage.cancel(WorkerCancel(callID: 9)),
            "GatewayMessage/heartbeat": GatewayMessage.heartbeat,
        ]
    }

    private func record(_ number: UInt64, _ fact: LogFact) -> LogRecord {
        LogRecord(
            sequence: LogSequence(number),
            stamp: OperationStamp(
                operation: Array("op-1".utf8),
                change: Array("ch-1".utf8),
                source: "index load",
                author: "Zo\u{EB}",
                timeMicroseconds: 1_700_000_000_123_456
            ),
            fact: fact
        )
    }

    /// Names that change, and what was done to the log.
    private func history() -> [String: any Sampled] {
        [
            "LogRecord/upserted-as-alias": record(
                1,
                .exemplarUpserted(
                    ExemplarUpserted(
                        vertical: orders,
                        text: text,
                        path: late,
                        vector: [1],
                        encoder: encoder,
                        intent: IntentID(88)
                    )
                )
            ),
            "LogRecord/intent-renamed": record(7, .intentRenamed(IntentRenamed(intent: IntentID(88), newPath: late))),
            "LogRecord/intents-merged": record(
                8,
                .intentsMerged(IntentsMerged(from: IntentID(88), into: IntentID(96)))
            ),
            "LogRecord/intent-restored": record(
                9,
                .intentRestored(IntentRestored(intent: IntentID(88), path: late, aliasOf: IntentID(96)))
            ),
            "AppendRequest/names": AppendRequest(
                batch: AppendBatch(
                    operation: Array("op-2".utf8),
                    source: "",
                    author: "",
                    commands: [
                        .rename(RenameCommand(vertical: orders, from: delivery, to: late)),
                        .merge(MergeCommand(vertical: orders, from: late, into: delivery)),
                    ]
                ),
                isDryRun: true
            ),
            "HistoryRequest/full": HistoryRequest(
                vertical: orders,
                after: LogSequence(12),
                isNewestFirst: true,
                limit: 20,
                change: Array("ch-1".utf8)
            ),
            "HistoryResponse/full": HistoryEntry(
                stamp: OperationStamp(
                    operation: Array("op-1".utf8),
                    change: Array("ch-1".utf8),
                    source: "index load",
                    author: "Zo\u{EB}",
                    timeMicroseconds: 1_700_000_000_123_456
                ),
                first: LogSequence(290),
                last: LogSequence(300),
                counts: [KindCount(kind: .exemplarUpserted, count: 10), KindCount(kind: .intentSet, count: 1)],
                verticals: [orders]
            ),
            "RollbackRequest/full": RollbackRequest(
                to: LogSequence(290),
                vertical: orders,
                way: ReversalWay(source: "index rollback", author: "Zo\u{EB}", isDryRun: true, wait: .applied)
            ),
            "RollbackRequest/beginning": RollbackRequest(to: .start),
            "UndoRequest/full": UndoRequest(
                change: Array("ch-1".utf8),
                way: ReversalWay(source: "index undo", author: "Zo\u{EB}", isDryRun: true, wait: .durable)
            ),
        ]
    }

    private func indexing() -> [String: any Sampled] {
        let upserted = record(
            1,
            .exemplarUpserted(
                ExemplarUpserted(
                    vertical: orders,
                    text: text,
                    path: late,
                    vector: [0.6, -0.8, 0],
                    encoder: encoder,
                    origin: Array("subject-4".utf8)
                )
            )
        )
        let removed = record(2, .exemplarRemoved(ExemplarRemoved(vertical: orders, exemplar: ExemplarID(bits))))
        return [
            "AppendRequest/full": AppendRequest(batch: batch, wait: .applied, waitLimit: .milliseconds(750)),
            "AppendReceipt/full": AppendReply(
                receipt: AppendReceipt(
                    operation: Array("op-1".utf8),
                    change: Array("ch-1".utf8),
                    position: position,
                    first: LogSequence(290),
                    added: 5,
                    unchanged: 4,
                    relabelled: 3,
                    removed: 2,
                    refusals: [Refusal(command: 17, reason: "it has another intent")],
                    created: [plainIntent],
                    renamed: 7,
                    merged: 6,
                    described: 5,
                    policies: 4,
                    left: [
                        LeftThing(.exemplar(ExemplarID(bits)), "changed since"),
                        LeftThing(.intent(IntentID(88)), "renamed since"),
                        LeftThing(.policy(.everywhere), "set since"),
                    ],
                    leftCount: 1_234,
                    isRepeated: true
                ),
                appliedBy: 6,
                behind: ["retriever-2"],
                appliedAfter: .microseconds(2_345)
            ),
            "FollowRequest/start": FollowRequest.start(
                FollowStart(
                    name: "retriever-1",
                    position: position,
                    epoch: 3,
                    digest: StateDigest(otherBits),
                    namesOnly: true
                )
            ),
            "FollowRequest/applied": FollowRequest.applied(
                FollowApplied(sequence: LogSequence(300), encoders: [encoder], nextEncoder: base, graphsDue: 3)
            ),
            "FollowResponse/accepted": FollowResponse.accepted(
                FollowAccepted(head: position, epoch: 3, snapshotFirst: true)
            ),
            "FollowResponse/records": FollowResponse.records([upserted, removed]),
            "FollowResponse/heartbeat": FollowResponse.heartbeat(
                FollowHeartbeat(head: position, epoch: 3, digest: StateDigest(otherBits), nextEncoder: base)
            ),
            "LogRecord/upserted": upserted,
            "LogRecord/removed": removed,
            "LogRecord/intent-set": record(
                3,
                .intentSet(
                    IntentSet(
                        vertical: orders,
                        path: late,
                        description: "a parcel is late",
                        phrase: "your late parcel",
                        attributes: intent.attributes,
                        isEnabled: false
                    )
                )
            ),
            "LogRecord/policy-set": record(4, .policySet(PolicySet(scope: .builtin, policy: policy))),
            "LogRecord/policy-set-superseded": record(
                4,
                .policySet(
                    PolicySet(
                        scope: .builtin,
                        policy: Policy(
                            retrieval: RetrievalPolicy(
                                k: 12,
                                voteTemperature: 0.0625,
                                superseded: SupersededFamiliarity(minimumFamiliarity: 0.25, distanceWeight: 0.375),
                                routeScore: 0.5,
                                clarifyMargin: 0.125
                            )
                        )
                    )
                )
            ),
            "LogRecord/vector-set": record(
                5,
                .vectorSet(
                    VectorSet(
                        vertical: orders,
                        exemplar: ExemplarID(bits),
                        vector: [0.6, -0.8, 0],
                        encoder: encoder
                    )
                )
            ),
            "LogRecord/models-switched": record(6, .modelsSwitched(ModelsSwitched(encoder: encoder))),
            "LogRecord/upsert-blanked": record(
                7,
                .exemplarBlanked(ExemplarBlanked(vertical: orders, kind: .upserted(late, encoder: encoder)))
            ),
            "LogRecord/removal-blanked": record(
                8,
                .exemplarBlanked(ExemplarBlanked(vertical: orders, kind: .removed))
            ),
            "LogRecord/vector-blanked": record(
                9,
                .exemplarBlanked(ExemplarBlanked(vertical: orders, kind: .vectorSet(encoder: encoder)))
            ),
            "LogRecord/purged": record(
                10,
                .purged(Purged(blanked: [7, 8, 300].map { LogSequence($0) }, verticals: [orders]))
            ),
            "PurgeRequest/ids": PurgeRequest(
                .exemplars([ExemplarID(bits)]),
                isDryRun: true,
                change: Array("purge-1".utf8),
                author: "ann",
                operation: Array("op-9".utf8)
            ),
            "PurgeRequest/origin": PurgeRequest(.origin(Array("subject-4".utf8), in: orders)),
            "PurgeRequest/vertical": PurgeRequest(.vertical(orders)),
            "PurgeReceipt/full": PurgeReceipt(
                position: position,
                removed: 2,
                blanked: 3,
                feedback: 4,
                isMore: true,
                behind: ["retriever-2"]
            ),
            "LogRecord/key-set": record(11, .keySet(key)),
            "ReencodeRequest/encoder": ReencodeRequest(.encoder(encoder)),
            "ReencodeRequest/file": ReencodeRequest(.file("/models/ours.gguf")),
            "ReencodeResponse/full": ReencodeResponse(
                done: 640,
                total: 1_000,
                encoder: encoder,
                position: position,
                isSwitched: true,
                lapsedPolicies: ["*", "orders"],
                behind: ["retriever-2"],
                graphsDue: 4
            ),
            "SnapshotRequest/rest": SnapshotRequest(
                begun: SnapshotFile(position: position, checksum: encoder.bytes),
                offset: 1 << 20,
                namesOnly: true
            ),
            "SnapshotRequest/new": SnapshotRequest(makesNew: true),
            "SnapshotResponse/first": SnapshotResponse(
                beginning: .init(file: SnapshotFile(position: position, checksum: encoder.bytes), size: 1 << 33),
                offset: 0,
                chunk: [1, 2, 3]
            ),
            "SnapshotResponse/later": SnapshotResponse(offset: 1 << 20, chunk: [4, 5]),
            "TrimRequest/full": TrimRequest(before: LogSequence(200)),
            "TrimResponse/full": TrimResponse(first: LogSequence(198)),
            "ExportRequest/full": ExportRequest(verticals: [orders], withVectors: true),
            "ExportResponse/full": ExportResponse(
                exemplars: [
                    ExportedExemplar(
                        exemplarID: ExemplarID(bits),
                        vertical: orders,
                        text: text,
                        intent: late,
                        origin: Array("subject-4".utf8),
                        vector: [0.6, -0.8],
                        sequence: LogSequence(299)
                    )
                ],
                position: position
            ),
            "StatsRequest/empty": StatsRequest(),
            "StatsResponse/full": StatsResponse(
                position: position,
                epoch: 3,
                digest: StateDigest(otherBits),
                verticals: [VerticalStats(vertical: orders, exemplars: 1_000, intents: 60)],
                logBytes: 1 << 33,
                feedback: 10,
                feedbackConfirmed: 7,
                feedbackCallers: 9,
                followers: ["retriever-1"],
                encoder: encoder,
                relabelled: 17
            ),
            "ListFeedbackRequest/full": ListFeedbackRequest(after: 12),
            "ListFeedbackResponse/full": ListFeedbackResponse(feedback: [feedback]),
        ]
    }

    private var batch: AppendBatch {
        AppendBatch(
            operation: Array("op-1".utf8),
            change: Array("ch-1".utf8),
            source: "index load",
            author: "Zo\u{EB}",
            onConflict: .reject,
            refusesNewIntents: true,
            commands: [
                .upsert(
                    UpsertCommand(
                        vertical: orders,
                        text: text,
                        path: late,
                        vector: [0.6, -0.8],
                        encoder: encoder,
                        origin: Array("subject-4".utf8)
                    )
                ),
                .remove(RemoveCommand(vertical: orders, exemplar: ExemplarID(bits))),
                .setIntent(
                    SetIntentCommand(
                        vertical: orders,
                        path: delivery,
                        description: "",
                        phrase: "your parcel",
                        attributes: ["queue": ""],
                        isEnabled: true
                    )
                ),
                .setIntent(SetIntentCommand(vertical: orders, path: delivery)),
                .setPolicy(PolicySet(scope: .everywhere, policy: policy)),
                .setPolicy(PolicySet(scope: .vertical(orders), policy: nil)),
                .amendPolicy(.vertical(orders), Policy(retrieval: nil, llm: policy.llm)),
                .setKey(.add(key)),
                .setKey(.revoke(key.name)),
            ]
        )
    }
}
