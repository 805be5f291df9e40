internal import Core
internal import Foundation

/// The words of each utterance, weighted by how rare they are among all utterances (inverse document frequency; Spärck
/// Jones 1972).
struct PoolWords {
    /// One an utterance, of unit length.
    let rows: [SparseRow]
    let vocabulary: Int

    init(_ texts: [UtteranceText]) {
        // Numbered as they come, so that nothing depends on the order of a dictionary.
        var numbers: [String: Int32] = [:]
        var counts: [Int] = []
        var rows: [SparseRow] = []
        rows.reserveCapacity(texts.count)
        for text in texts {
            var places: [Int32] = []
            for word in text.value.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
                let word = String(word)
                let number = numbers[word] ?? Int32(counts.count)
                if Int(number) == counts.count {
                    numbers[word] = number
                    counts.append(0)
                }
                places.append(number)
            }
            places.sort()
            places = places.indices.filter { $0 == 0 || places[$0] != places[$0 - 1] }.map { places[$0] }
            for place in places { counts[Int(place)] += 1 }
            rows.append(SparseRow(places: places, values: []))
        }
        let total = Double(texts.count)
        for index in rows.indices {
            rows[index].values = rows[index].places.map { Float(log((1 + total) / Double(counts[Int($0)]))) }
            rows[index].normalise()
        }
        self.rows = rows
        vocabulary = counts.count
    }
}
