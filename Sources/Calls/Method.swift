internal import Core
package import Wire

/// A method of the contract: its name on the wire, what goes in and what comes out.
package struct Method<Request: WireMessage, Response: WireMessage>: Sendable {
    /// Such as `switchboard.v1.Router/Classify`.
    package let name: String
    package let limits: MethodLimits

    package init(_ name: String, limits: MethodLimits = .unary) {
        self.name = name
        self.limits = limits
    }
}

/// What holds for a call that says nothing itself.
package struct MethodLimits: Sendable {
    package static let maximumUnaryTime = Duration.seconds(60)
    package static let defaultUnaryTime = Duration.seconds(2)
    package static let unary = MethodLimits(isStream: false, defaultTime: defaultUnaryTime)
    /// Waits for the disk, and perhaps for an encoder.
    package static let append = MethodLimits(isStream: false, defaultTime: .seconds(30))
    /// Waits for the language model, behind all that callers ask.
    package static let cluster = MethodLimits(isStream: false, defaultTime: .seconds(30))
    package static let stream = MethodLimits(isStream: true, defaultTime: nil)

    package let isStream: Bool
    /// Nil: no deadline.
    package let defaultTime: Duration?
}

/// The service of a method name: what stands before the slash.
package func serviceName(ofMethod name: String) -> Substring {
    name.prefix { $0 != "/" }
}

/// Every method that is served today.
package enum Methods {
    package static let classify = Method<ClassifyRequest, ClassifyResponse>("switchboard.v1.Router/Classify")
    package static let feedback = Method<FeedbackRequest, FeedbackResponse>("switchboard.v1.Router/Feedback")
    package static let intents = Method<IntentsRequest, IntentsResponse>(
        "switchboard.v1.Router/Intents",
        limits: .stream
    )

    package static let encode = Method<EncodeRequest, EncodeResponse>("switchboard.v1.Retriever/Encode")
    package static let retrieve = Method<RetrieveRequest, RetrieveResponse>("switchboard.v1.Retriever/Retrieve")
    package static let score = Method<ScoreRequest, ScoreResponse>("switchboard.v1.Scorer/Score")
    package static let judge = Method<JudgeRequest, JudgeResponse>("switchboard.v1.Scorer/Judge", limits: .cluster)
    package static let name = Method<NameRequest, NameResponse>("switchboard.v1.Scorer/Name", limits: .cluster)

    package static let attach = Method<WorkerMessage, GatewayMessage>("switchboard.v1.Worker/Attach", limits: .stream)

    package static let append = Method<AppendRequest, AppendReply>("switchboard.v1.Index/Append", limits: .append)
    package static let publish = Method<AppendRequest, AppendReply>("switchboard.v1.Index/Publish", limits: .stream)
    package static let follow = Method<FollowRequest, FollowResponse>("switchboard.v1.Index/Follow", limits: .stream)
    package static let export = Method<ExportRequest, ExportResponse>("switchboard.v1.Index/Export", limits: .stream)
    package static let history = Method<HistoryRequest, HistoryEntry>(
        "switchboard.v1.Index/History",
        limits: .stream
    )
    package static let rollback = Method<RollbackRequest, AppendReply>(
        "switchboard.v1.Index/Rollback",
        limits: .append
    )
    package static let undo = Method<UndoRequest, AppendReply>("switchboard.v1.Index/Undo", limits: .append)
    package static let reencode = Method<ReencodeRequest, ReencodeResponse>(
        "switchboard.v1.Index/Reencode",
        limits: .stream
    )
    package static let purge = Method<PurgeRequest, PurgeReceipt>("switchboard.v1.Index/Purge", limits: .append)
    package static let snapshot = Method<SnapshotRequest, SnapshotResponse>(
        "switchboard.v1.Index/Snapshot",
        limits: .stream
    )
    package static let trim = Method<TrimRequest, TrimResponse>("switchboard.v1.Index/Trim", limits: .append)
    package static let stats = Method<StatsRequest, StatsResponse>("switchboard.v1.Index/Stats")
    package static let addFeedback = Method<FeedbackRequest, FeedbackResponse>("switchboard.v1.Index/AddFeedback")
    package static let listFeedback = Method<ListFeedbackRequest, ListFeedbackResponse>(
        "switchboard.v1.Index/ListFeedback",
        limits: .stream
    )

    package static let listKeys = Method<ListKeysRequest, ListKeysResponse>(
        "switchboard.v1.Index/ListKeys",
        limits: .stream
    )

    package static let discoveryAdd = Method<DiscoveryAddRequest, DiscoveryAddResponse>(
        "switchboard.v1.Discovery/Add",
        limits: .append
    )
    package static let discoveryStart = Method<DiscoveryStartRequest, DiscoveryStartResponse>(
        "switchboard.v1.Discovery/Start",
        limits: .append
    )
    package static let discoveryCancel = Method<DiscoveryCancelRequest, DiscoveryCancelResponse>(
        "switchboard.v1.Discovery/Cancel"
    )
    package static let discoveryWatch = Method<DiscoveryWatchRequest, DiscoveryWatchResponse>(
        "switchboard.v1.Discovery/Watch",
        limits: .stream
    )
    package static let discoveryList = Method<DiscoveryListRequest, DiscoveryListResponse>(
        "switchboard.v1.Discovery/List"
    )
    package static let discoveryShow = Method<DiscoveryShowRequest, DiscoveryShowResponse>(
        "switchboard.v1.Discovery/Show"
    )
    package static let discoveryReview = Method<DiscoveryReviewRequest, DiscoveryReviewResponse>(
        "switchboard.v1.Discovery/Review",
        limits: .append
    )
    package static let discoveryPurge = Method<DiscoveryPurgeRequest, DiscoveryPurgeResponse>(
        "switchboard.v1.Discovery/Purge",
        limits: .append
    )

    package static let healthCheck = Method<HealthRequest, HealthResponse>("switchboard.v1.Health/Check")
    package static let healthWatch = Method<HealthRequest, HealthResponse>(
        "switchboard.v1.Health/Watch",
        limits: .stream
    )
}
