internal import Synchronization

/// Counts the bytes that a socket was given for one peer and that have not left this process: what a peer that reads
/// slowly makes libzmq keep.
///
/// libzmq's own limit counts messages, whatever their size. Here only frames of `smallestFrame` and more are counted; of
/// smaller ones that limit is enough. Read on any thread; libzmq's thread counts down.
package final class SendMeter: Sendable {
    /// Smaller frames are not counted.
    package static let smallestFrame = 4 * 1024

    private let count = Atomic<Int>(0)
    private let total: SendMeter?

    /// - Parameter total: counts what this one does, and others do.
    package init(of total: SendMeter? = nil) {
        self.total = total
    }

    package var bytes: Int { count.load(ordering: .relaxed) }

    func add(_ bytes: Int) {
        count.add(bytes, ordering: .relaxed)
        total?.add(bytes)
    }

    func subtract(_ bytes: Int) {
        count.subtract(bytes, ordering: .relaxed)
        total?.subtract(bytes)
    }
}

/// A frame that libzmq holds, and whose meter it is counted on.
final class MeteredFrame: Sendable {
    let meter: SendMeter
    let bytes: Int

    init(meter: SendMeter, bytes: Int) {
        self.meter = meter
        self.bytes = bytes
    }
}
