package import Core

/// A name as it is said, for an encoder: `cancel-order` as two words.
package enum SpokenName {
    /// - Throws: where nothing is left of it.
    package static func text(of label: String) throws(SwitchboardError) -> UtteranceText {
        try UtteranceText(String(label.map { $0 == "-" || $0 == "_" ? " " : $0 }))
    }
}
