/// One thing about an installation that was looked at: how it stands, and how to mend it.
package struct DoctorCheck: Sendable, Codable, Equatable {
    /// How it stands.
    package enum State: String, Sendable, Codable {
        case ok
        /// A node works, but not as well as it could, or not for long.
        case warning
        /// A node does not start, or does not answer.
        case problem
    }

    /// What was looked at, in a word or two.
    package let name: String
    package let state: State
    /// What was found.
    package let detail: String
    /// What to do; nil where all is well.
    package let remedy: String?

    private init(name: String, state: State, detail: String, remedy: String?) {
        self.name = name
        self.state = state
        self.detail = detail
        self.remedy = remedy
    }

    package static func ok(_ name: String, _ detail: String) -> DoctorCheck {
        DoctorCheck(name: name, state: .ok, detail: detail, remedy: nil)
    }

    package static func warning(_ name: String, _ detail: String, remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, state: .warning, detail: detail, remedy: remedy)
    }

    package static func problem(_ name: String, _ detail: String, remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, state: .problem, detail: detail, remedy: remedy)
    }
}
