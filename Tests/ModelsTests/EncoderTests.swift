import Core
import Foundation
import Models
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EncoderTests {
    private struct Sentence: Decodable {
        let text: String
        let vector: [Float]
    }

    private static func sentences() throws -> [Sentence] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/encoder/sentences.jsonl")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return try lines.map { try JSONDecoder().decode(Sentence.self, from: Data($0.utf8)) }
    }

    private static func cosine(_ left: [Float], _ right: [Float]) -> Double {
        var product = 0.0
        var (leftSquares, rightSquares) = (0.0, 0.0)
        for (a, b) in zip(left, right) {
            product += Double(a) * Double(b)
            leftSquares += Double(a) * Double(a)
            rightSquares += Double(b) * Double(b)
        }
        return product / (leftSquares * rightSquares).squareRoot()
    }

    private static func context(_ path: String = TestModels.encoder) throws -> EncoderContext {
        try EncoderContext(model: EncoderModel(path: path, backend: TestModels.backend))
    }

    @Test func agreesWithSentenceTransformers() throws {
        let sentences = try Self.sentences()
        #expect(sentences.count == 50)
        let encoded = try Self.context().encode(sentences.map(\.text))
        for (sentence, own) in zip(sentences, encoded) {
            #expect(own.vector.count == 384)
            #expect(Self.cosine(sentence.vector, own.vector) >= 0.999, "\(sentence.text.prefix(60))")
        }
    }

    /// On F16 weights a text's vector does not depend on its company beyond rounding. On Q8_0 activations are rounded to
    /// 8 bits as well, and another order of sums tips some over: up to 0.006 in a component was seen, 0.01 is allowed.
    @Test(arguments: [(TestModels.encoderF16, 1e-3, 0.99999), (TestModels.encoder, 1e-2, 0.999)])
    func givesTheSameVectorAloneAndInCompany(path: String, bound: Float, cosine: Double) throws {
        let context = try Self.context(path)
        let texts = try Self.sentences().map(\.text)
        let together = try context.encode(texts)
        var largest: Float = 0
        var least = 1.0
        for (text, inCompany) in zip(texts, together) {
            let alone = try context.encode([text])[0]
            #expect(alone.tokens == inCompany.tokens)
            largest = max(largest, zip(alone.vector, inCompany.vector).map { abs($0 - $1) }.max() ?? 1)
            least = min(least, Self.cosine(alone.vector, inCompany.vector))
        }
        print("alone and in company: components differ by \(largest) at most, cosine at least \(least)")
        #expect(largest <= bound)
        #expect(least >= cosine)
    }

    @Test func vectorsHaveUnitLength() throws {
        for encoded in try Self.context().encode(["I lost my card", "?", "😀 مرحبا"]) {
            let length = encoded.vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(length - 1) < 1e-5)
        }
    }

    @Test func readsTheFirst256TokensAndSaysSo() throws {
        let context = try Self.context()
        let head = Array(repeating: "card", count: 254).joined(separator: " ")
        let encoded = try context.encode([head, head + " payment refused again", "card"])
        #expect(encoded.map(\.isTruncated) == [false, true, false])
        #expect(encoded.map(\.tokens) == [256, 256, 3])
        #expect(Self.cosine(encoded[0].vector, encoded[1].vector) > 0.99999)
    }

    @Test func specialTokensInATextAreText() throws {
        let encoded = try Self.context().encode(["[SEP]", "[CLS] [MASK]"])
        #expect(encoded.allSatisfy { $0.tokens > 4 })
    }

    @Test func encodesNothingAndMoreThanOneBatch() throws {
        let context = try Self.context()
        #expect(try context.encode([]).isEmpty)
        let many = (0..<200).map { "order number \($0) has not arrived" }
        let encoded = try context.encode(many)
        #expect(encoded.count == 200)
        #expect(encoded[137].vector != encoded[138].vector)
    }

    @Test func idNamesTheFileAndThePooling() throws {
        let model = try EncoderModel(path: TestModels.encoder, backend: TestModels.backend)
        var file = Hash256()
        file.update(try Data(contentsOf: URL(fileURLWithPath: TestModels.encoder)))
        var both = Hash256()
        both.update(file.digest())
        both.update("mean".utf8)
        #expect(model.id.bytes == both.digest())
        #expect(model.dimension == 384)
    }

    @Test func missingFileNamesTheCommandThatInstallsIt() {
        let error = #expect(throws: SwitchboardError.self) {
            try EncoderModel(path: "/nowhere/encoder.gguf", backend: TestModels.backend)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("deploy/setup") == true)
        #expect(error?.message.contains("/nowhere/encoder.gguf") == true)
    }

    @Test(arguments: [0, 3, 4, 24, 1_000, 100_000, 20_000_000])
    func refusesACutFile(length: Int) throws {
        let folder = try TestModels.Folder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: TestModels.encoder))
        let path = try folder.write(Array(whole.prefix(length)), to: "cut.gguf")
        let error = #expect(throws: SwitchboardError.self) {
            try EncoderModel(path: path, backend: TestModels.backend)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains(path) == true)
    }

    @Test func refusesWhatIsNoGGUFOrGarbledOne() throws {
        let folder = try TestModels.Folder()
        let text = try folder.write(Array("these are not weights".utf8), to: "text.gguf")
        #expect(throws: SwitchboardError.self) { try EncoderModel(path: text, backend: TestModels.backend) }
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: TestModels.encoder)))
        for index in stride(from: 8, to: 4_000, by: 7) { bytes[index] ^= 0x5A }
        let garbled = try folder.write(bytes, to: "garbled.gguf")
        #expect(throws: SwitchboardError.self) { try EncoderModel(path: garbled, backend: TestModels.backend) }
    }

    @Test func refusesAModelThatIsNoEncoder() {
        let error = #expect(throws: SwitchboardError.self) {
            try EncoderModel(path: TestModels.scorer, backend: TestModels.backend)
        }
        #expect(error?.message.contains("no sentence encoder") == true)
    }
}
