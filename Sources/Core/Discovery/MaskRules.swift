/// What is masked in which vertical.
package struct MaskRules: Sendable, Hashable {
    /// Where a vertical has none of its own.
    package var standard: TextMask
    package var verticals: [Vertical: TextMask]

    package init(standard: TextMask = .all, verticals: [Vertical: TextMask] = [:]) {
        self.standard = standard
        self.verticals = verticals
    }

    /// Reads rules as an operator writes them: `numbers,emails` for all verticals, `bank=none` for one; with blanks or
    /// semicolons between several. Nothing: all kinds everywhere.
    ///
    /// - Throws: `.invalidArgument` naming the word that is none of the accepted ones.
    package init(_ written: String) throws(SwitchboardError) {
        self.init()
        var hasStandard = false
        for rule in written.split(whereSeparator: { $0 == " " || $0 == ";" }) {
            let parts = rule.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let mask = try TextMask(written: parts[parts.count - 1])
            if parts.count == 2 {
                let vertical = try Vertical(String(parts[0]))
                guard verticals.updateValue(mask, forKey: vertical) == nil else {
                    throw .invalid("what is masked in vertical '\(vertical)' is said twice")
                }
            } else {
                guard !hasStandard else {
                    throw .invalid("what is masked everywhere is said twice; one vertical's is written VERTICAL=KINDS")
                }
                standard = mask
                hasStandard = true
            }
        }
    }

    package func mask(of vertical: Vertical) -> TextMask { verticals[vertical] ?? standard }

    /// An entry with its text masked.
    package func masked(_ entry: PoolEntry) -> PoolEntry {
        var entry = entry
        entry.text = mask(of: entry.vertical).masked(entry.text)
        return entry
    }
}

extension TextMask {
    /// - Parameter written: kinds with commas between, `all` or `none`.
    fileprivate init(written: Substring) throws(SwitchboardError) {
        switch written {
        case "all": self = .all
        case "none": self = .none
        default:
            var kinds: Set<Kind> = []
            for word in written.split(separator: ",", omittingEmptySubsequences: false) {
                guard let kind = Kind(rawValue: String(word)) else {
                    let accepted = Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .invalid("'\(word)' cannot be masked; accepted are \(accepted), or all, or none")
                }
                kinds.insert(kind)
            }
            self = TextMask(kinds)
        }
    }
}
