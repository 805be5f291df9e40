internal import CHNSW

/// What the machine does with vectors: which instructions search uses, and how fast memory can be read at all.
package enum VectorKernels {
    package enum InstructionSet: String, Sendable, CaseIterable {
        // From the narrowest to the widest.
        case portable
        case avx2 = "AVX2"
        case avx512 = "AVX-512"

        var code: chnsw_instructions {
            switch self {
            case .portable: CHNSW_PORTABLE
            case .avx2: CHNSW_AVX2
            case .avx512: CHNSW_AVX512
            }
        }

        /// Whether this processor has it.
        package var isAvailable: Bool { chnsw_instructions_available(code) }
    }

    /// The widest that this processor has, chosen when the program started.
    package static var used: InstructionSet {
        let code = chnsw_instructions_used()
        guard let used = InstructionSet.allCases.first(where: { $0.code == code }) else {
            preconditionFailure("the kernels run on one of the instruction sets that there are")
        }
        return used
    }

    /// Dot product of two vectors of one length, to the bit as search computes it.
    package static func dot(_ left: [Float], _ right: [Float]) -> Float {
        withBoth(left, right, chnsw_dot)
    }

    /// The same on certain instructions, which have to be available.
    package static func dot(_ left: [Float], _ right: [Float], on instructions: InstructionSet) -> Float {
        precondition(instructions.isAvailable, "this processor has no \(instructions.rawValue)")
        return withBoth(left, right) { chnsw_dot_on(instructions.code, $0, $1, $2) }
    }

    /// A vector's 8-bit codes times a query's 16-bit ones, exactly.
    static func dot(codes: [Int8], query: [Int16], on instructions: InstructionSet) -> Int32 {
        precondition(instructions.isAvailable, "this processor has no \(instructions.rawValue)")
        let multiple = Int(CHNSW_CODES_MULTIPLE)
        precondition(codes.count == query.count && codes.count % multiple == 0, "codes are filled up with zeros")
        return codes.withUnsafeBufferPointer { codes in
            query.withUnsafeBufferPointer { query in
                guard let left = codes.baseAddress, let right = query.baseAddress else { return 0 }
                return chnsw_dot_codes_on(instructions.code, left, right, codes.count)
            }
        }
    }

    /// Reads fresh memory of this size through, again and again on the calling thread, and gives the bytes per second
    /// of the middle one of the passes: what an exact scan's speed is compared with.
    ///
    /// - Returns: nil where the system has not that much memory.
    package static func readBandwidth(bytes: Int, passes: Int = 11) -> Double? {
        // The kernel reads 512 bytes at a time.
        let bytes = max(bytes / 512, 1) * 512
        guard let pages = chnsw_pages_create(bytes, true) else { return nil }
        defer { chnsw_pages_destroy(pages, bytes) }
        // Zeroed pages are one and the same page until they are written.
        pages.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
        let clock = ContinuousClock()
        var checksum: UInt64 = 0
        let durations = (0..<max(passes, 1)).map { _ in clock.measure { checksum &+= chnsw_read(pages, bytes) } }
        precondition(checksum != 0, "the kernel has read what was written")
        let middle = durations.sorted()[durations.count / 2]
        return Double(bytes) / (middle / .seconds(1))
    }

    private static func withBoth(
        _ left: [Float],
        _ right: [Float],
        _ body: (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Float,
    ) -> Float {
        precondition(left.count == right.count, "a dot product is of vectors of one length")
        return left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
                return body(first, second, left.count)
            }
        }
    }
}
