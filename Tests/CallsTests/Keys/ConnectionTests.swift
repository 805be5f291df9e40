import Core
import Foundation
import Glibc
import Testing

@testable import Messaging

/// What is counted of connections, and what is dropped.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    private func key(_ number: UInt8) throws -> PublicKey {
        try #require(PublicKey(bytes: [UInt8](repeating: number, count: 32)))
    }

    private func id(_ descriptor: Int32, on socket: Int = 1) -> ConnectionLedger.ID {
        ConnectionLedger.ID(socket: socket, descriptor: descriptor)
    }

    @Test func theLedgerCountsWhatIsOpen() throws {
        var ledger = ConnectionLedger()
        let (one, two) = (try key(1), try key(2))
        ledger.opened(id(5), from: "a")
        #expect(ledger.count(from: "a") == 1)
        #expect(ledger.count(of: one) == 0)
        ledger.admitted(one, from: "a")
        ledger.opened(id(6), from: "a")
        ledger.admitted(two, from: "a")
        ledger.opened(id(5, on: 2), from: "b")
        ledger.admitted(one, from: "b")
        #expect(ledger.count(from: "a") == 2)
        #expect(ledger.count(of: one) == 2)
        #expect(ledger.count(of: two) == 1)
        ledger.closed(id(5))
        ledger.closed(id(5))
        #expect(ledger.count(of: one) == 1)
        #expect(ledger.count(from: "a") == 1)
        ledger.closed(id(6))
        ledger.closed(id(5, on: 2))
        #expect(ledger.count(of: one) == 0)
        #expect(ledger.count(of: two) == 0)
        #expect(ledger.count(from: "a") == 0)
    }

    /// Who connects and says nothing does not make a key look idle.
    @Test func aKeyBelongsToTheNewestThatHasNone() throws {
        var ledger = ConnectionLedger()
        let one = try key(1)
        ledger.opened(id(5), from: "a")
        ledger.opened(id(6), from: "a")
        ledger.admitted(one, from: "a")
        ledger.closed(id(5))
        #expect(ledger.count(of: one) == 1)
        ledger.closed(id(6))
        #expect(ledger.count(of: one) == 0)
    }

    @Test func aDescriptorThatComesAgainIsAnotherConnection() throws {
        var ledger = ConnectionLedger()
        let one = try key(1)
        ledger.opened(id(5), from: "a")
        ledger.admitted(one, from: "a")
        ledger.opened(id(5), from: "b")
        #expect(ledger.count(of: one) == 0)
        #expect(ledger.count(from: "a") == 0)
        #expect(ledger.count(from: "b") == 1)
        ledger.admitted(one, from: "c")
        #expect(ledger.count(of: one) == 0, "nobody of that address is there")
    }

    /// Such as a handshake that was refused, or somebody who connects, waits and goes.
    @Test func aKeyPassesToWhoWasThereWhenAnotherGoes() throws {
        var ledger = ConnectionLedger()
        let one = try key(1)
        ledger.opened(id(5), from: "a")
        ledger.opened(id(6), from: "a")
        ledger.admitted(one, from: "a")
        ledger.opened(id(7), from: "a")
        ledger.closed(id(6))
        #expect(ledger.count(of: one) == 1, "5 may have it")
        ledger.closed(id(5))
        #expect(ledger.count(of: one) == 0, "7 came later")
        ledger.admitted(one, from: "a")
        #expect(ledger.count(of: one) == 1)
        ledger.closed(id(7))
        #expect(ledger.count(of: one) == 0)
    }

    @Test func aKeyPassesToNobodyOfAnotherAddress() throws {
        var ledger = ConnectionLedger()
        let one = try key(1)
        ledger.opened(id(4), from: "b")
        ledger.opened(id(5), from: "a")
        ledger.admitted(one, from: "a")
        ledger.closed(id(5))
        #expect(ledger.count(of: one) == 0)
    }

    /// 330 at once, then four times 60 of the oldest go and 200 come; between them come some that say nothing.
    @Test(arguments: UInt64(1)...40) func noBurstGetsAKeyMoreThanItsConnections(seed: UInt64) throws {
        var door = PlayedDoor(key: try key(1), seed: seed)
        door.come(330)
        door.stepUntilQuiet()
        #expect(door.admitted.count == PlayedDoor.limit)
        for _ in 0..<4 {
            door.leave(60)
            door.come(200)
            // In some rounds the next begins before this one has come to rest.
            if Bool.random(using: &door.random) { door.stepUntilQuiet() } else { door.step(150) }
        }
        door.stepUntilQuiet()
        #expect(door.most <= PlayedDoor.limit)
        #expect(!door.isCountedTooLow)
        #expect(door.ledger.count(of: door.key) == door.admitted.count)
        door.leave(door.admitted.count)
        door.stepUntilQuiet()
        #expect(door.ledger.count(of: door.key) == 0)
        #expect(door.ledger.count(from: "a") == 0)
        door.come(PlayedDoor.limit)
        door.stepUntilQuiet()
        #expect(door.admitted.count == PlayedDoor.limit)
    }

    /// A door as one key's connections of one address come to it, in any order that libzmq may have: what happens to a
    /// connection happens in order, what happens to several in any.
    private struct PlayedDoor {
        static let limit = 256
        /// Connections at a time that say nothing.
        static let silent = 3

        let key: PublicKey
        var random: SeededGenerator
        private(set) var ledger = ConnectionLedger()
        /// In truth.
        private(set) var admitted: [Int32] = []
        private(set) var most = 0
        private(set) var isCountedTooLow = false
        private var coming: [Int32] = []
        private var asking: [Int32] = []
        private var refused: [Int32] = []
        private var leaving: [Int32] = []
        private var quiet: [Int32] = []
        private var last: Int32 = 0

        init(key: PublicKey, seed: UInt64) {
            self.key = key
            random = SeededGenerator(seed: seed)
        }

        mutating func come(_ count: Int) {
            for _ in 0..<count {
                last += 1
                coming.append(last)
            }
        }

        mutating func leave(_ count: Int) {
            leaving += admitted.prefix(count)
        }

        mutating func stepUntilQuiet() {
            while !coming.isEmpty || !asking.isEmpty || !refused.isEmpty || !leaving.isEmpty { step(1) }
            for descriptor in quiet { ledger.closed(Self.id(descriptor)) }
            quiet.removeAll()
        }

        mutating func step(_ count: Int) {
            for _ in 0..<count {
                switch Int.random(in: 0..<5, using: &random) {
                case 0: open()
                case 1: answer()
                case 2: drop()
                case 3: close()
                default: beQuiet()
                }
                most = max(most, admitted.count)
                if ledger.count(of: key) < admitted.count { isCountedTooLow = true }
            }
        }

        private mutating func open() {
            guard !coming.isEmpty else { return }
            let descriptor = coming.removeFirst()
            ledger.opened(Self.id(descriptor), from: "a")
            asking.append(descriptor)
        }

        private mutating func answer() {
            guard let descriptor = take(\.asking) else { return }
            if ledger.count(of: key) >= Self.limit {
                refused.append(descriptor)
            } else {
                ledger.admitted(key, from: "a")
                admitted.append(descriptor)
            }
        }

        private mutating func close() {
            guard let descriptor = take(\.leaving), let place = admitted.firstIndex(of: descriptor) else { return }
            admitted.remove(at: place)
            ledger.closed(Self.id(descriptor))
        }

        /// One that was refused goes.
        private mutating func drop() {
            guard let descriptor = take(\.refused) else { return }
            ledger.closed(Self.id(descriptor))
        }

        /// One that says nothing comes, or goes.
        private mutating func beQuiet() {
            if quiet.count < Self.silent, Bool.random(using: &random) {
                last += 1
                ledger.opened(Self.id(last), from: "a")
                quiet.append(last)
            } else if let descriptor = take(\.quiet) {
                ledger.closed(Self.id(descriptor))
            }
        }

        private mutating func take(_ list: WritableKeyPath<Self, [Int32]>) -> Int32? {
            guard !self[keyPath: list].isEmpty else { return nil }
            let place = Int.random(in: 0..<self[keyPath: list].count, using: &random)
            return self[keyPath: list].remove(at: place)
        }

        private static func id(_ descriptor: Int32) -> ConnectionLedger.ID {
            ConnectionLedger.ID(socket: 1, descriptor: descriptor)
        }
    }

    @Test func aHandshakeThatIsNotFinishedIsDropped() async throws {
        let context = MessagingContext()
        let loop = PollLoop(name: "test-handshake")
        let listener = Listener(loop: loop, context: context)
        let address = try await listener.listen()
        let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(descriptor) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
        // The node greets, hears nothing and hangs up.
        var bytes = [UInt8](repeating: 0, count: 256)
        var count = 1
        while count > 0 { count = recv(descriptor, &bytes, bytes.count, 0) }
        #expect(count == 0)
        await listener.close()
        loop.stop()
        context.close()
    }

    private actor Listener {
        nonisolated let loop: PollLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        private let context: MessagingContext
        private var socket: Socket?

        init(loop: PollLoop, context: MessagingContext) {
            self.loop = loop
            self.context = context
        }

        func listen() throws -> String {
            var limits = Socket.Limits()
            limits.handshakeMilliseconds = 100
            let socket = try Socket(.router, context: context, limits: limits)
            try socket.takeKeysOnly(as: KeyPair.make())
            self.socket = socket
            return try socket.bind("tcp://127.0.0.1:*")
        }

        func close() {
            socket?.close()
            socket = nil
        }
    }

    // MARK: Key files

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test func aKeyComesBackFromItsFileWhichIsClosedToOthers() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "a.key").path
        let pair = KeyPair.make()
        try KeyFile.write(pair, to: path)
        #expect(try KeyFile.read(path) == pair)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = #expect(throws: SwitchboardError.self) { try KeyFile.write(KeyPair.make(), to: path) }
        #expect(again?.code == .alreadyExists)
        #expect(try KeyFile.read(path) == pair)
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "a.key").path
        try KeyFile.write(KeyPair.make(), to: path)
        #expect(KeyFile.fault(at: path) == nil)
        for mode in [0o640, 0o604, 0o620, 0o601] {
            chmod(path, mode_t(mode))
            let error = #expect(throws: SwitchboardError.self) { try KeyFile.read(path) }
            #expect(error?.message.contains("chmod 600") == true)
            #expect(KeyFile.fault(at: path) != nil)
        }
    }

    @Test(arguments: ["", "secret: short\n", "public: x\nsecret: \(String(repeating: "~", count: 40))\n"])
    func aFileOfAnotherKindIsRefusedWithoutAWordOfIt(text: String) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "a.key").path
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
        chmod(path, 0o600)
        let error = #expect(throws: SwitchboardError.self) { try KeyFile.read(path) }
        #expect(error?.message.contains("keys generate") == true)
        #expect(error?.message.contains("short") == false)
    }

    @Test func whoNamesAFileThatIsNotThereIsToldHowToMakeIt() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "a.key").path
        let error = #expect(throws: SwitchboardError.self) { try KeyFile.read(path) }
        #expect(error?.message.contains("keys generate --out \(path)") == true)
    }

    @Test func theSecretIsInNoDescription() {
        let pair = KeyPair.make()
        var dumped = ""
        dump(pair, to: &dumped)
        for text in ["\(pair)", String(reflecting: pair), dumped, "\(Optional(pair) as Any)"] {
            #expect(!text.contains(pair.secret))
        }
    }
}
