/// What was meant by a word that is none of those there are.
enum Spelling {
    /// - Returns: the name that the fewest slips of the hand make out of the word, where these are few: one, and another
    ///   for each four letters.
    static func nearest(to word: String, of names: [String]) -> String? {
        let limit = 1 + word.count / 4
        return names.map { (name: $0, distance: distance($0, word)) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?.name
    }

    /// Characters to insert, delete, replace or swap with their neighbour, to make one word of the other (optimal string
    /// alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let isSame = left[row] == right[column]
                var least = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
