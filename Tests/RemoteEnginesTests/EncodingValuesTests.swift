import Testing

@testable import RemoteEngines

struct ReadPartTests {
    @Test func aShortTextIsReadWhole() {
        let part = ReadPart(of: "where is my parcel", limit: 256)
        #expect(part.text == "where is my parcel")
        #expect(!part.isTruncated)
        #expect(part.tokens == 6)
    }

    @Test func aLongOneIsCut() {
        let part = ReadPart(of: String(repeating: "parcel ", count: 500), limit: 256)
        #expect(part.isTruncated)
        #expect(part.tokens == 256)
        #expect(part.text.count > 1_000 && part.text.count < 1_300)
    }

    @Test func characterOfOtherScriptsCountWhole() {
        let part = ReadPart(of: String(repeating: "택", count: 1_000), limit: 256)
        #expect(part.text.count == 254)
        #expect(part.isTruncated)
    }
}

struct EmbeddingReplyTests {
    private func read(_ json: String, texts: Int, dimension: Int? = 2) throws -> EmbeddingReply {
        try EmbeddingReply(Array(json.utf8), texts: texts, dimension: dimension)
    }

    @Test func vectorsAreOrderedAndOfUnitLength() throws {
        let reply = try read(
            #"{"data": [{"index": 1, "embedding": [0, 5]}, {"index": 0, "embedding": [3, 4]}], "model": "m"}"#,
            texts: 2
        )
        #expect(reply.vectors == [[0.6, 0.8], [0, 1]])
        #expect(reply.model == "m")
    }

    @Test func anotherModelsVectorsAreNonsense() throws {
        let answer = Array(#"{"data": [{"embedding": [1, 1]}], "model": "m"}"#.utf8)
        _ = try EmbeddingReply(answer, texts: 1, dimension: 2, model: "m")
        let failure = #expect(throws: EngineFailure.self) {
            try EmbeddingReply(answer, texts: 1, dimension: 2, model: "n")
        }
        #expect(failure?.kind == .nonsense)
    }

    @Test func theWidthMayBeUnknown() throws {
        #expect(try read(#"{"data": [{"embedding": [2, 0, 0]}]}"#, texts: 1, dimension: nil).vectors == [[1, 0, 0]])
    }

    @Test(arguments: [
        "", "{}", "[1]", #"{"data": []}"#, #"{"data": [{"embedding": []}]}"#, #"{"data": [{"embedding": [1]}]}"#,
        #"{"data": [{"embedding": [1, 2, 3]}]}"#, #"{"data": [{"embedding": [0, 0]}]}"#,
        #"{"data": [{"embedding": [NaN, 1]}]}"#, #"{"data": [{"embedding": [1e999, 1]}]}"#,
        #"{"data": [{"embedding": [null, 1]}]}"#, #"{"data": [{"index": 1, "embedding": [1, 1]}]}"#,
        #"{"data": [{"embedding": [1, 1]}, {"embedding": [1, 1]}]}"#, #"{"data": [{"embedding": "AACAPwAAgD8="}]}"#,
    ])
    func nonsenseIsSeen(answer: String) {
        let failure = #expect(throws: EngineFailure.self) { try read(answer, texts: 1) }
        #expect(failure?.kind == .nonsense)
    }
}
