internal import Core
internal import Foundation

/// `manifest.json` of a backup: what it holds, of which moment, and what guards it.
package struct BackupManifest: Sendable, Equatable, Codable {
    static let name = "manifest.json"
    /// Of this layout. One without snapshots has 1, as before there were any.
    static let format = 2

    /// One file of the backup.
    package struct File: Sendable, Equatable, Codable {
        /// Below the backup's folder.
        package let path: String
        package let bytes: Int
        /// 64 hexadecimal digits.
        package let sha256: String
    }

    package let format: Int
    /// Of the program that made it.
    package let version: String
    /// When the log's moment was, in microseconds since 1970, UTC.
    package let timeMicroseconds: Int64
    package let log: String
    package let sequence: UInt64
    /// Of the live state at that place.
    package let digest: String
    /// Words of feedback.
    package let feedback: Int
    /// Schema versions.
    package let logVersion: Int
    package let feedbackVersion: Int
    /// Nil: there was no pool.
    package let poolVersion: Int?
    /// Each record was read against its checksum; false for a log that a node of this version would bring up to date
    /// first.
    package let isChecked: Bool
    package let files: [File]

    enum CodingKeys: String, CodingKey {
        case format
        case version
        case timeMicroseconds = "time_us"
        case log = "log_id"
        case sequence = "seq"
        case digest
        case feedback
        case logVersion = "log_version"
        case feedbackVersion = "feedback_version"
        case poolVersion = "pool_version"
        case isChecked = "checked"
        case files
    }

    /// Of all files.
    package var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    /// Reads the manifest of a backup, and nothing else of it.
    ///
    /// - Throws: `.failedPrecondition` where the folder holds no backup, or one of a newer program; `.dataLoss` where the
    ///   manifest cannot be what was written.
    init(in folder: String) throws {
        let path = "\(folder)/\(Self.name)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(folder) is no backup: \(Self.name) is not there or cannot be read. A backup that was interrupted has none"
            )
        }
        guard let manifest = try? JSONDecoder().decode(BackupManifest.self, from: data) else {
            throw SwitchboardError(.dataLoss, "\(path) is damaged; take another backup")
        }
        guard manifest.format <= Self.format, manifest.logVersion <= StoreSchema.log.steps.count,
            manifest.feedbackVersion <= StoreSchema.feedback.steps.count,
            manifest.poolVersion ?? 0 <= StoreSchema.pool.steps.count
        else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(folder) was made by version \(manifest.version) and is newer than this program reads; restore it with "
                    + "that one"
            )
        }
        guard manifest.files.contains(where: { $0.path == "log.sqlite" }),
            manifest.files.allSatisfy({ Self.isOurs($0.path) }),
            Set(manifest.files.map(\.path)).count == manifest.files.count
        else {
            throw SwitchboardError(.dataLoss, "\(path) names files that no backup has; take another backup")
        }
        self = manifest
    }

    init(
        version: String = Version.current,
        timeMicroseconds: Int64,
        position: LogPosition,
        digest: StateDigest,
        feedback: Int,
        logVersion: Int,
        feedbackVersion: Int,
        poolVersion: Int?,
        isChecked: Bool,
        files: [File],
    ) {
        format = files.contains { $0.path.hasPrefix("\(Self.snapshots)/") } ? Self.format : 1
        self.version = version
        self.timeMicroseconds = timeMicroseconds
        log = position.log.description
        sequence = position.sequence.number
        self.digest = digest.sum.description
        self.feedback = feedback
        self.logVersion = logVersion
        self.feedbackVersion = feedbackVersion
        self.poolVersion = poolVersion
        self.isChecked = isChecked
        self.files = files
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// What is beside the stores.
    static let folders = ["models", "keys"]
    /// With a folder for each run of discovery.
    static let runs = "runs"
    /// What was decided about proposals.
    static let reviews = "runs/review.sqlite"
    /// Of a trimmed log alone.
    static let snapshots = "snapshots"

    /// A path out of the folder would let a backup write anywhere.
    private static func isOurs(_ path: String) -> Bool {
        if ["log.sqlite", "feedback.sqlite", "pool.sqlite", reviews, PurgeList.name].contains(path) { return true }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isNamed = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        if isOfRun(path) { return isNamed && parts.count == 3 }
        return isNamed && parts.count == 2 && (folders + [snapshots]).contains(String(parts[0]))
    }

    static func isOfRun(_ path: String) -> Bool { path.hasPrefix(runs + "/") }
}
