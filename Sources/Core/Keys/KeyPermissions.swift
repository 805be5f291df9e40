/// Which calls a role may make: the one table of it.
///
/// A method that is not named here, of this version or a later one, is for admins alone.
package enum KeyPermissions {
    /// What a method does about keys that are limited to verticals.
    package enum VerticalRule: Sendable, Equatable {
        /// It concerns no vertical.
        case concernsNone
        /// It looks at the verticals of the request, or leaves the others out of its answer.
        case looks
        /// It cannot be limited, so that such keys may not call it.
        case refusesLimited
    }

    /// Who may call a method besides admins; nil: whoever has a key.
    package static func roles(for method: String) -> Set<KeyRole>? {
        let parts = method.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return [] }
        switch (parts[0], parts[1]) {
        case ("switchboard.v1.Health", _): return nil
        // A clusterer looks whether the index explains by now what it has, and which intents there are.
        case ("switchboard.v1.Router", "Classify"), ("switchboard.v1.Router", "Intents"): return [.classify, .worker]
        // Routers tell what callers and agents say, reviewers what they think themselves.
        case ("switchboard.v1.Router", "Feedback"): return [.classify, .review]
        case ("switchboard.v1.Retriever", "Encode"), ("switchboard.v1.Retriever", "Retrieve"),
            ("switchboard.v1.Scorer", "Score"):
            return [.publish, .worker]
        case ("switchboard.v1.Scorer", "Judge"), ("switchboard.v1.Scorer", "Name"), ("switchboard.v1.Worker", "Attach"):
            return [.worker]
        // Gateways hand on what nobody could explain.
        case ("switchboard.v1.Discovery", "Add"): return [.review, .worker]
        case ("switchboard.v1.Discovery", _): return [.review]
        case ("switchboard.v1.Index", let name): return indexRoles[String(name)] ?? []
        default: return []
        }
    }

    private static let indexRoles: [String: Set<KeyRole>] = [
        "Append": [.publish, .worker],
        "Publish": [.publish],
        "Undo": [.publish, .worker],
        // Tells less than what a follower gets; with it a worker's doctor knows the index's encoder.
        "Stats": [.publish],
        "History": [.publish],
        "Export": [.publish],
        "Follow": [.worker],
        "Snapshot": [.worker],
        "AddFeedback": [.worker],
        "ListFeedback": [.review],
    ]

    package static func verticalRule(of method: String) -> VerticalRule {
        switch method {
        case "switchboard.v1.Router/Classify", "switchboard.v1.Router/Feedback", "switchboard.v1.Router/Intents",
            "switchboard.v1.Retriever/Retrieve", "switchboard.v1.Index/Append", "switchboard.v1.Index/Publish",
            "switchboard.v1.Index/Export", "switchboard.v1.Index/Stats", "switchboard.v1.Index/ListFeedback",
            "switchboard.v1.Index/History", "switchboard.v1.Index/Undo", "switchboard.v1.Discovery/Add",
            "switchboard.v1.Discovery/Start", "switchboard.v1.Discovery/List", "switchboard.v1.Discovery/Show",
            "switchboard.v1.Discovery/Review", "switchboard.v1.Discovery/Watch":
            .looks
        case "switchboard.v1.Health/Check", "switchboard.v1.Health/Watch", "switchboard.v1.Retriever/Encode",
            "switchboard.v1.Scorer/Score":
            .concernsNone
        default: .refusesLimited
        }
    }

    /// Whether a call is an act of administration, to be written down: what only admins may call, and what erases for good.
    package static func isAdministrative(_ method: String) -> Bool {
        method == "switchboard.v1.Discovery/Purge" || roles(for: method)?.isEmpty == true
    }
}
