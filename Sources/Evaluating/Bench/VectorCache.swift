internal import Core
internal import Foundation
internal import Models

/// Vectors of texts, made once and kept in a file that is named after texts and encoder.
struct VectorCache: Sendable {
    /// The file is made with it; both can be deleted at any time.
    let folder: String

    func vectors(of texts: [String], by encoder: EncoderAlone, threads: Int) async throws -> [[Float]] {
        let file = URL(fileURLWithPath: "\(folder)/\(name(of: texts, encoder)).f32")
        let dimension = encoder.model.dimension
        if let vectors = Self.read(file, count: texts.count, dimension: dimension) { return vectors }
        let vectors = try await encoder.encode(texts, threads: threads).map(\.vector)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var bytes = Data(capacity: texts.count * dimension * MemoryLayout<Float>.size)
        for vector in vectors { vector.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        try bytes.write(to: file, options: .atomic)
        return vectors
    }

    private func name(of texts: [String], _ encoder: EncoderAlone) -> String {
        var hash = Hash256()
        hash.update(encoder.model.id.bytes)
        for text in texts {
            hash.update(text.utf8)
            hash.update(CollectionOfOne(0))
        }
        return "vectors-\(hash.first128())"
    }

    /// Nil where there is no such file, or it is not whole.
    private static func read(_ file: URL, count: Int, dimension: Int) -> [[Float]]? {
        guard let data = try? Data(contentsOf: file), data.count == count * dimension * MemoryLayout<Float>.size else {
            return nil
        }
        return data.withUnsafeBytes { bytes in
            let figures = bytes.bindMemory(to: Float.self)
            return (0..<count).map { Array(figures[$0 * dimension..<($0 + 1) * dimension]) }
        }
    }
}
