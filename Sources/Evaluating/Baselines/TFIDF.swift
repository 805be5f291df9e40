internal import Foundation

/// Texts as vectors of unit length in which each term weighs (1 + ln tf) x (1 + ln((1 + n) / (1 + df))): tf how often
/// it stands in the text, df in how many of the n known texts it stands (Salton and Buckley 1988; sublinear and
/// smoothed as scikit-learn's `TfidfVectorizer` with `sublinear_tf`).
///
/// A value; terms are words and pieces of words.
package struct TFIDF: Sendable {
    private let statistics: TermStatistics
    private let weights: [Double]

    /// - Parameter texts: that the terms and their weights are taken from.
    package init(_ texts: [String]) {
        let statistics = TermStatistics(texts.map(Terms.wordsAndPieces))
        self.statistics = statistics
        weights = statistics.documentCounts.map { count in
            1 + log(Double(1 + statistics.documents) / Double(1 + count))
        }
    }

    /// Features of a row: known terms.
    package var dimension: Int { statistics.count }

    /// Without features where no term of the text is known.
    package func row(of text: String) -> FeatureRow {
        let entries = statistics.entries(of: Terms.wordsAndPieces(of: text))
        let values = entries.map { (1 + log(Double($0.count))) * weights[$0.term] }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return FeatureRow(features: entries.map(\.term), values: values.map { Float($0 / length) })
    }
}
