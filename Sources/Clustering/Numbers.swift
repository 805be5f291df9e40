/// Numbers in memory of their own for inner loops: reads and writes are checked in debug builds only, and nothing is ever
/// copied on a write. Freed with the value.
struct Numbers<Element: BitwiseCopyable>: ~Copyable {
    private let buffer: UnsafeMutableBufferPointer<Element>

    init(repeating value: Element, count: Int) {
        buffer = .allocate(capacity: count)
        buffer.initialize(repeating: value)
    }

    init(_ values: [Element]) {
        buffer = .allocate(capacity: values.count)
        _ = buffer.initialize(from: values)
    }

    deinit {
        buffer.deallocate()
    }

    var count: Int { buffer.count }

    subscript(place: Int) -> Element {
        @inline(__always) get { buffer[place] }
        @inline(__always) nonmutating set { buffer[place] = newValue }
    }

    /// Valid while this value lives.
    var memory: UnsafeMutableBufferPointer<Element> { buffer }

    /// A copy.
    var array: [Element] { Array(buffer) }
}
