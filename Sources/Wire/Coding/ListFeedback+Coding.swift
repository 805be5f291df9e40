internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension ListFeedbackRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.ListFeedbackRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ListFeedbackRequest>) {
        switchboard__v1__list_feedback_request__init(message)
    }

    init(_ message: Switchboard__V1__ListFeedbackRequest) throws(FieldError) {
        self.init(after: message.after)
    }

    func fill(_ message: inout Switchboard__V1__ListFeedbackRequest, _ arena: inout Arena) {
        message.after = after
    }
}

extension ListFeedbackResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.ListFeedbackResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ListFeedbackResponse>) {
        switchboard__v1__list_feedback_response__init(message)
    }

    init(_ message: Switchboard__V1__ListFeedbackResponse) throws(FieldError) {
        self.init(feedback: try Read.messages(message.feedback, message.n_feedback, "feedback"))
    }

    func fill(_ message: inout Switchboard__V1__ListFeedbackResponse, _ arena: inout Arena) {
        message.n_feedback = feedback.count
        message.feedback = arena.messages(of: feedback)
    }
}
