internal import Core

/// How intents are named in an example, so that an adapter learns to read names and not these names.
///
/// What it never saw has to work as well, so some names say nothing: then the exemplars alone tell what an intent is.
enum LabelStyle: CaseIterable {
    case asGiven
    /// Each Word In Capitals.
    case capitals
    /// Below a group of some name.
    case grouped
    /// A code that says nothing.
    case code

    /// Mostly as given; shares by what callers' systems were seen to have, not fitted.
    static func random(using generator: inout SeededGenerator) -> LabelStyle {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<11: .asGiven
        case 11..<14: .capitals
        case 14..<17: .grouped
        default: .code
        }
    }

    private static let groups = ["service", "account", "requests", "support", "general", "home", "customer", "topics"]

    /// New names for all candidates of an example, each another.
    ///
    /// A name that would not be one any more, such as one too long, stays as it is.
    func names(_ intents: [IntentPath], using generator: inout SeededGenerator) -> [IntentPath: IntentPath] {
        let first = Int.random(in: 1...60, using: &generator)
        let group = Self.groups[Int.random(in: 0..<Self.groups.count, using: &generator)]
        let numbers = intents.indices.shuffled(using: &generator)
        var names: [IntentPath: IntentPath] = [:]
        for (intent, number) in zip(intents, numbers) {
            names[intent] = (try? name(intent, group: group, number: first + 7 * number)) ?? intent
        }
        return names
    }

    private func name(_ intent: IntentPath, group: String, number: Int) throws(SwitchboardError) -> IntentPath {
        switch self {
        case .asGiven: intent
        case .capitals: try IntentPath(levels: intent.levels.map(Self.capitalised))
        case .grouped: try IntentPath(levels: [group] + intent.levels)
        case .code: try IntentPath(levels: ["topic \(number)"])
        }
    }

    private static func capitalised(_ level: String) -> String {
        level.split { $0 == "_" || $0 == "-" || $0 == " " }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined(separator: " ")
    }
}
