package import Core

/// Which gold label each name of a cluster is nearest to, beside the one that most of the cluster has: what a share of
/// right names is counted from, and a person can check.
package struct NameTable: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        package var name: String
        package var source: ProposalName.Source
        package var keywords: [String]
        /// Labelled rows of the cluster.
        package var size: Int
        package var majority: NamedIntent
        /// The majority's share of the cluster.
        package var share: Double
        /// The gold label whose text is nearest to the name's.
        package var nearest: NamedIntent
        package var similarity: Double

        package var isRight: Bool { nearest == majority }
    }

    /// Largest clusters first.
    package let rows: [Row]

    /// Share of the names whose nearest label is the majority's; nil: there is no name.
    package var right: Double? { Measure.share(rows.map(\.isRight)) }

    /// - Parameters:
    ///   - proposals: those that are shown as intents.
    ///   - majorities: of each proposal; one without is left out.
    ///   - labels: the gold labels.
    ///   - encode: unit vectors of texts.
    package init(
        _ proposals: [Proposal],
        majorities: [Majority?],
        labels: [NamedIntent],
        encode: ([UtteranceText]) async throws -> [[Float]],
    ) async throws {
        let labels = Set(labels).sorted()
        let named = zip(proposals, majorities).compactMap { proposal, majority in majority.map { (proposal, $0) } }
        guard !labels.isEmpty, !named.isEmpty else {
            rows = []
            return
        }
        let labelVectors = try await encode(try labels.map { try Self.words($0.path.levels.joined(separator: " ")) })
        let nameVectors = try await encode(try named.map { try Self.words($0.0.name.label) })
        rows = zip(named, nameVectors).map { entry, vector in
            let (proposal, majority) = entry
            let similarities = labelVectors.map { zip($0, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
            // Labels of other verticals are no answers; of equally near ones the first.
            let nearest = labels.indices.filter { labels[$0].vertical == majority.label.vertical }
                .max { similarities[$0] != similarities[$1] ? similarities[$0] < similarities[$1] : $0 > $1 }
            // The majority's own label is of its vertical.
            let place = nearest!
            return Row(
                name: proposal.name.label,
                source: proposal.name.source,
                keywords: proposal.keywords,
                size: majority.size,
                majority: majority.label,
                share: majority.share,
                nearest: labels[place],
                similarity: Double(similarities[place])
            )
        }.sorted { $0.size != $1.size ? $0.size > $1.size : $0.name < $1.name }
    }

    /// A label as a sentence: `cancel-order`, `cancel_order`, `CancelOrder` and `orders/cancel` alike become words.
    ///
    /// - Throws: where nothing is left of it.
    package static func words(_ label: String) throws(SwitchboardError) -> UtteranceText {
        var words = ""
        var previous: Character?
        for letter in label {
            let isBoundary = letter.isUppercase && previous.map { $0.isLowercase || $0.isNumber } ?? false
            if isBoundary { words += " " }
            words += "-_/".contains(letter) ? " " : letter.lowercased()
            previous = letter
        }
        return try UtteranceText(words)
    }

    /// Tab-separated, with a header; no text of a caller.
    package var lines: [String] {
        ["right\tsize\tshare\tname\tsource\tmajority\tnearest\tsimilarity\tkeywords"]
            + rows.map { row in
                [
                    row.isRight ? "yes" : "no", "\(row.size)", row.share.formatted(2), row.name, row.source.rawValue,
                    row.majority.path.description, row.nearest.path.description, row.similarity.formatted(2),
                    row.keywords.joined(separator: " "),
                ].joined(separator: "\t")
            }
    }
}
