import Core
import SwitchboardClient

/// The paths of `--within`, and which of them no intent has: an answer does not tell, since nothing fits below such a path.
struct WithinPaths: Equatable {
    private var unseen: [String]

    /// - Parameter paths: those that are none at all are left to who refuses them.
    init(_ paths: [String]) {
        unseen = paths.compactMap { try? IntentPath($0).description }
    }

    mutating func note(_ intents: [IntentEntry]) {
        for entry in intents where entry.aliasOf == nil { unseen.removeAll { $0 == entry.intent } }
    }

    /// Once all intents were noted; nil: each path is an intent's.
    var warning: String? {
        guard !unseen.isEmpty else { return nil }
        let paths = unseen.map { "'\($0)'" }.joined(separator: ", ")
        return
            "no intent has the path \(paths) (--within), so nothing fits there; 'switchboard index watch' lists those that "
            + "there are"
    }
}
