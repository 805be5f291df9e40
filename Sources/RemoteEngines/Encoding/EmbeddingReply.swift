/// The vectors that a server answered with, checked.
struct EmbeddingReply: Sendable {
    /// In the order of the texts, of unit length.
    let vectors: [[Float]]
    /// As the server calls it.
    let model: String?

    /// - Parameters:
    ///   - dimension: of each vector; nil: whatever the first one has.
    ///   - model: what the server called it before; nil: whatever it calls it.
    /// - Throws: `.nonsense` where that does not fit what was asked.
    init(_ body: [UInt8], texts: Int, dimension: Int?, model known: String? = nil) throws(EngineFailure) {
        let answer: EngineMessages.Embeddings = try EngineMessages.decoded(body)
        if let name = answer.model, !name.isEmpty { try EngineMessages.checkName(name) }
        if let known, let name = answer.model, name != known {
            throw .nonsense(
                "answers with the model \(name), and with \(known) before; their vectors cannot be compared"
            )
        }
        guard answer.data.count == texts else {
            throw .nonsense("answered \(texts) texts with \(answer.data.count) vectors")
        }
        let width = dimension ?? answer.data[0].embedding.count
        guard (1...RemoteEncoder.maximumDimension).contains(width) else {
            throw .nonsense("makes vectors of \(width) figures; 1 to \(RemoteEncoder.maximumDimension) are accepted")
        }
        var places = [[Float]?](repeating: nil, count: texts)
        for (number, vector) in answer.data.enumerated() {
            let place = vector.index ?? number
            guard places.indices.contains(place), places[place] == nil else {
                throw .nonsense("numbered its vectors wrongly")
            }
            guard vector.embedding.count == width else {
                throw .nonsense("made a vector of \(vector.embedding.count) figures; its others have \(width)")
            }
            places[place] = try Self.unit(vector.embedding)
        }
        vectors = places.compactMap(\.self)
        model = answer.model
    }

    private static func unit(_ figures: [Float]) throws(EngineFailure) -> [Float] {
        var squares = 0.0
        for figure in figures { squares += Double(figure) * Double(figure) }
        guard squares.isFinite, squares > 0 else { throw .nonsense("made a vector without a direction") }
        let scale = 1 / squares.squareRoot()
        return figures.map { Float(Double($0) * scale) }
    }
}
