import Foundation

/// The data directory that a command works on without asking a node: flag, environment, default.
enum DataPlace {
    static func path(_ flag: String?, environment: [String: String] = Environment.variables) -> String {
        flag ?? environment["SWITCHBOARD_DATA"] ?? standard(environment)
    }

    /// Where a node keeps its data when it is told nothing.
    static func standard(_ environment: [String: String]) -> String {
        if let base = environment["XDG_DATA_HOME"] { return base + "/switchboard" }
        return (environment["HOME"] ?? "") + "/.local/share/switchboard"
    }
}
