internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension DiscoveryShowRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryShowRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryShowRequest>) {
        switchboard__v1__discovery_show_request__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryShowRequest) throws(FieldError) {
        self.init(
            proposal: try message.proposal_id.bits("proposal_id"),
            run: try message.run_id.optionalBits("run_id"),
            trajectories: message.trajectories != 0,
            limit: message.limit == 0
                ? Self.defaultLimit : try Read.count(message.limit, "limit", atMost: UInt32(Self.maximumLimit)),
            after: try Read.count(message.after, "after")
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryShowRequest, _ arena: inout Arena) {
        message.proposal_id = arena.data(proposal)
        if let run { message.run_id = arena.data(run) }
        message.trajectories = boolean(trajectories)
        message.limit = UInt32(clamping: limit)
        message.after = UInt64(clamping: after)
    }
}

extension DiscoveryShowResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryShowResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryShowResponse>) {
        switchboard__v1__discovery_show_response__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryShowResponse) throws(FieldError) {
        self.init(
            proposal: try Read.needed(message.proposal, "proposal"),
            history: try Read.messages(message.history, message.n_history, "history", atMost: Self.maximumHistory),
            begun: try Read.optional(message.begun, "begun"),
            trajectories: try Read.messages(
                message.trajectories,
                message.n_trajectories,
                "trajectories",
                atMost: Self.maximumTrajectories
            ),
            size: try Read.count(message.size, "size"),
            calls: try Read.count(message.calls, "calls"),
            conversations: try Read.count(message.conversations, "conversations")
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryShowResponse, _ arena: inout Arena) {
        message.proposal = arena.message(of: proposal)
        message.n_history = history.count
        message.history = arena.messages(of: history)
        message.begun = arena.message(ofAny: begun)
        message.n_trajectories = trajectories.count
        message.trajectories = arena.messages(of: trajectories)
        message.size = UInt64(clamping: size)
        message.calls = UInt64(clamping: calls)
        message.conversations = UInt64(clamping: conversations)
    }
}

extension DiscoveryReviewRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryReviewRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryReviewRequest>) {
        switchboard__v1__discovery_review_request__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryReviewRequest) throws(FieldError) {
        self.init(
            proposal: try message.proposal_id.bits("proposal_id"),
            action: try Read.needed(message.action, "action"),
            operation: try message.operation_id.bits("operation_id"),
            author: try message.author.prose("author", atMost: Limits.maximumReferenceBytes)
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryReviewRequest, _ arena: inout Arena) {
        message.proposal_id = arena.data(proposal)
        message.action = arena.message(of: action)
        message.operation_id = arena.data(operation)
        message.author = arena.data(author)
    }
}

extension DiscoveryReviewResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryReviewResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryReviewResponse>) {
        switchboard__v1__discovery_review_response__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryReviewResponse) throws(FieldError) {
        self.init(
            proposal: try Read.needed(message.proposal, "proposal"),
            receipt: try Read.optional(message.receipt, "receipt"),
            others: try Read.messages(message.others, message.n_others, "others", atMost: Self.maximumOthers)
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryReviewResponse, _ arena: inout Arena) {
        message.proposal = arena.message(of: proposal)
        message.receipt = arena.message(ofAny: receipt)
        message.n_others = others.count
        message.others = arena.messages(of: others)
    }
}
