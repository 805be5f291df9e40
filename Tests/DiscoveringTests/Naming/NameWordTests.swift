import Testing

@testable import Discovering

@Suite struct NameWordTests {
    @Test(arguments: [
        ["order", "orders", "ordered", "ordering"],
        ["cancel", "cancels", "cancelled", "canceled", "cancelling"],
        ["charge", "charges", "charged", "charging"],
        ["address", "addresses"],
        ["fee", "fees"],
        ["city", "cities"],
        ["bill", "billing", "bills"],
        ["päckchen"],
    ])
    func formsOfAWordCountAsOne(forms: [String]) {
        #expect(Set(forms.map { NameWord($0).stem }).count == 1)
    }

    @Test(arguments: [
        ("status", "state"), ("card", "care"), ("organ", "organization"), ("string", "str"), ("bus", "business"),
    ])
    func otherWordsStayApart(left: String, right: String) {
        #expect(NameWord(left).stem != NameWord(right).stem)
    }

    @Test func numbersMasksAndLettersByThemselvesAreNoWords() {
        let words = NameWord.all(in: "I'd CANCEL <NUMBER> order #4411 b2b [EMAIL], l'ordre!")
        #expect(words.map(\.written) == ["cancel", "order", "ordre"])
    }

    @Test func scriptsWithoutSpacesAreReadInPairs() {
        #expect(NameWord.all(in: "取消订单 please").map(\.written) == ["取消", "消订", "订单", "please"])
        #expect(NameWord.all(in: "สวัสดี").count > 2)
    }

    @Test func whatIsNoWordIsNone() {
        #expect(NameWord.all(in: "👍 ... <<< [").isEmpty)
        #expect(NameWord.all(in: "").isEmpty)
    }

    @Test func aLongTextIsReadToALimit() {
        #expect(NameWord.all(in: String(repeating: "word ", count: 5_000)).count == 512)
        #expect(NameWord.all(in: String(repeating: "取", count: 5_000), atMost: 7).count == 7)
    }
}
