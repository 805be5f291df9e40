internal import Foundation

/// Documents ranked by the words that they share with a query (Okapi BM25; Robertson and Zaragoza 2009, eq. 3.15):
///
///   score = sum over the query's words of idf x tf (k1 + 1) / (tf + k1 (1 - b + b length / mean length))
///   idf = ln(1 + (n - df + 0.5) / (df + 0.5))
///
/// The 1 in idf keeps a word that more than half of the documents have from counting against them, as in Lucene. A word
/// that stands twice in the query counts twice. A value: an inverted index in memory, without models or input and
/// output.
package struct BM25: Sendable {
    package struct Hit: Sendable, Equatable {
        /// Its place among the documents.
        package let document: Int
        package let score: Double

        package init(document: Int, score: Double) {
            self.document = document
            self.score = score
        }
    }

    private struct Posting {
        let document: Int32
        let count: Int32
    }

    private let statistics: TermStatistics
    private let inverseFrequencies: [Double]
    /// Of each word, by its number: the documents that have it.
    private let postings: [[Posting]]
    /// Of each document, k1 (1 - b + b length / mean length).
    private let norms: [Double]
    private let k1: Double

    package init(_ texts: [String], k1: Double = 1.2, b: Double = 0.75) {
        let documents = texts.map(Terms.words)
        let statistics = TermStatistics(documents)
        var postings = [[Posting]](repeating: [], count: statistics.count)
        for (document, words) in documents.enumerated() {
            for entry in statistics.entries(of: words) {
                postings[entry.term].append(Posting(document: Int32(document), count: Int32(entry.count)))
            }
        }
        let mean = Double(documents.reduce(0) { $0 + $1.count }) / Double(max(documents.count, 1))
        self.statistics = statistics
        self.postings = postings
        self.k1 = k1
        norms = documents.map { k1 * (1 - b + b * Double($0.count) / (mean > 0 ? mean : 1)) }
        inverseFrequencies = statistics.documentCounts.map { count in
            log(1 + (Double(statistics.documents - count) + 0.5) / (Double(count) + 0.5))
        }
    }

    /// The documents that score best, best first; equal ones in their order. None that shares no word.
    package func nearest(_ text: String, _ limit: Int) -> [Hit] {
        var scores = [Double](repeating: 0, count: norms.count)
        var touched: [Int] = []
        for entry in statistics.entries(of: Terms.words(of: text)) {
            let weight = Double(entry.count) * inverseFrequencies[entry.term] * (k1 + 1)
            for posting in postings[entry.term] {
                let document = Int(posting.document)
                // Every term's part is above 0, so 0 means that none was added yet.
                if scores[document] == 0 { touched.append(document) }
                scores[document] += weight * Double(posting.count) / (Double(posting.count) + norms[document])
            }
        }
        return Self.best(limit, of: touched.map { Hit(document: $0, score: scores[$0]) })
    }

    /// In one pass, since a frequent word touches most documents and few are wanted.
    private static func best(_ limit: Int, of hits: [Hit]) -> [Hit] {
        var best: [Hit] = []
        for hit in hits {
            if best.count == limit {
                guard let worst = best.last, ranks(hit, before: worst) else { continue }
                best.removeLast()
            }
            let place = best.lastIndex { ranks($0, before: hit) }.map { $0 + 1 } ?? 0
            best.insert(hit, at: place)
        }
        return best
    }

    private static func ranks(_ left: Hit, before right: Hit) -> Bool {
        left.score != right.score ? left.score > right.score : left.document < right.document
    }
}
