package import Core

/// Asks for a snapshot's file, or the rest of it.
package struct SnapshotRequest: Sendable, Equatable {
    /// What was received so far, as the first message said.
    package var begun: SnapshotFile?
    /// Where in it to go on, in bytes.
    package var offset: Int
    /// Intents and policies at the head, without exemplars.
    package var namesOnly: Bool
    /// Writes one of the log as it stands now, and tells of it without sending it.
    package var makesNew: Bool

    package init(
        begun: SnapshotFile? = nil,
        offset: Int = 0,
        namesOnly: Bool = false,
        makesNew: Bool = false,
    ) {
        self.begun = begun
        self.offset = offset
        self.namesOnly = namesOnly
        self.makesNew = makesNew
    }
}

/// Which contents a snapshot has.
package struct SnapshotFile: Sendable, Equatable {
    package static let checksumBytes = 32

    package let position: LogPosition
    /// Tells its contents from any other's.
    package let checksum: [UInt8]

    package init(position: LogPosition, checksum: [UInt8]) {
        self.position = position
        self.checksum = checksum
    }
}

/// A piece of a snapshot's file.
package struct SnapshotResponse: Sendable, Equatable {
    /// Of a chunk.
    package static let maximumChunkBytes = Limits.pageBytes

    package struct Beginning: Sendable, Equatable {
        package let file: SnapshotFile
        /// Of the whole file, in bytes.
        package let size: Int

        package init(file: SnapshotFile, size: Int) {
            self.file = file
            self.size = size
        }
    }

    /// In the first message.
    package var beginning: Beginning?
    /// Of the chunk in the file.
    package var offset: Int
    package var chunk: [UInt8]

    package init(beginning: Beginning? = nil, offset: Int, chunk: [UInt8]) {
        self.beginning = beginning
        self.offset = offset
        self.chunk = chunk
    }
}

/// Lets the log begin at the operation that made a record.
package struct TrimRequest: Sendable, Equatable {
    package var before: LogSequence

    package init(before: LogSequence) {
        self.before = before
    }
}

package struct TrimResponse: Sendable, Equatable {
    /// The oldest record that the log still has.
    package var first: LogSequence

    package init(first: LogSequence) {
        self.first = first
    }
}
