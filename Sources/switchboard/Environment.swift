import Foundation

/// The variables that commands read: one that is empty counts as not set.
enum Environment {
    /// Of this process.
    static var variables: [String: String] { nonEmpty(ProcessInfo.processInfo.environment) }

    static func nonEmpty(_ variables: [String: String]) -> [String: String] {
        variables.filter { !$0.value.isEmpty }
    }
}
