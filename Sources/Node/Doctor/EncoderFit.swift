internal import Core
internal import Models

/// Whether a node could ask an index with the encoder that it would be started with.
struct EncoderFit {
    /// By which the index's vectors were made.
    let made: ModelID
    /// As the configuration names it.
    let encoder: String
    /// The data directory; nil: there is none.
    let data: String?

    /// - Parameters:
    ///   - name: of the check.
    ///   - whose: the vectors, such as `its`.
    ///   - otherwise: what else helps.
    /// - Returns: nil where they fit, or what is named is on a server or of no use anyway, as others say then.
    func check(_ name: String, whose: String, otherwise: String = "") -> DoctorCheck? {
        guard let id = own, id != made else { return nil }
        let kept = data.map { EncoderFolder.path(of: made, in: $0) }
        if let kept, let file = try? ModelFile(path: kept, kind: .encoder), EncoderModel.id(of: file) == made {
            return .ok(name, "\(kept) made its vectors; the node takes that one")
        }
        return .problem(
            name,
            "\(whose) vectors were made by encoder \(made.short), and \(encoder) is \(id.short): the node would answer "
                + "no Classify",
            remedy: "start with the encoder that made them (--encoder)"
                + (kept.map { ", put its file there as \($0)" } ?? "") + otherwise
        )
    }

    private var own: ModelID? {
        if encoder == WordEncoder.name { return WordEncoder().id }
        return (try? ModelFile(path: encoder, kind: .encoder)).map { EncoderModel.id(of: $0) }
    }
}
