internal import Synchronization

/// What a language model made of pairs' lines: keys and values of their tokens, as llama.cpp writes a sequence down.
///
/// Shared by all threads. Holds at most so many bytes; those that were not asked for longest make room.
final class LineCache: Sendable {
    private struct Entry {
        let state: [UInt8]
        var lastUse: UInt64
    }

    private struct Table {
        var entries: [[Int32]: Entry] = [:]
        var bytes = 0
        var uses: UInt64 = 0
        var found = 0
        var missed = 0
    }

    let limit: Int
    private let table = Mutex(Table())

    /// - Parameter limit: in bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Lines that were there and lines that were not, so far.
    var counts: (found: Int, missed: Int) { table.withLock { ($0.found, $0.missed) } }
    var bytes: Int { table.withLock { $0.bytes } }

    /// - Parameter line: its tokens.
    func state(of line: [Int32]) -> [UInt8]? {
        table.withLock { table in
            table.uses += 1
            guard let entry = table.entries[line] else {
                table.missed += 1
                return nil
            }
            table.entries[line]?.lastUse = table.uses
            table.found += 1
            return entry.state
        }
    }

    /// Keeps a line, unless it is larger than all there is room for.
    func keep(_ state: [UInt8], of line: [Int32]) {
        guard state.count <= limit else { return }
        table.withLock { table in
            table.uses += 1
            let before = table.entries.updateValue(Entry(state: state, lastUse: table.uses), forKey: line)
            table.bytes += state.count - (before?.state.count ?? 0)
            guard table.bytes > limit else { return }
            // A tenth at once, so that the order is not looked at for each line.
            for (line, entry) in table.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
                guard table.bytes > limit - limit / 10, table.entries.count > 1 else { break }
                table.entries[line] = nil
                table.bytes -= entry.state.count
            }
        }
    }
}
