internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension StatsRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.StatsRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__StatsRequest>) {
        switchboard__v1__stats_request__init(message)
    }

    init(_ message: Switchboard__V1__StatsRequest) throws(FieldError) {
        self.init()
    }

    func fill(_ message: inout Switchboard__V1__StatsRequest, _ arena: inout Arena) {
        // It has no fields.
    }
}

extension VerticalStats: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__VerticalStats>) {
        switchboard__v1__vertical_stats__init(message)
    }

    init(_ message: Switchboard__V1__VerticalStats) throws(FieldError) {
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            exemplars: try Read.count(message.exemplars, "exemplars"),
            intents: try Read.count(message.intents, "intents")
        )
    }

    func fill(_ message: inout Switchboard__V1__VerticalStats, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.exemplars = UInt64(clamping: exemplars)
        message.intents = UInt64(clamping: intents)
    }
}

extension StatsResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.StatsResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__StatsResponse>) {
        switchboard__v1__stats_response__init(message)
    }

    init(_ message: Switchboard__V1__StatsResponse) throws(FieldError) {
        self.init(
            position: try Read.needed(message.position, "position"),
            epoch: message.epoch,
            digest: StateDigest(try message.digest.bits("digest")),
            verticals: try Read.messages(message.verticals, message.n_verticals, "verticals"),
            logBytes: try Read.count(message.log_bytes, "log_bytes"),
            feedback: try Read.count(message.feedback, "feedback"),
            feedbackConfirmed: try Read.count(message.feedback_confirmed, "feedback_confirmed"),
            feedbackCallers: try Read.count(message.feedback_callers, "feedback_callers"),
            followers: try Read.strings(message.followers, message.n_followers, "followers"),
            encoder: try message.encoder_id.optionalModel("encoder_id"),
            relabelled: try Read.count(message.relabelled, "relabelled")
        )
    }

    func fill(_ message: inout Switchboard__V1__StatsResponse, _ arena: inout Arena) {
        message.position = arena.message(of: position)
        message.epoch = epoch
        message.digest = arena.data(digest.sum)
        message.n_verticals = verticals.count
        message.verticals = arena.messages(of: verticals)
        message.log_bytes = UInt64(clamping: logBytes)
        message.feedback = UInt64(clamping: feedback)
        message.feedback_confirmed = UInt64(clamping: feedbackConfirmed)
        message.feedback_callers = UInt64(clamping: feedbackCallers)
        message.n_followers = followers.count
        message.followers = arena.strings(followers)
        if let encoder { message.encoder_id = arena.data(encoder.bytes) }
        message.relabelled = UInt64(clamping: relabelled)
    }
}
