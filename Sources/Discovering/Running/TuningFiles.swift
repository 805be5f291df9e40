internal import Clustering
internal import Core
internal import Foundation

/// The files that a tuning program reads and writes.
struct TuningFiles: Sendable {
    let texts: String
    let given: String
    let tuned: String
    /// What the program says.
    let words: String

    /// Makes the folder where it is not there.
    init(in folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        texts = folder + "/tuning-texts.jsonl"
        given = folder + "/tuning-given.f32"
        tuned = folder + "/tuning-tuned.f32"
        words = folder + "/tuning.log"
    }

    /// Equal files are written for equal texts and vectors.
    func write(_ utterances: [UtteranceText], _ vectors: VectorTable) throws {
        struct Line: Encodable {
            var text: String
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines = Data()
        for utterance in utterances {
            lines += try encoder.encode(Line(text: utterance.value))
            lines.append(UInt8(ascii: "\n"))
        }
        try put(lines, at: texts)
        try put(Data(RawVectors.bytes(of: vectors)), at: given)
        try put(Data(), at: words)
        // One of an earlier attempt would pass for this one's.
        if FileManager.default.fileExists(atPath: tuned) { try FileManager.default.removeItem(atPath: tuned) }
    }

    func remove() {
        for path in [texts, given, tuned, words] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Callers' words: for this user alone.
    private func put(_ data: Data, at path: String) throws {
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: data, attributes: attributes) else {
            throw SwitchboardError(.internal, "\(path) cannot be written")
        }
    }
}
