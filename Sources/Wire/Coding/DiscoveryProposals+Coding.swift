internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension DiscoveryListRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryListRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryListRequest>) {
        switchboard__v1__discovery_list_request__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryListRequest) throws(FieldError) {
        self.init(
            run: try message.run_id.optionalBits("run_id"),
            includesHidden: message.hidden != 0,
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            limit: message.limit == 0
                ? Self.defaultLimit : try Read.count(message.limit, "limit", atMost: UInt32(Self.maximumLimit)),
            after: try Read.count(message.after, "after")
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryListRequest, _ arena: inout Arena) {
        if let run { message.run_id = arena.data(run) }
        message.hidden = boolean(includesHidden)
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        message.limit = UInt32(clamping: limit)
        message.after = UInt64(clamping: after)
    }
}

/// A proposal with what all of its members come to.
struct ListedProposal {
    var proposal: Proposal
    var size: Int
    var calls: Int
    var conversations: Int
}

extension ListedProposal: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ListedProposal>) {
        switchboard__v1__listed_proposal__init(message)
    }

    init(_ message: Switchboard__V1__ListedProposal) throws(FieldError) {
        self.init(
            proposal: try Read.needed(message.proposal, "proposal"),
            size: try Read.count(message.size, "size"),
            calls: try Read.count(message.calls, "calls"),
            conversations: try Read.count(message.conversations, "conversations")
        )
    }

    func fill(_ message: inout Switchboard__V1__ListedProposal, _ arena: inout Arena) {
        message.proposal = arena.message(of: proposal)
        message.size = UInt64(clamping: size)
        message.calls = UInt64(clamping: calls)
        message.conversations = UInt64(clamping: conversations)
    }
}

extension DiscoveryListResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryListResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryListResponse>) {
        switchboard__v1__discovery_list_response__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryListResponse) throws(FieldError) {
        let listed: [ListedProposal] = try Read.messages(
            message.proposals,
            message.n_proposals,
            "proposals",
            atMost: DiscoveryListRequest.maximumLimit
        )
        self.init(
            proposals: listed.map(\.proposal),
            sizes: listed.map(\.size),
            runs: try Read.messages(message.runs, message.n_runs, "runs", atMost: Limits.maximumItems),
            calls: listed.map(\.calls),
            conversations: listed.map(\.conversations),
            isMore: message.more != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryListResponse, _ arena: inout Arena) {
        let listed = proposals.indices.map { place in
            ListedProposal(
                proposal: proposals[place],
                size: sizes[place],
                calls: calls[place],
                conversations: conversations[place]
            )
        }
        message.n_proposals = listed.count
        message.proposals = arena.messages(of: listed)
        message.n_runs = runs.count
        message.runs = arena.messages(of: runs)
        message.more = boolean(isMore)
    }
}
