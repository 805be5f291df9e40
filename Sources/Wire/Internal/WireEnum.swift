internal import Core
internal import SwitchboardProtos

/// An enumeration whose values have numbers in Protos/; zero is never one of them.
protocol WireEnum: CaseIterable, Equatable {
    /// Made by protoc-c from the same enumeration.
    associatedtype Number: RawRepresentable<UInt32>

    var number: Number { get }
}

extension WireEnum {
    /// - Throws: where the number is zero or unknown, naming the numbers that are accepted.
    init(_ number: Number, _ field: String) throws(FieldError) {
        guard let value = Self.named(number) else {
            throw FieldError(field, "\(number.rawValue) is not accepted; \(Self.acceptedNumbers) are")
        }
        self = value
    }

    /// Nil for zero.
    static func optional(_ number: Number, _ field: String) throws(FieldError) -> Self? {
        number.rawValue == 0 ? nil : try Self(number, field)
    }

    /// Nil where the number is zero or unknown.
    static func named(_ number: Number) -> Self? {
        for value in allCases where value.number.rawValue == number.rawValue { return value }
        return nil
    }

    /// The number to write where the value may be absent.
    static func number(of value: Self?) -> Number {
        // A C enumeration takes any number.
        value?.number ?? Number(rawValue: 0)!
    }

    private static var acceptedNumbers: String {
        allCases.map { String($0.number.rawValue) }.joined(separator: ", ")
    }
}

extension FrameKind: WireEnum {
    var number: Switchboard__V1__FrameKind {
        switch self {
        case .call: SWITCHBOARD__V1__FRAME_KIND__FRAME_KIND_CALL
        case .message: SWITCHBOARD__V1__FRAME_KIND__FRAME_KIND_MESSAGE
        case .halfClose: SWITCHBOARD__V1__FRAME_KIND__FRAME_KIND_HALF_CLOSE
        case .reply: SWITCHBOARD__V1__FRAME_KIND__FRAME_KIND_REPLY
        case .cancel: SWITCHBOARD__V1__FRAME_KIND__FRAME_KIND_CANCEL
        case .grant: SWITCHBOARD__V1__FRAME_KIND__FRAME_KIND_GRANT
        }
    }
}

extension LLMMode: WireEnum {
    var number: Switchboard__V1__LlmMode {
        switch self {
        case .off: SWITCHBOARD__V1__LLM_MODE__LLM_MODE_OFF
        case .auto: SWITCHBOARD__V1__LLM_MODE__LLM_MODE_AUTO
        case .always: SWITCHBOARD__V1__LLM_MODE__LLM_MODE_ALWAYS
        }
    }
}

extension Role: WireEnum {
    var number: Switchboard__V1__Role {
        switch self {
        case .caller: SWITCHBOARD__V1__ROLE__ROLE_CALLER
        case .agent: SWITCHBOARD__V1__ROLE__ROLE_AGENT
        }
    }
}

extension Outcome: WireEnum {
    var number: Switchboard__V1__Outcome {
        switch self {
        case .route: SWITCHBOARD__V1__OUTCOME__OUTCOME_ROUTE
        case .clarify: SWITCHBOARD__V1__OUTCOME__OUTCOME_CLARIFY
        case .unknown: SWITCHBOARD__V1__OUTCOME__OUTCOME_UNKNOWN
        }
    }
}

extension DecidedBy: WireEnum {
    var number: Switchboard__V1__DecidedBy {
        switch self {
        case .exact: SWITCHBOARD__V1__DECIDED_BY__DECIDED_BY_EXACT
        case .retrieval: SWITCHBOARD__V1__DECIDED_BY__DECIDED_BY_RETRIEVAL
        case .llm: SWITCHBOARD__V1__DECIDED_BY__DECIDED_BY_LLM
        case .degraded: SWITCHBOARD__V1__DECIDED_BY__DECIDED_BY_DEGRADED
        }
    }
}

extension FeedbackSource: WireEnum {
    var number: Switchboard__V1__FeedbackSource {
        switch self {
        case .caller: SWITCHBOARD__V1__FEEDBACK_SOURCE__FEEDBACK_SOURCE_CALLER
        case .agent: SWITCHBOARD__V1__FEEDBACK_SOURCE__FEEDBACK_SOURCE_AGENT
        case .analyst: SWITCHBOARD__V1__FEEDBACK_SOURCE__FEEDBACK_SOURCE_ANALYST
        }
    }
}

extension Priority: WireEnum {
    var number: Switchboard__V1__Priority {
        switch self {
        case .live: SWITCHBOARD__V1__PRIORITY__PRIORITY_LIVE
        case .updates: SWITCHBOARD__V1__PRIORITY__PRIORITY_UPDATES
        case .discovery: SWITCHBOARD__V1__PRIORITY__PRIORITY_DISCOVERY
        }
    }
}

extension ConflictRule: WireEnum {
    var number: Switchboard__V1__OnConflict {
        switch self {
        case .relabel: SWITCHBOARD__V1__ON_CONFLICT__ON_CONFLICT_RELABEL
        case .keep: SWITCHBOARD__V1__ON_CONFLICT__ON_CONFLICT_KEEP
        case .reject: SWITCHBOARD__V1__ON_CONFLICT__ON_CONFLICT_REJECT
        }
    }
}

extension Wait: WireEnum {
    var number: Switchboard__V1__Wait {
        switch self {
        case .durable: SWITCHBOARD__V1__WAIT__WAIT_DURABLE
        case .applied: SWITCHBOARD__V1__WAIT__WAIT_APPLIED
        }
    }
}

extension ServingStatus: WireEnum {
    var number: Switchboard__V1__ServingStatus {
        switch self {
        case .serving: SWITCHBOARD__V1__SERVING_STATUS__SERVING_STATUS_SERVING
        case .notServing: SWITCHBOARD__V1__SERVING_STATUS__SERVING_STATUS_NOT_SERVING
        }
    }
}
