/// An intent's own thresholds, in place of those of the policy: attributes that a person sets, and that the intents below
/// it inherit like any other.
///
/// What is not said, or said as an empty text, is the policy's.
package struct IntentThresholds: Sendable, Hashable {
    /// ROUTE needs at least this sureness.
    package var routeScore: Double?
    /// CLARIFY where the second comes closer than this.
    package var clarifyMargin: Double?
    /// UNKNOWN below this familiarity where the intent leads.
    package var minimumFamiliarity: Double?

    /// Beyond 0 and 1 for always and never.
    private static let accepted = -10.0...10.0

    private enum Name: String, CaseIterable {
        case routeScore = "policy.route_score"
        case clarifyMargin = "policy.clarify_margin"
        case minimumFamiliarity = "policy.min_familiarity"
    }

    /// What is no figure, in a log from before these names meant anything, is passed over.
    package init(_ attributes: [String: String]) {
        routeScore = Self.figure(.routeScore, attributes)
        clarifyMargin = Self.figure(.clarifyMargin, attributes)
        minimumFamiliarity = Self.figure(.minimumFamiliarity, attributes)
    }

    /// - Throws: `.invalidArgument` where one of the names has a value that is neither empty nor an accepted figure.
    package static func check(_ attributes: [String: String]) throws(SwitchboardError) {
        for name in Name.allCases {
            guard let written = attributes[name.rawValue], !written.isEmpty, figure(name, attributes) == nil else {
                continue
            }
            throw .invalid(
                "the attribute \(name.rawValue) is '\(written.prefix(20))'; a number from \(accepted.lowerBound) to "
                    + "\(accepted.upperBound) is accepted, or nothing for the policy's own",
                field: name.rawValue
            )
        }
    }

    private static func figure(_ name: Name, _ attributes: [String: String]) -> Double? {
        guard let written = attributes[name.rawValue], let figure = Double(written), accepted.contains(figure) else {
            return nil
        }
        return figure
    }
}
