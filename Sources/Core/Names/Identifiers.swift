/// A place in the update log. 0 is before the first record.
package struct LogSequence: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let start = LogSequence(0)
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    // A message may name any number, and a damaged file hold any: what would be beyond the greatest is the greatest, and
    // what would be before the start is the start.

    package func advanced(by count: Int) -> LogSequence {
        let (sum, isBeyond) = number.addingReportingOverflow(UInt64(count))
        return LogSequence(isBeyond ? .max : sum)
    }

    package var next: LogSequence { advanced(by: 1) }
    package var previous: LogSequence { LogSequence(number == 0 ? 0 : number - 1) }
    package static func < (left: LogSequence, right: LogSequence) -> Bool { left.number < right.number }
    package var description: String { String(number) }
}

/// 128 bits that name a thing or a state: log ids, exemplar ids, reply ids, digests.
package struct Bits128: Hashable, Sendable, Comparable, CustomStringConvertible {
    // Two words and not a UInt128: a value with one that is passed between tasks on the stack is misplaced there (Swift 6.3,
    // x86-64), and the program jumps to nowhere.
    private let high: UInt64
    private let low: UInt64

    package var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

    package init(_ value: UInt128) {
        high = UInt64(truncatingIfNeeded: value >> 64)
        low = UInt64(truncatingIfNeeded: value)
    }

    /// - Parameter bytes: 16 bytes, most significant first.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.init(bytes.reduce(0) { ($0 << 8) | UInt128($1) })
    }

    /// - Parameter hex: 32 hexadecimal digits.
    package init?(hex: String) {
        guard hex.utf8.count == 32, let value = UInt128(hex, radix: 16) else { return nil }
        self.init(value)
    }

    package static func random() -> Bits128 { Bits128(UInt128.random(in: 1...UInt128.max)) }

    /// 16 bytes, most significant first.
    package var bytes: [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    package static func < (left: Bits128, right: Bits128) -> Bool { left.value < right.value }

    package var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }
}

/// Which log a sequence number belongs to; a log restored from a backup gets a new one.
package typealias LogID = Bits128

/// A place in a certain log.
package struct LogPosition: Hashable, Sendable {
    package let log: LogID
    package let sequence: LogSequence

    package init(log: LogID, sequence: LogSequence) {
        self.log = log
        self.sequence = sequence
    }

    /// Whether who is here has all that the other place has; of another log nobody has anything.
    package func reaches(_ other: LogPosition) -> Bool {
        log == other.log && sequence >= other.sequence
    }
}

/// First 128 bits of SHA-256 over vertical, a zero byte, normalised text.
package struct ExemplarID: Hashable, Sendable, CustomStringConvertible {
    package let bits: Bits128

    package init(_ bits: Bits128) {
        self.bits = bits
    }

    package init(vertical: Vertical, text: UtteranceText) {
        var hasher = Hash256()
        hasher.update(vertical.name.utf8)
        hasher.update(CollectionOfOne(0))
        hasher.update(text.value.utf8)
        bits = hasher.first128()
    }

    package init?(bytes: some Collection<UInt8>) {
        guard let bits = Bits128(bytes: bytes) else { return nil }
        self.bits = bits
    }

    package var description: String { bits.description }
}

/// 8 x (sequence of the record that first named the intent) + depth - 1; never changes.
package struct IntentID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    package init(namedAt sequence: LogSequence, depth: Int) {
        number = sequence.number * 8 + UInt64(depth - 1)
    }

    /// The record that first named the intent.
    package var namedAt: LogSequence { LogSequence(number / 8) }

    package static func < (left: IntentID, right: IntentID) -> Bool { left.number < right.number }
    package var description: String { String(number) }
}

/// SHA-256 that names a model file (of an encoder: over its bytes and the pooling) or a prompt.
package struct ModelID: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32
    package let bytes: [UInt8]

    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// - Parameter hex: 64 hexadecimal digits.
    package init?(hex: String) {
        guard hex.utf8.count == 2 * Self.byteCount, let high = Bits128(hex: String(hex.prefix(Self.byteCount))),
            let low = Bits128(hex: String(hex.suffix(Self.byteCount)))
        else { return nil }
        bytes = high.bytes + low.bytes
    }

    /// 64 hexadecimal digits.
    package var description: String { hexadecimal(bytes) }
    /// The first 12 digits, enough for people.
    package var short: String { String(description.prefix(12)) }
}
