internal import Foundation
internal import Glibc

/// The folder that a backup fills before it gets the target's name: `NAME.part-PROCESS` beside it. A process that was
/// killed leaves it.
package enum BackupPart {
    private static let mark = ".part-"

    static func path(of target: String) -> String { "\(target)\(mark)\(getpid())" }

    /// Those in a folder whose process is gone, by path. Others' folders that are only called so are left out: in these is
    /// nothing but what a backup writes.
    package static func abandoned(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            guard let process = process(of: name), isGone(process) else { return nil }
            let path = "\(folder)/\(name)"
            return isPart(path) ? path : nil
        }
    }

    /// Makes room beside a target, before its own part is begun. One that cannot be deleted stays.
    static func removeAbandoned(beside target: String) {
        var paths = abandoned(in: StoreFile.folder(of: target))
        // In containers each process has the number of the one before.
        let own = path(of: target)
        if isPart(own) { paths.append(own) }
        for path in paths { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func process(of name: String) -> pid_t? {
        guard let found = name.range(of: mark, options: .backwards), let process = pid_t(name[found.upperBound...]),
            process > 0
        else { return nil }
        return process
    }

    private static func isGone(_ process: pid_t) -> Bool { kill(process, 0) != 0 && errno == ESRCH }

    private static func isPart(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        else { return false }
        return names.allSatisfy { name in written.contains { name == $0 || name.hasPrefix($0 + "-") } }
    }

    /// What stands in a backup's folder itself; SQLite may put files beside the stores, named after them.
    private static let written =
        BackupManifest.folders + [
            BackupManifest.runs, BackupManifest.snapshots, BackupManifest.name, PurgeList.name, "log.sqlite",
            "feedback.sqlite", "pool.sqlite",
        ]
}
