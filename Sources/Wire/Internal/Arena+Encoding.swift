internal import CProtobufC
internal import Core

/// How the parts of a message get into its C structs. An arena for encoding has no budget, so taking never fails.
extension Arena {
    mutating func message<Value: Coded>(of value: Value) -> UnsafeMutablePointer<Value.Message> {
        let message = room(for: Value.Message.self, count: 1)
        Value.initialise(message)
        value.fill(&message.pointee, &self)
        return message
    }

    mutating func message<Value: Coded>(ofAny value: Value?) -> UnsafeMutablePointer<Value.Message>? {
        guard let value else { return nil }
        return message(of: value)
    }

    mutating func messages<Value: Coded>(
        of values: [Value]
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<Value.Message>?>? {
        guard !values.isEmpty else { return nil }
        let pointers = room(for: UnsafeMutablePointer<Value.Message>?.self, count: values.count)
        for index in values.indices {
            pointers[index] = message(of: values[index])
        }
        return pointers
    }

    mutating func data(_ string: String) -> ProtobufCBinaryData {
        var string = string
        return string.withUTF8 { data(UnsafeRawBufferPointer($0)) }
    }

    mutating func data(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        bytes.withUnsafeBytes { data($0) }
    }

    mutating func data(_ bits: Bits128) -> ProtobufCBinaryData {
        withUnsafeBytes(of: bits.value.bigEndian) { data($0) }
    }

    mutating func data(_ source: UnsafeRawBufferPointer) -> ProtobufCBinaryData {
        guard let start = source.baseAddress, !source.isEmpty else { return ProtobufCBinaryData() }
        let copy = room(for: UInt8.self, count: source.count)
        UnsafeMutableRawPointer(copy).copyMemory(from: start, byteCount: source.count)
        return ProtobufCBinaryData(len: source.count, data: copy)
    }

    /// The string with a NUL behind it; what would follow a NUL inside it is lost.
    mutating func characters(_ string: String) -> UnsafeMutablePointer<CChar> {
        var string = string
        return string.withUTF8 { source in
            let copy = room(for: CChar.self, count: source.count + 1)
            if let start = source.baseAddress {
                UnsafeMutableRawPointer(copy).copyMemory(from: start, byteCount: source.count)
            }
            copy[source.count] = 0
            return copy
        }
    }

    mutating func strings(_ values: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        guard !values.isEmpty else { return nil }
        let pointers = room(for: UnsafeMutablePointer<CChar>?.self, count: values.count)
        for index in values.indices {
            pointers[index] = characters(values[index])
        }
        return pointers
    }

    mutating func strings(_ verticals: [Vertical]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        guard !verticals.isEmpty else { return nil }
        return strings(verticals.map(\.name))
    }

    mutating func datas(_ paths: [IntentPath]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        guard !paths.isEmpty else { return nil }
        let pointers = room(for: ProtobufCBinaryData.self, count: paths.count)
        for index in paths.indices {
            pointers[index] = data(paths[index].description)
        }
        return pointers
    }

    mutating func datas(_ texts: [UtteranceText]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        guard !texts.isEmpty else { return nil }
        let pointers = room(for: ProtobufCBinaryData.self, count: texts.count)
        for index in texts.indices {
            pointers[index] = data(texts[index].value)
        }
        return pointers
    }

    mutating func datas(_ strings: [String]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        guard !strings.isEmpty else { return nil }
        let pointers = room(for: ProtobufCBinaryData.self, count: strings.count)
        for index in strings.indices {
            pointers[index] = data(strings[index])
        }
        return pointers
    }

    mutating func datas(_ exemplars: [ExemplarID]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        guard !exemplars.isEmpty else { return nil }
        let pointers = room(for: ProtobufCBinaryData.self, count: exemplars.count)
        for index in exemplars.indices {
            pointers[index] = data(exemplars[index].bits)
        }
        return pointers
    }

    mutating func datas(_ models: [ModelID]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        guard !models.isEmpty else { return nil }
        let pointers = room(for: ProtobufCBinaryData.self, count: models.count)
        for index in models.indices {
            pointers[index] = data(models[index].bytes)
        }
        return pointers
    }

    mutating func datas(_ ids: [Bits128]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        guard !ids.isEmpty else { return nil }
        let pointers = room(for: ProtobufCBinaryData.self, count: ids.count)
        for index in ids.indices {
            pointers[index] = data(ids[index])
        }
        return pointers
    }

    /// Numbers as they are: floats of a vector, doubles.
    mutating func numbers<Number: BitwiseCopyable>(_ values: [Number]) -> UnsafeMutablePointer<Number>? {
        guard !values.isEmpty else { return nil }
        let copy = room(for: Number.self, count: values.count)
        copy.initialize(from: values, count: values.count)
        return copy
    }

    private mutating func room<Element>(for type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
        let bytes = count * MemoryLayout<Element>.stride
        guard let piece = take(bytes) else {
            preconditionFailure(
                "a message to be encoded has a part of \(bytes) bytes; senders keep below the frame's limit"
            )
        }
        return piece.bindMemory(to: Element.self, capacity: count)
    }
}

/// Microseconds as they travel: rounded down, nothing below zero.
func microseconds(_ duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000)
    return overflow ? .max : whole &+ UInt64(attoseconds / 1_000_000_000_000)
}

/// For fields in which zero means "not said": anything said travels as one microsecond at least.
func microseconds(said duration: Duration?) -> UInt64 {
    guard let duration else { return 0 }
    return max(1, microseconds(duration))
}

func boolean(_ value: Bool) -> protobuf_c_boolean { value ? 1 : 0 }
