import Core

@testable import Wire

extension AppendRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> AppendRequest {
        AppendRequest(
            batch: AppendBatch(
                operation: generator.bytes(1...64),
                change: generator.bytes(0...64),
                source: generator.prose(),
                author: generator.prose(),
                onConflict: generator.element(of: ConflictRule.self),
                refusesNewIntents: generator.chance(),
                commands: generator.list(atMost: 12) { $0.command() }
            ),
            wait: generator.element(of: Wait.self),
            waitLimit: generator.optional { $0.positiveDuration() }
        )
    }
}

extension AppendReply: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> AppendReply {
        AppendReply(
            receipt: AppendReceipt(
                operation: generator.bytes(1...64),
                change: generator.bytes(0...64),
                position: generator.position(),
                first: generator.optional { $0.policySequence() },
                added: generator.number(0...1_000),
                unchanged: generator.number(0...1_000),
                relabelled: generator.number(0...1_000),
                removed: generator.number(0...1_000),
                refusals: generator.list { Refusal(command: $0.number(0...999), reason: $0.prose()) },
                created: generator.list { $0.intent() },
                isRepeated: generator.chance()
            ),
            appliedBy: generator.number(0...9),
            behind: generator.list { $0.prose() },
            appliedAfter: generator.optional { $0.positiveDuration() }
        )
    }
}

extension FollowRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> FollowRequest {
        if generator.chance() {
            return .applied(
                FollowApplied(sequence: generator.sequence(), encoders: generator.list { $0.model() })
            )
        }
        return .start(
            FollowStart(
                name: generator.prose(),
                position: generator.optional { $0.position() },
                epoch: generator.word(),
                digest: generator.optional { $0.digest() },
                namesOnly: generator.chance(),
                format: UInt32(generator.number(0...3))
            )
        )
    }
}

extension FollowResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> FollowResponse {
        switch generator.number(0...2) {
        case 0:
            .accepted(
                FollowAccepted(
                    head: generator.position(),
                    epoch: generator.word(),
                    snapshotFirst: generator.chance()
                )
            )
        case 1: .records(generator.list(atMost: 10) { LogRecord.sample(&$0) })
        default:
            .heartbeat(
                FollowHeartbeat(head: generator.position(), epoch: generator.word(), digest: generator.digest())
            )
        }
    }
}

extension LogRecord: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> LogRecord {
        LogRecord(
            sequence: generator.sequence(),
            stamp: OperationStamp(
                operation: generator.bytes(1...64),
                change: generator.bytes(0...64),
                source: generator.prose(),
                author: generator.prose(),
                timeMicroseconds: Int64(bitPattern: generator.word())
            ),
            fact: generator.fact()
        )
    }
}

extension ExportRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ExportRequest {
        ExportRequest(verticals: generator.list { $0.vertical() }, withVectors: generator.chance())
    }
}

extension ExportResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ExportResponse {
        ExportResponse(
            exemplars: generator.list(atMost: 10) {
                ExportedExemplar(
                    exemplarID: $0.exemplar(),
                    vertical: $0.vertical(),
                    text: $0.utterance(),
                    intent: $0.path(),
                    origin: $0.bytes(0...30),
                    vector: $0.chance() ? $0.vector() : [],
                    sequence: $0.sequence()
                )
            },
            position: generator.position()
        )
    }
}

extension StatsRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> StatsRequest { StatsRequest() }
}

extension StatsResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> StatsResponse {
        StatsResponse(
            position: generator.position(),
            epoch: generator.word(),
            digest: generator.digest(),
            verticals: generator.list {
                VerticalStats(
                    vertical: $0.vertical(),
                    exemplars: $0.number(0...Int.max),
                    intents: $0.number(0...900)
                )
            },
            logBytes: generator.number(0...Int.max),
            feedback: generator.number(0...1_000),
            feedbackConfirmed: generator.number(0...1_000),
            feedbackCallers: generator.number(0...1_000),
            followers: generator.list { $0.prose() },
            encoder: generator.optional { $0.model() }
        )
    }
}

extension ReencodeRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ReencodeRequest {
        ReencodeRequest(generator.chance() ? .encoder(generator.model()) : .file(generator.nonemptyProse()))
    }
}

extension ReencodeResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ReencodeResponse {
        ReencodeResponse(
            done: generator.number(0...Int.max),
            total: generator.number(0...Int.max),
            encoder: generator.model(),
            position: generator.optional { $0.position() },
            isSwitched: generator.chance(),
            lapsedPolicies: generator.list { $0.prose() },
            behind: generator.list { $0.prose() }
        )
    }
}

extension ListFeedbackRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ListFeedbackRequest {
        ListFeedbackRequest(after: generator.word())
    }
}

extension ListKeysRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ListKeysRequest { ListKeysRequest() }
}

extension ListKeysResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ListKeysResponse {
        ListKeysResponse(keys: generator.list { $0.key() }, position: generator.position())
    }
}

extension ListFeedbackResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ListFeedbackResponse {
        ListFeedbackResponse(feedback: generator.list { Feedback.sample(&$0) })
    }
}

extension SeededGenerator {
    fileprivate mutating func command() -> LogCommand {
        switch number(0...5) {
        case 0:
            let vector = chance() ? vector() : []
            return .upsert(
                UpsertCommand(
                    vertical: vertical(),
                    text: utterance(),
                    path: path(),
                    vector: vector,
                    encoder: vector.isEmpty ? nil : model(),
                    origin: bytes(0...30)
                )
            )
        case 1: return .remove(RemoveCommand(vertical: vertical(), exemplar: exemplar()))
        case 2:
            return .setIntent(
                SetIntentCommand(
                    vertical: vertical(),
                    path: path(),
                    description: optional { $0.prose() },
                    phrase: optional { $0.prose() },
                    attributes: attributes(),
                    isEnabled: optional { $0.chance() }
                )
            )
        case 3: return .setKey(.add(key()))
        case 4: return .setKey(.revoke(key().name))
        default: return .setPolicy(PolicySet(scope: scope(), policy: optional { $0.policy() }))
        }
    }

    fileprivate mutating func fact() -> LogFact {
        switch number(0...6) {
        case 0:
            .exemplarUpserted(
                ExemplarUpserted(
                    vertical: vertical(),
                    text: optional { $0.utterance() },
                    path: path(),
                    vector: chance() ? vector() : [],
                    encoder: model(),
                    origin: bytes(0...30)
                )
            )
        case 1: .exemplarRemoved(ExemplarRemoved(vertical: vertical(), exemplar: exemplar()))
        case 2:
            .intentSet(
                IntentSet(
                    vertical: vertical(),
                    path: path(),
                    description: optional { $0.nonemptyProse() },
                    phrase: optional { $0.nonemptyProse() },
                    attributes: attributes(),
                    isEnabled: chance()
                )
            )
        case 3: .policySet(PolicySet(scope: scope(), policy: optional { $0.policy() }))
        case 4:
            .vectorSet(
                VectorSet(
                    vertical: vertical(),
                    exemplar: exemplar(),
                    vector: chance() ? vector() : [],
                    encoder: model()
                )
            )
        case 5: .keySet(chance() ? key() : key().revoked)
        default: .modelsSwitched(ModelsSwitched(encoder: model()))
        }
    }

    private mutating func scope() -> PolicyScope {
        switch number(0...2) {
        case 0: .vertical(vertical())
        case 1: .everywhere
        default: .builtin
        }
    }
}
