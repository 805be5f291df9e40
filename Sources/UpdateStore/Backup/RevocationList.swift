internal import Core
internal import Foundation

/// `revocations.jsonl` of a data directory: whose keys were revoked, so that a backup from before does not let them in again
/// when it is restored. Names and public halves alone, which are no secret.
struct RevocationList: Sendable {
    static let name = "revocations.jsonl"

    private let lines: DurableLines<Entry>

    var path: String { lines.path }

    init(in directory: String) {
        self.init(path: directory + "/" + Self.name)
    }

    init(path: String) {
        lines = DurableLines(path: path, subject: "revoked keys")
    }

    /// One line.
    struct Entry: Codable, Sendable, Hashable {
        let name: String
        let publicKey: String
        let timeMicroseconds: Int64

        init(_ key: KeySet, timeMicroseconds: Int64) {
            name = key.name.text
            publicKey = key.publicKey.description
            self.timeMicroseconds = timeMicroseconds
        }

        enum CodingKeys: String, CodingKey {
            case name
            case publicKey = "public_key"
            case timeMicroseconds = "time_us"
        }
    }

    /// On disk when this returns.
    ///
    /// - Throws: `.resourceExhausted` on a full disk, else `.failedPrecondition`.
    func append(_ entries: [Entry]) throws(SwitchboardError) {
        do {
            try lines.append(entries)
        } catch let error as SwitchboardError {
            throw error
        } catch {
            let isFull = (error as? SystemCallError)?.code == .noSpace
            throw SwitchboardError(
                isFull ? .resourceExhausted : .failedPrecondition,
                "no key is revoked, since \(path) cannot be written" + (isFull ? ": the disk is full" : ""),
                cause: error
            )
        }
    }

    /// - Throws: `.invalidArgument` where the file is not there or no such list, naming the line.
    func entries() throws -> [Entry] {
        let entries = try lines.lines()
        for entry in entries where PublicKey(entry.publicKey) == nil {
            throw SwitchboardError.invalid("\(path) names a public key of '\(entry.name)' that is none")
        }
        return entries
    }

    /// Makes the list of a restored data directory whole: what an older one named, and what the log knows.
    func complete(with listed: [Entry], _ keys: KeyRegister, timeMicroseconds: Int64) throws {
        var noted = FileManager.default.fileExists(atPath: path) ? Set(try entries().map(\.publicKey)) : []
        let known = keys.all.filter(\.isRevoked).map { Entry($0, timeMicroseconds: timeMicroseconds) }
        let missing = (listed + known).filter { noted.insert($0.publicKey).inserted }
        if !missing.isEmpty { try append(missing) }
    }
}

extension UpdateLog {
    /// Revokes the keys of a list that the log lets in.
    ///
    /// - Returns: how many, and the one that stays, since without it there would be no admin.
    func revoke(
        _ listed: [RevocationList.Entry],
        source: String,
    ) async throws(SwitchboardError) -> (count: Int, leftAdmin: KeyName?) {
        var register = keys
        var commands: [LogCommand] = []
        var leftAdmin: KeyName?
        for entry in listed {
            guard let publicKey = PublicKey(entry.publicKey), let key = register[publicKey], !key.isRevoked else {
                continue
            }
            let command = KeyCommand.revoke(key.name)
            do throws(SwitchboardError) {
                guard let fact = try register.fact(for: command) else { continue }
                register.apply(fact)
                commands.append(.setKey(command))
            } catch {
                guard error.code == .failedPrecondition else { throw error }
                leftAdmin = key.name
            }
        }
        var place = 0
        while place < commands.count {
            let next = min(place + AppendBatch.maximumCommands, commands.count)
            _ = try await append(
                AppendBatch(
                    operation: Bits128.random().bytes,
                    source: source,
                    author: "",
                    commands: Array(commands[place..<next])
                )
            )
            place = next
        }
        return (commands.count, leftAdmin)
    }
}
