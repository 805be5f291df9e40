internal import CProtobufC

/// Memory for the C structs of one message: handed out in sequence, given back all at once.
///
/// It starts with a buffer that its owner lends it, so that small messages never reach the heap, and goes on with heap
/// chunks up to a budget. Used by one call on one thread; pointers into it die with it.
struct Arena: ~Copyable {
    /// Every piece is aligned for any C type.
    private static let alignment = 16
    private static let firstChunkBytes = 4 * 1024
    private static let lastChunkBytes = 1024 * 1024

    private var cursor: UnsafeMutableRawPointer
    private var left: Int
    /// The newest heap chunk; its first word points at the one before.
    private var chunk: UnsafeMutableRawPointer?
    private var nextChunkBytes = Arena.firstChunkBytes
    private let budget: Int
    /// Bytes of heap chunks.
    private(set) var held = 0
    private(set) var isOverBudget = false

    /// - Parameters:
    ///   - first: lent by the caller for as long as the arena lives; aligned to 16 bytes.
    ///   - budget: bytes of heap that may be taken.
    init(first: UnsafeMutableRawBufferPointer, budget: Int) {
        precondition(!first.isEmpty, "an arena starts with a buffer")
        // Not nil, as the buffer is not empty.
        cursor = first.baseAddress!
        left = first.count
        self.budget = budget
    }

    deinit {
        var oldest = chunk
        while let current = oldest {
            oldest = current.load(as: UnsafeMutableRawPointer?.self)
            current.deallocate()
        }
    }

    /// - Returns: nil where the budget does not allow it.
    mutating func take(_ count: Int) -> UnsafeMutableRawPointer? {
        guard count <= Limits.maximumBytes * 32 else {
            isOverBudget = true
            return nil
        }
        let size = (count + Self.alignment - 1) & ~(Self.alignment - 1)
        if size > left {
            guard grow(by: size) else {
                isOverBudget = true
                return nil
            }
        }
        let piece = cursor
        cursor += size
        left -= size
        return piece
    }

    private mutating func grow(by size: Int) -> Bool {
        let needed = size + Self.alignment
        let bytes = min(max(needed, nextChunkBytes), budget - held)
        guard bytes >= needed else { return false }
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
        fresh.storeBytes(of: chunk, as: UnsafeMutableRawPointer?.self)
        chunk = fresh
        held += bytes
        nextChunkBytes = min(nextChunkBytes * 2, Self.lastChunkBytes)
        cursor = fresh + Self.alignment
        left = bytes - Self.alignment
        return true
    }
}

/// The arena behind `arena` as protobuf-c's allocator; valid while the pointer is.
func allocator(over arena: UnsafeMutablePointer<Arena>) -> ProtobufCAllocator {
    ProtobufCAllocator(alloc: takeFromArena, free: leaveToArena, allocator_data: arena)
}

private func takeFromArena(_ arena: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer? {
    arena?.assumingMemoryBound(to: Arena.self).pointee.take(count)
}

// The arena frees all at once.
private func leaveToArena(_ arena: UnsafeMutableRawPointer?, _ piece: UnsafeMutableRawPointer?) {}
