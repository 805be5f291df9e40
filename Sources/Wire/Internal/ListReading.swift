internal import CProtobufC
internal import Core

extension Read {
    /// Reads a repeated field; an error in it names the place in the list.
    static func list<Element, Value>(
        _ start: UnsafeMutablePointer<Element>?,
        _ count: Int,
        _ field: String,
        atMost limit: Int = .max,
        _ read: (Element) throws(FieldError) -> Value,
    ) throws(FieldError) -> [Value] {
        guard count <= limit else {
            throw FieldError(field, "it has \(count) elements; at most \(limit) are accepted")
        }
        guard let start, count > 0 else { return [] }
        var values: [Value] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            do throws(FieldError) {
                values.append(try read(start[index]))
            } catch {
                throw error.inside("\(field)[\(index)]")
            }
        }
        return values
    }

    /// Reads a repeated message.
    static func messages<Value: Coded>(
        _ start: UnsafeMutablePointer<UnsafeMutablePointer<Value.Message>?>?,
        _ count: Int,
        _ field: String,
        atMost limit: Int = .max,
    ) throws(FieldError) -> [Value] {
        try list(start, count, field, atMost: limit) { pointer throws(FieldError) in
            guard let pointer else { preconditionFailure("protobuf-c leaves no element of a repeated message unset") }
            return try Value(pointer.pointee)
        }
    }

    /// Reads a message that may be absent.
    static func optional<Value: Coded>(
        _ message: UnsafeMutablePointer<Value.Message>?,
        _ field: String,
    ) throws(FieldError) -> Value? {
        guard let message else { return nil }
        do throws(FieldError) {
            return try Value(message.pointee)
        } catch {
            throw error.inside(field)
        }
    }

    /// Reads a message that has to be there.
    static func needed<Value: Coded>(
        _ message: UnsafeMutablePointer<Value.Message>?,
        _ field: String,
    ) throws(FieldError) -> Value {
        guard let value: Value = try optional(message, field) else { throw FieldError(field, "it is needed") }
        return value
    }

    static func strings(
        _ start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
        _ count: Int,
        _ field: String,
        atMost limit: Int = Limits.maximumItems,
    ) throws(FieldError) -> [String] {
        try list(start, count, field, atMost: limit) { string throws(FieldError) in try string.string("") }
    }

    static func verticals(
        _ start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
        _ count: Int,
        _ field: String = "verticals",
    ) throws(FieldError) -> [Vertical] {
        try list(start, count, field, atMost: Limits.maximumItems) { string throws(FieldError) in
            try string.vertical("")
        }
    }

    static func paths(
        _ start: UnsafeMutablePointer<ProtobufCBinaryData>?,
        _ count: Int,
        _ field: String,
        atMost limit: Int = Limits.maximumItems,
    ) throws(FieldError) -> [IntentPath] {
        try list(start, count, field, atMost: limit) { data throws(FieldError) in try data.path("") }
    }

    static func exemplars(
        _ start: UnsafeMutablePointer<ProtobufCBinaryData>?,
        _ count: Int,
        _ field: String,
    ) throws(FieldError) -> [ExemplarID] {
        try list(start, count, field, atMost: Limits.maximumExcluded) { data throws(FieldError) in
            ExemplarID(try data.bits(""))
        }
    }

    /// Ids of 16 bytes.
    static func bits(
        _ start: UnsafeMutablePointer<ProtobufCBinaryData>?,
        _ count: Int,
        _ field: String,
        atMost limit: Int = Limits.maximumItems,
    ) throws(FieldError) -> [Bits128] {
        try list(start, count, field, atMost: limit) { data throws(FieldError) in try data.bits("") }
    }

    static func utterances(
        _ start: UnsafeMutablePointer<ProtobufCBinaryData>?,
        _ count: Int,
        _ field: String,
        atMost limit: Int = Limits.maximumItems,
    ) throws(FieldError) -> [UtteranceText] {
        try list(start, count, field, atMost: limit) { data throws(FieldError) in try data.utterance("") }
    }
}

extension [Bits128] {
    /// The one id that has to be there.
    func single(_ field: String) throws(FieldError) -> Bits128 {
        guard count == 1, let id = first else { throw FieldError(field, "it has \(count) ids; 1 is accepted") }
        return id
    }
}
