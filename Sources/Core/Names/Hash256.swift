internal import Crypto

/// SHA-256, fed in pieces.
package struct Hash256 {
    private var state = SHA256()

    package init() {}

    package mutating func update(_ bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable {
            state.update(bufferPointer: UnsafeRawBufferPointer($0))
        }
        if done == nil {
            Array(bytes).withUnsafeBytes { state.update(bufferPointer: $0) }
        }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        state.update(bufferPointer: bytes)
    }

    package func digest() -> [UInt8] { Array(state.finalize()) }

    /// The first 16 bytes of the digest.
    package func first128() -> Bits128 {
        Bits128(state.finalize().prefix(16).reduce(UInt128(0)) { ($0 << 8) | UInt128($1) })
    }
}

/// Lower-case hexadecimal digits, two a byte.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
