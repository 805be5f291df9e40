/// Goes through the first fields of an encoded message without unpacking it; knows nothing of what they mean.
struct FieldScan {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next field's number, and its value where that is a varint; nil at the end, and where no field stands.
    mutating func next() -> (number: UInt64, value: UInt64?)? {
        guard let tag = varint() else { return nil }
        let number = tag >> 3
        switch tag & 7 {
        case 0: return varint().map { (number, $0) }
        case 1: return skip(8) ? (number, nil) : nil
        case 2:
            guard let count = varint() else { return nil }
            return skip(count) ? (number, nil) : nil
        case 5: return skip(4) ? (number, nil) : nil
        default: return nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }

    private mutating func skip(_ count: UInt64) -> Bool {
        guard count <= UInt64(bytes.count - place) else { return false }
        place += Int(count)
        return true
    }
}
