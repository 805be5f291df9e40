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
