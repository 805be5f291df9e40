import Core
import Testing

@testable import Models

struct WordEncoderTests {
    private static func vector(_ text: String) throws -> [Float] {
        try WordEncoder().makeContext().encode([text])[0].vector
    }

    private static func similarity(_ first: String, _ second: String) throws -> Float {
        zip(try vector(first), try vector(second)).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test(arguments: ["where is my parcel", "?", "…", "a", "a a a a", "我的包裹在哪里", "PARCEL", "\u{301}", "12 34"])
    func anyTextHasAVectorOfUnitLength(text: String) throws {
        let vector = try Self.vector(text)
        #expect(vector.count == WordEncoder().dimension)
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }

    @Test func aTextsVectorDependsOnNothingElse() throws {
        let texts = ["where is my parcel", "cancel my order", "where is my parcel"]
        let together = try WordEncoder().makeContext().encode(texts)
        #expect(together.map(\.tokens) == [4, 3, 4])
        #expect(together[0].vector == together[2].vector)
        #expect(together[1].vector == (try Self.vector(texts[1])))
    }

    /// Fixed, since logs hold such vectors: another feature, weight or hash needs another id.
    @Test func vectorsAreThoseOfItsID() throws {
        let vector = try Self.vector("Where is my parcel?")
        let places = vector.indices.filter { vector[$0] != 0 }
        #expect(places.count == 70)
        #expect(places.prefix(5) == [10, 23, 47, 50, 62])
        #expect(WordEncoder().id.description.hasPrefix("8e8c8ea8"))
    }

    @Test func whatIsSaidInLikeWordsIsNear() throws {
        #expect(try Self.similarity("Where is my parcel?", "where is MY parcel") > 0.999)
        let inflected = try Self.similarity("i cancelled two orders", "i am cancelling two orders")
        #expect(inflected > 0.4)
        #expect(inflected > (try Self.similarity("i cancelled two orders", "what does this phone plan cost")) + 0.3)
        // A word that comes again counts more, but not as often as it comes.
        #expect(try Self.similarity("parcel", "parcel parcel parcel") > 0.999)
    }
}
