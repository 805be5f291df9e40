package import Core

/// A labelled utterance on its way into the index: what a caller says, and the intent that it stands for.
///
/// A checked value: what it holds is acceptable to a node.
public struct Exemplar: Sendable {
    /// What travels.
    package let command: UpsertCommand

    /// Checks the parts.
    ///
    /// - Parameters:
    ///   - text: what the caller says, at most 8 KiB.
    ///   - intent: levels joined by `/`, coarse to fine.
    ///   - vertical: tenant or business line, 1 to 64 characters of `a-z0-9._-`.
    ///   - origin: conversation or subject reference that a later purge can name, at most 256 bytes.
    ///   - vector: of unit length, made by `encoder`; empty: the node makes it.
    ///   - encoder: id of the encoder that made the vector, 64 hexadecimal digits.
    /// - Throws: `ClientError` with `INVALID_ARGUMENT` and what is accepted.
    public init(
        text: String,
        intent: String,
        vertical: String = "default",
        origin: String? = nil,
        vector: [Float] = [],
        encoder: String? = nil,
    ) throws(ClientError) {
        do throws(SwitchboardError) {
            var model: ModelID?
            if let encoder {
                guard let id = ModelID(hexadecimal: encoder) else {
                    throw .invalid("an encoder's id is 64 hexadecimal digits")
                }
                model = id
            }
            guard vector.isEmpty == (model == nil) else {
                throw .invalid("a vector comes with the id of the encoder that made it, and the id with a vector")
            }
            try self.init(
                text: try UtteranceText(text),
                path: try IntentPath(intent),
                vertical: try Vertical(vertical),
                origin: origin,
                vector: vector,
                encoder: model,
            )
        } catch {
            throw ClientError(error)
        }
    }

    /// The same out of checked parts.
    ///
    /// - Throws: `.invalidArgument` for an origin that is too long.
    package init(
        text: UtteranceText,
        path: IntentPath,
        vertical: Vertical,
        origin: String? = nil,
        vector: [Float] = [],
        encoder: ModelID? = nil,
    ) throws(SwitchboardError) {
        let origin = origin.map { Array($0.utf8) } ?? []
        guard origin.count <= ContentLimits.referenceBytes else {
            throw .invalid("an origin has at most \(ContentLimits.referenceBytes) bytes, this one has \(origin.count)")
        }
        command = UpsertCommand(
            vertical: vertical,
            text: text,
            path: path,
            vector: vector,
            encoder: encoder,
            origin: origin
        )
    }
}

extension ModelID {
    /// - Parameter digits: 64 hexadecimal digits.
    package init?(hexadecimal digits: String) {
        let digits = Array(digits.utf8)
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        self.init(bytes: bytes)
    }
}
