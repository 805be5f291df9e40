internal import Core

/// Writes a snapshot's sections one after the other, in pieces, so that it needs little memory whatever their size.
struct SnapshotWriter {
    typealias Emit = (UnsafeRawBufferPointer) throws(SwitchboardError) -> Void

    private static let pieceBytes = 256 * 1024

    private let emit: Emit
    private var offset = 0
    private var table: [UInt8] = []
    private var count = 0
    private var piece: [UInt8] = []
    private var hash = Hash256()
    private let preamble: [UInt8]

    /// - Parameter emit: takes the file's bytes, in order.
    init(version: UInt32 = SnapshotFormat.version, _ emit: @escaping Emit) throws(SwitchboardError) {
        self.emit = emit
        var preamble = SnapshotFormat.magic
        Self.append(version, to: &preamble)
        preamble += [UInt8](repeating: 0, count: SnapshotFormat.preambleBytes - preamble.count)
        self.preamble = preamble
        piece.reserveCapacity(Self.pieceBytes + 64 * 1024)
        try pass(preamble)
    }

    mutating func section(
        _ key: SnapshotFormat.Key,
        _ body: (inout SnapshotWriter) throws(SwitchboardError) -> Void,
    ) throws(SwitchboardError) {
        let start = offset
        hash = Hash256()
        try body(&self)
        try flush()
        Self.append(key.kind.rawValue, to: &table)
        Self.append(UInt32(0), to: &table)
        Self.append(key.place, to: &table)
        Self.append(UInt64(start), to: &table)
        Self.append(UInt64(offset - start), to: &table)
        table += hash.digest()
        count += 1
        try pass([UInt8](repeating: 0, count: SnapshotFormat.aligned(offset) - offset))
    }

    /// The table and the trailer; the last call.
    mutating func finish() throws(SwitchboardError) {
        var trailer: [UInt8] = []
        Self.append(UInt64(offset), to: &trailer)
        Self.append(UInt64(count), to: &trailer)
        var root = Hash256()
        root.update(preamble)
        root.update(table)
        root.update(trailer)
        trailer += root.digest() + SnapshotFormat.endMagic
        trailer += [UInt8](repeating: 0, count: SnapshotFormat.trailerBytes - trailer.count)
        try pass(table)
        try pass(trailer)
    }

    // MARK: Inside a section

    mutating func put(_ number: some FixedWidthInteger) throws(SwitchboardError) {
        Self.append(number, to: &piece)
        try flushIfFull()
    }

    mutating func put(_ number: Double) throws(SwitchboardError) { try put(number.bitPattern) }

    mutating func put(_ bytes: some Collection<UInt8>) throws(SwitchboardError) {
        piece.append(contentsOf: bytes)
        try flushIfFull()
    }

    /// Bytes behind their count.
    mutating func putCounted(_ bytes: some Collection<UInt8>) throws(SwitchboardError) {
        try put(UInt32(bytes.count))
        try put(bytes)
    }

    /// As they lie in memory, which is little-endian on every machine that this runs on.
    mutating func put(_ numbers: [Float]) throws(SwitchboardError) {
        numbers.withUnsafeBytes { piece.append(contentsOf: $0) }
        try flushIfFull()
    }

    mutating func put(_ numbers: [Int64]) throws(SwitchboardError) {
        numbers.withUnsafeBytes { piece.append(contentsOf: $0) }
        try flushIfFull()
    }

    /// - Parameter vector: valid during the call.
    mutating func put(_ vector: UnsafePointer<Float>, count: Int) throws(SwitchboardError) {
        piece.append(contentsOf: UnsafeRawBufferPointer(UnsafeBufferPointer(start: vector, count: count)))
        try flushIfFull()
    }

    mutating func putZeros(_ count: Int) throws(SwitchboardError) {
        piece.append(contentsOf: repeatElement(0, count: count))
        try flushIfFull()
    }

    // MARK: Passing on

    private mutating func flushIfFull() throws(SwitchboardError) {
        if piece.count >= Self.pieceBytes { try flush() }
    }

    private mutating func flush() throws(SwitchboardError) {
        guard !piece.isEmpty else { return }
        hash.update(piece)
        try pass(piece)
        piece.removeAll(keepingCapacity: true)
    }

    private mutating func pass(_ bytes: [UInt8]) throws(SwitchboardError) {
        guard !bytes.isEmpty else { return }
        offset += bytes.count
        var failure: SwitchboardError?
        bytes.withUnsafeBytes { bytes in
            do throws(SwitchboardError) {
                try emit(bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
