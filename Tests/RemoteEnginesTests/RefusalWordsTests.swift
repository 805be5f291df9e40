import Testing

@testable import RemoteEngines

struct RefusalWordsTests {
    private func told(_ body: String, of texts: [String] = []) -> String? {
        RefusalWords.told(in: Array(body.utf8), of: texts)
    }

    @Test(arguments: [
        #"{"error": {"message": "at most 512 tokens", "type": "BadRequestError", "code": 400}}"#,
        #"{"error": "at most 512 tokens", "error_type": "Validation"}"#,
        #"{"object": "error", "message": "at most 512 tokens"}"#,
        #"{"detail": "at most 512 tokens"}"#,
        #"{"detail": "at most\n  512\u0007tokens"}"#,
    ])
    func serversSayItInTheirOwnForms(body: String) {
        #expect(told(body) == "at most 512 tokens")
    }

    @Test(arguments: [
        "", "no", "[]", "{}", #"{"error": {"code": 400}}"#, #"{"detail": [{"msg": "x"}]}"#, #"{"error": ""}"#,
    ])
    func whatSaysNothingIsPassedOver(body: String) {
        #expect(told(body) == nil)
    }

    @Test func aLongMessageIsCut() {
        let long = String(repeating: "too long ", count: 10_000)
        let words = told(#"{"error": "\#(long)"}"#)
        #expect(words?.count == RefusalWords.maximumCharacters)
    }

    @Test(arguments: [
        "My Card is 4000 1234", "is 4000 1234 and", "hi", "4000  1234",
    ])
    func aCallersWordsAreNotTold(text: String) {
        let body = #"{"error": "cannot read: my card is 4000 1234 and (hi)"}"#
        #expect(told(body, of: ["something else altogether", text]) == nil)
        #expect(told(body, of: ["something else altogether"]) != nil)
    }
}
