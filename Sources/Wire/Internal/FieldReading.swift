internal import CProtobufC
internal import Core

/// How fields of type `bytes` are read. Each takes the field's name for the error.
extension ProtobufCBinaryData {
    var isEmpty: Bool { len == 0 }

    private var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: data, count: len) }

    func utterance(_ field: String) throws(FieldError) -> UtteranceText {
        guard len <= UtteranceText.maximumBytes else {
            throw FieldError(field, "the text has \(len) bytes; at most \(UtteranceText.maximumBytes) are accepted")
        }
        let string = try utf8(field)
        do {
            return try UtteranceText(string)
        } catch {
            throw FieldError(field, error)
        }
    }

    /// Text that is kept as it is: UTF-8 without NUL.
    func prose(_ field: String, atMost limit: Int = Limits.maximumTextBytes) throws(FieldError) -> String {
        guard len <= limit else {
            throw FieldError(field, "the text has \(len) bytes; at most \(limit) are accepted")
        }
        let string = try utf8(field)
        guard !buffer.contains(0) else { throw FieldError(field, "the text holds a NUL character") }
        return string
    }

    /// Nil where the field is empty.
    func optionalProse(_ field: String) throws(FieldError) -> String? {
        isEmpty ? nil : try prose(field)
    }

    /// Bytes whose meaning is the sender's.
    func opaque(
        _ field: String,
        atLeast least: Int = 0,
        atMost limit: Int = Limits.maximumReferenceBytes,
    ) throws(FieldError) -> [UInt8] {
        guard (least...limit).contains(len) else {
            throw FieldError(field, "it has \(len) bytes; \(least) to \(limit) are accepted")
        }
        return Array(buffer)
    }

    /// Bytes that are another message or a chunk, bounded by the message that holds them.
    var payload: [UInt8] { Array(buffer) }

    func path(_ field: String) throws(FieldError) -> IntentPath {
        guard !isEmpty else { throw FieldError(field, "an intent path is needed") }
        // Each byte of a level may be written in three.
        let limit = IntentPath.maximumDepth * (3 * IntentPath.maximumLevelBytes + 1)
        guard len <= limit else {
            throw FieldError(field, "the intent path has \(len) bytes; at most \(limit) are accepted")
        }
        let written = try utf8(field)
        do {
            return try IntentPath(written)
        } catch {
            throw FieldError(field, error)
        }
    }

    /// Nil where the field is empty.
    func optionalPath(_ field: String) throws(FieldError) -> IntentPath? {
        isEmpty ? nil : try path(field)
    }

    func bits(_ field: String) throws(FieldError) -> Bits128 {
        guard len == 16 else { throw FieldError(field, "it has \(len) bytes; 16 are accepted") }
        let number = UnsafeRawBufferPointer(buffer).loadUnaligned(as: UInt128.self)
        return Bits128(UInt128(bigEndian: number))
    }

    /// Nil where the field is empty.
    func optionalBits(_ field: String) throws(FieldError) -> Bits128? {
        isEmpty ? nil : try bits(field)
    }

    func model(_ field: String) throws(FieldError) -> ModelID {
        guard let model = ModelID(bytes: buffer) else {
            throw FieldError(field, "a model's id has \(ModelID.byteCount) bytes, this one has \(len)")
        }
        return model
    }

    /// Nil where the field is empty.
    func optionalModel(_ field: String) throws(FieldError) -> ModelID? {
        isEmpty ? nil : try model(field)
    }

    /// What people read and nobody relies on: invalid UTF-8 is mended.
    var mended: String { String(decoding: buffer, as: UTF8.self) }

    private func utf8(_ field: String) throws(FieldError) -> String {
        guard let string = String(validating: buffer, as: UTF8.self) else {
            throw FieldError(field, "the text is not valid UTF-8")
        }
        return string
    }
}

/// How fields of type `string` are read.
extension Optional<UnsafeMutablePointer<CChar>> {
    func string(_ field: String, atMost limit: Int = Limits.maximumReferenceBytes) throws(FieldError) -> String {
        guard let self else { return "" }
        guard let string = String(validatingCString: self) else {
            throw FieldError(field, "the text is not valid UTF-8")
        }
        guard string.utf8.count <= limit else {
            throw FieldError(field, "the text has \(string.utf8.count) bytes; at most \(limit) are accepted")
        }
        return string
    }

    func vertical(_ field: String) throws(FieldError) -> Vertical {
        let name = try string(field)
        do {
            return try Vertical(name)
        } catch {
            throw FieldError(field, error)
        }
    }

    var isEmptyString: Bool { self.map { $0.pointee == 0 } ?? true }

    /// Nil where the field is empty.
    func optionalVertical(_ field: String) throws(FieldError) -> Vertical? {
        isEmptyString ? nil : try vertical(field)
    }

    func scope(_ field: String) throws(FieldError) -> PolicyScope {
        let written = try string(field)
        do {
            return try PolicyScope(written)
        } catch {
            throw FieldError(field, error)
        }
    }
}
