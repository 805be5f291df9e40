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
            waitLimit: generator.optional { $0.positiveDuration() },
            isDryRun: generator.chance()
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
                renamed: generator.number(0...1_000),
                merged: generator.number(0...1_000),
                described: generator.number(0...1_000),
                policies: generator.number(0...1_000),
                left: generator.list { $0.leftThing() },
                leftCount: generator.number(0...Int.max),
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
                FollowApplied(
                    sequence: generator.sequence(),
                    encoders: generator.list { $0.model() },
                    nextEncoder: generator.optional { $0.model() },
                    graphsDue: generator.number(0...1_000)
                )
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
                FollowHeartbeat(
                    head: generator.position(),
                    epoch: generator.word(),
                    digest: generator.digest(),
                    nextEncoder: generator.optional { $0.model() }
                )
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

extension HistoryRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> HistoryRequest {
        HistoryRequest(
            vertical: generator.optional { $0.vertical() },
            after: generator.sequence(),
            isNewestFirst: generator.chance(),
            limit: generator.number(0...1_000),
            change: generator.bytes(0...64)
        )
    }
}

extension HistoryEntry: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> HistoryEntry {
        HistoryEntry(
            stamp: OperationStamp(
                operation: generator.bytes(1...64),
                change: generator.bytes(0...64),
                source: generator.prose(),
                author: generator.prose(),
                timeMicroseconds: Int64(bitPattern: generator.word())
            ),
            first: generator.sequence(),
            last: generator.sequence(),
            counts: generator.list { KindCount(kind: $0.element(of: RecordKind.self), count: $0.number(1...1_000)) },
            verticals: generator.list { $0.vertical() }
        )
    }
}

extension RollbackRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> RollbackRequest {
        RollbackRequest(
            to: generator.sequence(),
            vertical: generator.optional { $0.vertical() },
            way: generator.way()
        )
    }
}

extension UndoRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> UndoRequest {
        UndoRequest(change: generator.bytes(1...64), way: generator.way())
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
            encoder: generator.optional { $0.model() },
            relabelled: generator.number(0...1_000)
        )
    }
}

extension SnapshotRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> SnapshotRequest {
        SnapshotRequest(
            begun: generator.optional { $0.snapshotFile() },
            offset: generator.number(0...Int.max),
            namesOnly: generator.chance(),
            makesNew: generator.chance()
        )
    }
}

extension SnapshotResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> SnapshotResponse {
        SnapshotResponse(
            beginning: generator.optional { .init(file: $0.snapshotFile(), size: $0.number(0...Int.max)) },
            offset: generator.number(0...Int.max),
            chunk: generator.bytes(0...400)
        )
    }
}

extension SeededGenerator {
    fileprivate mutating func snapshotFile() -> SnapshotFile {
        SnapshotFile(position: position(), checksum: bytes(32...32))
    }
}

extension TrimRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> TrimRequest {
        TrimRequest(before: generator.policySequence())
    }
}

extension TrimResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> TrimResponse {
        TrimResponse(first: generator.sequence())
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
            behind: generator.list { $0.prose() },
            graphsDue: generator.number(0...1_000)
        )
    }
}

extension PurgeRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> PurgeRequest {
        let selection: PurgeSelection =
            switch generator.number(0...2) {
            case 0: .exemplars([generator.exemplar()] + generator.list { $0.exemplar() })
            case 1: .origin(generator.bytes(1...30), in: generator.optional { $0.vertical() })
            default: .vertical(generator.vertical())
            }
        return PurgeRequest(
            selection,
            isDryRun: generator.chance(),
            change: generator.bytes(0...30),
            author: generator.prose(),
            operation: generator.bytes(0...30)
        )
    }
}

extension PurgeReceipt: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> PurgeReceipt {
        PurgeReceipt(
            position: generator.position(),
            removed: generator.number(0...Int.max),
            blanked: generator.number(0...Int.max),
            feedback: generator.number(0...Int.max),
            isMore: generator.chance(),
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
        switch number(0...8) {
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
        case 3: return .rename(RenameCommand(vertical: vertical(), from: path(), to: path()))
        case 4: return .merge(MergeCommand(vertical: vertical(), from: path(), into: path()))
        case 5: return .setPolicy(PolicySet(scope: scope(), policy: optional { $0.policy() }))
        case 6: return .setKey(.add(key()))
        case 7: return .setKey(.revoke(key().name))
        default:
            let parts = policy()
            guard parts.retrieval != nil || parts.llm != nil else {
                return .setPolicy(PolicySet(scope: scope(), policy: parts))
            }
            return .amendPolicy(scope(), parts)
        }
    }

    fileprivate mutating func fact() -> LogFact {
        switch number(0...11) {
        case 0:
            .exemplarUpserted(
                ExemplarUpserted(
                    vertical: vertical(),
                    text: optional { $0.utterance() },
                    path: path(),
                    vector: chance() ? vector() : [],
                    encoder: model(),
                    origin: bytes(0...30),
                    intent: optional { $0.intentID() }
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
        case 5: .modelsSwitched(ModelsSwitched(encoder: model()))
        case 6: .exemplarBlanked(ExemplarBlanked(vertical: vertical(), kind: blankedKind()))
        case 7: .purged(Purged(blanked: list { LogSequence($0.word()) }, verticals: list { $0.vertical() }))
        case 8: .intentRenamed(IntentRenamed(intent: intentID(), newPath: path()))
        case 9: .intentsMerged(IntentsMerged(from: intentID(), into: intentID()))
        case 10: .keySet(chance() ? key() : key().revoked)
        default:
            .intentRestored(
                IntentRestored(intent: intentID(), path: path(), aliasOf: optional { $0.intentID() })
            )
        }
    }

    private mutating func blankedKind() -> ExemplarBlanked.Kind {
        switch number(0...2) {
        case 0: .upserted(path(), encoder: model())
        case 1: .removed
        default: .vectorSet(encoder: model())
        }
    }

    fileprivate mutating func leftThing() -> LeftThing {
        switch number(0...2) {
        case 0: LeftThing(.exemplar(exemplar()), prose())
        case 1: LeftThing(.intent(intentID()), prose())
        default: LeftThing(.policy(scope()), prose())
        }
    }

    fileprivate mutating func way() -> ReversalWay {
        ReversalWay(
            source: prose(),
            author: prose(),
            isDryRun: chance(),
            wait: element(of: Wait.self)
        )
    }

    private mutating func scope() -> PolicyScope {
        switch number(0...2) {
        case 0: .vertical(vertical())
        case 1: .everywhere
        default: .builtin
        }
    }
}
