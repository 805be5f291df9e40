import Core
import Testing

struct BinaryIntegerWordsTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567"), (-12_345, "-12,345"),
        (-999, "-999"),
    ])
    func groupsDigitsByThree(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    @Test func theLargestNumberHasItsCommasToo() {
        #expect(UInt64.max.grouped == "18,446,744,073,709,551,615")
    }
}
