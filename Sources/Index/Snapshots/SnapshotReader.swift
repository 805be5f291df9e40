internal import Core

/// Reads one section from its beginning; what does not fit is an error, never a trap.
struct SnapshotReader {
    /// Valid while the container is held.
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func take<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type = Number.self
    ) throws(SwitchboardError) -> Number {
        let part = try take(bytes: MemoryLayout<Number>.size)
        return Number(littleEndian: part.loadUnaligned(as: Number.self))
    }

    mutating func takeDouble() throws(SwitchboardError) -> Double { Double(bitPattern: try take()) }

    /// A number of things, of which each takes some bytes that are to follow.
    mutating func takeCount(ofAtLeast bytesEach: Int) throws(SwitchboardError) -> Int {
        let count: UInt32 = try take()
        guard Int(count) <= (bytes.count - place) / max(bytesEach, 1) else {
            throw .brokenSnapshot("it announces more than it holds")
        }
        return Int(count)
    }

    /// A number that stands for a row, a place or a count.
    mutating func takeInt() throws(SwitchboardError) -> Int {
        let number: UInt64 = try take()
        guard let small = Int(exactly: number) else { throw .brokenSnapshot("a count is out of range") }
        return small
    }

    mutating func take(bytes count: Int) throws(SwitchboardError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - place else { throw .brokenSnapshot("a section ends too early") }
        defer { place += count }
        return UnsafeRawBufferPointer(rebasing: bytes[place..<(place + count)])
    }

    mutating func takeCounted() throws(SwitchboardError) -> UnsafeRawBufferPointer {
        let count = try takeCount(ofAtLeast: 1)
        return try take(bytes: count)
    }

    mutating func takeBits() throws(SwitchboardError) -> Bits128 {
        // 16 bytes are as many as there have to be.
        Bits128(bytes: try take(bytes: 16))!
    }

    mutating func takeModel() throws(SwitchboardError) -> ModelID {
        // As many bytes as an id has.
        ModelID(bytes: try take(bytes: ModelID.byteCount))!
    }

    mutating func takeText(_ count: Int) throws(SwitchboardError) -> String {
        guard let text = String(validating: try take(bytes: count), as: UTF8.self) else {
            throw .brokenSnapshot("a text is not UTF-8")
        }
        return text
    }

    mutating func takeFloats(_ count: Int) throws(SwitchboardError) -> [Float] {
        let part = try take(bytes: try size(of: count, MemoryLayout<Float>.stride))
        return [Float](unsafeUninitializedCapacity: count) { floats, initialised in
            UnsafeMutableRawBufferPointer(floats).copyMemory(from: part)
            initialised = count
        }
    }

    mutating func takeInt64s(_ count: Int) throws(SwitchboardError) -> [Int64] {
        let part = try take(bytes: try size(of: count, MemoryLayout<Int64>.stride))
        return [Int64](unsafeUninitializedCapacity: count) { numbers, initialised in
            UnsafeMutableRawBufferPointer(numbers).copyMemory(from: part)
            initialised = count
        }
    }

    /// To be called once all is read.
    func end() throws(SwitchboardError) {
        guard place == bytes.count else { throw .brokenSnapshot("a section holds more than it should") }
    }

    private func size(of count: Int, _ bytesEach: Int) throws(SwitchboardError) -> Int {
        let (size, overflows) = count.multipliedReportingOverflow(by: bytesEach)
        guard !overflows else { throw .brokenSnapshot("a count is out of range") }
        return size
    }
}
