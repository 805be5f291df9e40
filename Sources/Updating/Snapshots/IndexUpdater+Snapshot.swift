package import Calls
internal import Core
internal import Index
internal import Logging
internal import UpdateStore
package import Wire

extension IndexUpdater {
    /// For the caller to take a chunk.
    private static var snapshotPatience: Duration { .seconds(30) }

    /// Sends the newest snapshot that is whole, from where the caller has it; or names alone; or writes one.
    package func snapshot(
        _ request: SnapshotRequest,
        _ writer: StreamWriter<SnapshotResponse>,
        client: ClientIdentity,
    ) async throws {
        try snapshotPlaces.take(for: client)
        defer { snapshotPlaces.giveBack(of: client) }
        if request.namesOnly { return try await sendNames(writer) }
        guard let snapshots else {
            throw SwitchboardError(.unimplemented, "this updater keeps no snapshots")
        }
        if request.makesNew {
            let kept = try await snapshots.write()
            let beginning = SnapshotResponse.Beginning(file: kept.file, size: kept.container.memory.count)
            return try await writer.send(SnapshotResponse(beginning: beginning, offset: 0, chunk: []))
        }
        guard let kept = try await snapshots.newest() else {
            throw SwitchboardError(.notFound, "there is no snapshot yet; follow the log from its beginning")
        }
        let start = request.begun == kept.file ? min(request.offset, kept.container.memory.count) : 0
        try await send(kept.container.memory, as: kept.file, from: start, to: writer)
    }

    private func sendNames(_ writer: StreamWriter<SnapshotResponse>) async throws {
        let names = log.names
        let (memory, file) = try await SnapshotFolder.blocking {
            () throws(SwitchboardError) -> (SnapshotMemory, SnapshotFile) in
            let bytes = ByteCollector()
            try SnapshotNames(
                position: names.head.position,
                digest: names.head.digest,
                taxonomy: names.taxonomy,
                policies: names.policies,
                keys: names.keys
            ).write { (piece) throws(SwitchboardError) in bytes.append(piece) }
            let memory = SnapshotMemory(copying: bytes.bytes)
            let checksum = try SnapshotContainer.checksum(of: memory)
            return (memory, SnapshotFile(position: names.head.position, checksum: checksum))
        }
        try await send(memory, as: file, from: 0, to: writer)
    }

    private func send(
        _ memory: SnapshotMemory,
        as file: SnapshotFile,
        from start: Int,
        to writer: StreamWriter<SnapshotResponse>,
    ) async throws {
        var offset = start
        var beginning: SnapshotResponse.Beginning? = .init(file: file, size: memory.count)
        repeat {
            let place = offset
            let chunk = try await SnapshotFolder.blocking { () throws(SwitchboardError) -> [UInt8] in
                memory.copy(from: place, atMost: SnapshotResponse.maximumChunkBytes)
            }
            try await writer.send(
                SnapshotResponse(beginning: beginning, offset: offset, chunk: chunk),
                within: Self.snapshotPatience
            )
            beginning = nil
            offset += chunk.count
        } while offset < memory.count
    }

    /// Lets the log begin at the operation that made a record. A snapshot that a new replica can begin from is there
    /// before anything is deleted.
    package func trim(_ request: TrimRequest) async throws -> TrimResponse {
        if let refusal { throw refusal }
        guard let snapshots else {
            throw SwitchboardError(.unimplemented, "this updater keeps no snapshots, so its log cannot begin from one")
        }
        let beginning = try await log.beginning(ifTrimmedBefore: request.before)
        // It has to hold all that goes.
        let least = LogPosition(log: log.id, sequence: beginning.previous)
        if beginning > LogSequence(1), try await snapshots.newest()?.position.reaches(least) != true {
            guard try await snapshots.write().position.reaches(least) else {
                throw SwitchboardError(
                    .unavailable,
                    "the replica here has not applied record \(least.sequence) yet, so there is no snapshot of it; "
                        + "try again in a moment"
                )
            }
        }
        // It names records that would go, and may have been written in part.
        guard !isSwitching else {
            throw SwitchboardError(
                .unavailable,
                "an undo or a switch of encoders is being written, and nothing was trimmed; try again in a moment",
                retryAfter: .seconds(1)
            )
        }
        try await log.trim(to: beginning)
        logger.notice("the log was trimmed", metadata: ["first": "\(log.first)"])
        return TrimResponse(first: log.first)
    }
}

extension SnapshotKeeper.Kept {
    var file: SnapshotFile { SnapshotFile(position: position, checksum: container.checksum) }
}

/// Bytes in memory, collected by one thread.
private final class ByteCollector {
    private(set) var bytes: [UInt8] = []

    func append(_ piece: UnsafeRawBufferPointer) { bytes.append(contentsOf: piece) }
}
