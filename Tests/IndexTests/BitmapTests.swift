import Core
import Testing

@testable import Index

@Suite struct BitmapTests {
    @Test func countsWhatIsSetInARange() {
        var random = SeededGenerator(seed: 5)
        var bitmap = Bitmap()
        var bits: [Bool] = []
        for _ in 0..<300 {
            let bit = Bool.random(using: &random)
            bitmap.append(bit)
            bits.append(bit)
        }
        for _ in 0..<1_000 {
            let row = Int.random(in: 0..<300, using: &random)
            let bit = Bool.random(using: &random)
            bitmap[row] = bit
            bits[row] = bit
            let first = Int.random(in: 0...300, using: &random)
            let rows = first..<Int.random(in: first...300, using: &random)
            #expect(bitmap.count(in: rows) == bits[rows].count { $0 })
        }
        #expect((0..<300).map { bitmap[$0] } == bits)
        #expect(bitmap.count == 300)
    }

    @Test(arguments: [1, 63, 64, 65, 128])
    func holdsNoBitBeyondItsRows(count: Int) {
        let bitmap = Bitmap(repeating: true, count: count)
        #expect(bitmap.words.reduce(0) { $0 + $1.nonzeroBitCount } == count)
        #expect(bitmap.count(in: 0..<count) == count)
    }
}
