/// Which terms a collection of documents has, and in how many of them each stands.
///
/// A value. Terms are numbered in the order of their first occurrence, so the same documents give the same numbers.
package struct TermStatistics: Sendable {
    /// A term of a document, and how often it stands there.
    package struct Entry: Sendable, Hashable {
        package let term: Int
        package let count: Int
    }

    package let documents: Int
    private(set) var numbers: [String: Int] = [:]
    /// Of each term, by its number: documents that have it.
    package private(set) var documentCounts: [Int] = []

    /// - Parameter documents: the terms of each, with repetitions.
    package init(_ documents: [[String]]) {
        self.documents = documents.count
        for terms in documents {
            var seen: Set<Int> = []
            for term in terms {
                let number = numbers[term] ?? documentCounts.count
                if number == documentCounts.count {
                    numbers[term] = number
                    documentCounts.append(0)
                }
                if seen.insert(number).inserted { documentCounts[number] += 1 }
            }
        }
    }

    package var count: Int { documentCounts.count }

    /// The known ones among a text's terms by their numbers, lowest first, which keeps sums over them the same each
    /// time.
    package func entries(of terms: [String]) -> [Entry] {
        var counts: [Int: Int] = [:]
        for term in terms {
            if let number = numbers[term] { counts[number, default: 0] += 1 }
        }
        return counts.map { Entry(term: $0.key, count: $0.value) }.sorted { $0.term < $1.term }
    }
}
