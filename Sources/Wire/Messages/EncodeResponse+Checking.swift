extension EncodeResponse {
    /// Of a vector's squared length from 1; figures of 32 bits, added up in any order, come nearer.
    private static let tolerance: Float = 2e-3

    /// What is wrong with it as the answer to a request, in a sentence's second half and without anybody's text; nil where
    /// nothing is.
    package func fault(asAnswerTo request: EncodeRequest) -> String? {
        guard vectors.count == request.texts.count else {
            return "\(vectors.count) vectors for \(request.texts.count) texts"
        }
        for (place, vector) in vectors.enumerated() {
            guard vector.count == vectors[0].count else {
                return "vectors of different lengths, \(vectors[0].count) and \(vector.count) figures"
            }
            var square: Float = 0
            for figure in vector { square += figure * figure }
            // NaN fails the comparison too, and so does a vector without figures.
            guard abs(square - 1) <= Self.tolerance else {
                return "a vector, number \(place), that is not of unit length (its squared length is \(square))"
            }
        }
        return nil
    }
}
