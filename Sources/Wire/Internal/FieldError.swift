internal import Core

/// What is wrong with a field, and where it stands in its message.
struct FieldError: Error {
    let code: StatusCode
    /// Such as `turns[3].text`; empty: the message as a whole.
    let path: String
    /// What was wrong and what is accepted, without the sender's text.
    let reason: String

    init(_ path: String, _ reason: String, code: StatusCode = .invalidArgument) {
        self.path = path
        self.reason = reason
        self.code = code
    }

    init(_ path: String, _ error: SwitchboardError) {
        self.init(path, error.message, code: error.code)
    }

    /// The same error as the message sees it that holds this one in a field.
    func inside(_ field: String) -> FieldError {
        FieldError(path.isEmpty ? field : field + "." + path, reason, code: code)
    }

    func error(in message: String) -> SwitchboardError {
        SwitchboardError(
            code,
            path.isEmpty ? "\(message): \(reason)" : "\(message).\(path): \(reason)",
            field: field
        )
    }

    /// The innermost field's name, without its place in a list.
    private var field: String? {
        path.split(separator: ".").last.map { String($0.prefix { $0 != "[" }) }
    }
}
