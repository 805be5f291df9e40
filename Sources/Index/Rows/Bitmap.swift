/// One bit for each row of a vertical.
struct Bitmap: Sendable, Hashable {
    private(set) var words: [UInt64] = []
    private(set) var count = 0

    init() {}

    init(repeating bit: Bool, count: Int) {
        words = Array(repeating: bit ? .max : 0, count: (count + 63) / 64)
        self.count = count
        if bit, count % 64 != 0 {
            words[words.count - 1] = (1 << UInt64(count % 64)) - 1
        }
    }

    subscript(_ row: Int) -> Bool {
        get { words[row / 64] >> UInt64(row % 64) & 1 == 1 }
        set {
            precondition(row < count, "a bitmap has a bit for each row")
            if newValue {
                words[row / 64] |= 1 << UInt64(row % 64)
            } else {
                words[row / 64] &= ~(1 << UInt64(row % 64))
            }
        }
    }

    mutating func append(_ bit: Bool) {
        if count % 64 == 0 { words.append(0) }
        count += 1
        self[count - 1] = bit
    }

    /// How many bits of the rows are set.
    func count(in rows: Range<Int>) -> Int {
        guard !rows.isEmpty else { return 0 }
        let first = rows.lowerBound / 64
        let last = (rows.upperBound - 1) / 64
        var sum = 0
        for index in first...last {
            var word = words[index]
            if index == first { word &= UInt64.max << UInt64(rows.lowerBound % 64) }
            if index == last, rows.upperBound % 64 != 0 { word &= (1 << UInt64(rows.upperBound % 64)) - 1 }
            sum += word.nonzeroBitCount
        }
        return sum
    }
}

extension Bitmap {
    /// - Parameter words: one for each 64 rows, with no bit set beyond the last row.
    init(words: [UInt64], count: Int) {
        precondition(words.count == (count + 63) / 64, "a bitmap has a bit for each row")
        self.words = words
        self.count = count
    }
}
