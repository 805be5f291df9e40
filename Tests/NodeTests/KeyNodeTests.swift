import Calls
import Core
import Foundation
import Glibc
import Messaging
import SwitchboardClient
import Synchronization
import Testing
import Wire

@testable import Node

/// Whole nodes that take clients with keys only. None has a model: what is asked of them needs none.
@Suite(.serialized, .timeLimit(.minutes(2))) struct KeyNodeTests {
    private let folder = NodeFixture.makeFolder()

    private func configuration(_ change: (inout NodeConfiguration) -> Void = { _ in }) -> NodeConfiguration {
        var configuration = NodeFixture.configuration(folder.appending(path: "data"))
        configuration.roles = [.gateway, .updater]
        configuration.addresses.http = nil
        change(&configuration)
        return configuration
    }

    private func start() async throws -> RunningNode {
        try await RunningNode.start(configuration(), logger: NodeFixture.logger)
    }

    /// Makes the first admin.
    private func issue(_ roles: Set<KeyRole> = [.admin]) async throws -> ClientKey {
        let data = folder.appending(path: "data").path
        let (_, file) = try await FirstKey.issue(
            named: try KeyName("root"),
            roles: roles,
            verticals: [],
            data: data,
            file: nil,
            author: "tests"
        )
        return try ClientKey(file: file)
    }

    private func makeKey(_ name: String) throws -> ClientKey {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "\(name).key").path
        _ = try NewKeyPair.make(in: file)
        return try ClientKey(file: file)
    }

    private func client(_ node: RunningNode, _ key: ClientKey?) -> SwitchboardClient {
        SwitchboardClient(.init(gateway: node.bound.router[0], updater: node.bound.index.first ?? "", key: key))
    }

    private func end(_ node: RunningNode, _ clients: [SwitchboardClient]) async {
        for client in clients { await client.close() }
        await node.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    private func audited() -> [AuditLine] {
        let path = folder.appending(path: "data/audit.jsonl").path
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap {
            try? JSONDecoder().decode(AuditLine.self, from: Data($0.utf8))
        }
    }

    @Test func theFirstAdminAddsAKeyThatIsRevokedWhileItStreams() async throws {
        let root = try await issue()
        let node = try await start()
        #expect(node.bound.hasKeys)
        #expect(node.bound.router[0].contains("#"))
        let admin = client(node, root)
        #expect(try await admin.keys().map(\.name) == ["root"])

        let web = try makeKey("web")
        let stranger = client(node, web)
        let refusal = await #expect(throws: ClientError.self) { try await stranger.statistics() }
        #expect(refusal?.status == "UNAVAILABLE")
        let entry = KeyEntry(name: "web", publicKey: web.publicKey, roles: ["classify"], verticals: ["shop"])
        _ = try await admin.addKey(entry)
        let user = client(node, web)
        let denial = await #expect(throws: ClientError.self) { try await user.statistics() }
        #expect(denial?.status == "PERMISSION_DENIED")
        #expect(denial?.message.contains("'web' (classify in shop)") == true)

        let isListed = Atomic<Bool>(false)
        let listing = Task {
            try await user.intents(thenChanges: true) { _ in isListed.store(true, ordering: .relaxed) }
        }
        while !isListed.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(10)) }
        _ = try await admin.revokeKey(named: "web")
        let end = await #expect(throws: ClientError.self) { try await listing.value }
        #expect(end?.status == "UNAUTHENTICATED")
        #expect(try await admin.keys().map(\.isRevoked) == [false, true])
        let last = await #expect(throws: ClientError.self) { try await admin.revokeKey(named: "root") }
        #expect(last?.status == "FAILED_PRECONDITION")

        for client in [admin, stranger, user] { await client.close() }
        await node.stop()
        let lines = audited()
        #expect(lines.contains { $0.act == "administrative" && $0.key == "root" && $0.why.contains("add key 'web'") })
        #expect(lines.contains { $0.act == "administrative" && $0.why.contains("revoke key 'web'") })
        #expect(lines.contains { $0.act == "refused" && $0.method == "handshake" && $0.address == "127.0.0.1" })
        #expect(lines.contains { $0.act == "refused" && $0.key == "web" && $0.why.contains("PERMISSION_DENIED") })
        #expect(lines.contains { $0.act == "refused" && $0.key == "web" && $0.why.contains("UNAUTHENTICATED") })
        try? FileManager.default.removeItem(at: folder)
    }

    @Test func theDoctorKnowsARunningNodeThatTakesClientsWithKeysOnly() async throws {
        _ = try await issue()
        let node = try await start()
        let places = try (node.bound.router + node.bound.worker + node.bound.index).map { try KeyedAddress($0).place }
        let looked = configuration { configuration in
            configuration.addresses.router = Array(places.prefix(1))
            configuration.addresses.worker = Array(places.dropFirst().prefix(1))
            configuration.addresses.index = Array(places.suffix(1))
        }
        var checks: [DoctorCheck] = []
        let isRunning = await Doctor(looked).run { checks.append($0) }
        #expect(isRunning)
        for name in ["router port", "worker port", "index port"] {
            let check = try #require(checks.first { $0.name == name })
            #expect(check.state == .ok && check.detail.contains("with keys only"), "\(check.detail)")
        }
        // Another pair is no proof.
        let stranger = await PortChecks(isNodeRunning: true, pair: KeyPair.make()).check("router port", places[0])
        #expect(stranger.state == .problem)
        await end(node, [])
    }

    @Test func theDoctorDialsTheNodesThatANodeWouldConnectTo() async throws {
        let root = try await issue()
        let node = try await start()
        let admin = client(node, root)
        let pair = try makeKey("scorer")
        let file = folder.appending(path: "scorer.key").path
        let elsewhere = folder.appending(path: "elsewhere").path
        func checks(_ change: (inout NodeConfiguration) -> Void = { _ in }) async -> [DoctorCheck] {
            var looked = configuration {
                $0.roles = [.retriever]
                $0.dataPath = elsewhere
                $0.keyFile = file
                $0.gateways = [node.bound.worker[0]]
                $0.updater = node.bound.index[0]
            }
            change(&looked)
            return await ConnectionChecks(configuration: looked, pair: KeyChecks(configuration: looked).pair()).run()
        }

        let strange = await checks()
        #expect(strange.map(\.name) == ["gateway", "updater"])
        #expect(strange.map(\.state) == [.problem, .problem])
        #expect(strange[0].remedy?.contains("--role worker --public-key '\(pair.publicKey)'") == true)
        // One that may do something else.
        _ = try await admin.addKey(KeyEntry(name: "scorer", publicKey: pair.publicKey, roles: ["classify"]))
        let denied = await checks()
        #expect(denied.map(\.state) == [.problem, .problem])
        #expect(denied[0].detail.contains("(classify)"), "\(denied[0].detail)")

        _ = try await admin.addKey(KeyEntry(name: "scorer", publicKey: pair.publicKey, roles: ["worker"]))
        let well = await checks()
        #expect(well.map(\.state) == [.ok, .ok], "\(well)")
        let swapped = await checks {
            $0.gateways = [node.bound.router[0], node.bound.index[0]]
            $0.updater = node.bound.worker[0]
        }
        #expect(swapped.map(\.state) == [.problem, .problem, .problem])
        #expect(swapped[0].detail.contains("a router port"))
        #expect(swapped[1].detail.contains("an updater's index port"))
        #expect(swapped[2].detail.contains("a gateway's worker port"))
        let places = try [node.bound.worker[0], node.bound.index[0]].map { try KeyedAddress($0).place }
        let unkeyed = await checks {
            $0.gateways = [places[0]]
            $0.updater = places[1]
        }
        #expect(unkeyed.map(\.state) == [.problem, .problem], "\(unkeyed)")
        #expect(unkeyed[0].remedy?.contains("'\(places[0])#") == true)
        let without = await checks { $0.keyFile = nil }
        #expect(without.map(\.state) == [.problem, .problem])
        #expect(without[0].remedy?.contains("--key") == true)
        let nobody = await checks {
            $0.gateways = ["ipc://\(elsewhere)-nobody"]
            $0.updater = "ipc://\(elsewhere)-nobody"
        }
        #expect(nobody.map(\.state) == [.warning, .warning], "\(nobody)")
        await end(node, [admin])
    }

    @Test func theDoctorTakesANodeWithoutADataDirectoryForPerhapsThisOne() async throws {
        let node = try await start()
        let ports = PortChecks(isNodeRunning: false, pair: nil, mayBeThisNode: true)
        let perhaps = await ports.check("router port", node.bound.router[0])
        #expect(perhaps.state == .ok && perhaps.detail.contains("perhaps this one"), "\(perhaps.detail)")
        let other = await PortChecks(isNodeRunning: false, pair: nil).check("router port", node.bound.router[0])
        #expect(other.state == .problem)
        await end(node, [])
    }

    @Test func theDoctorReportsWhatARunningNodeSaysOfItself() async throws {
        let node = try await RunningNode.start(
            configuration { $0.addresses.http = "127.0.0.1:0" },
            logger: NodeFixture.logger
        )
        let address = try #require(node.bound.http)
        #expect(PortChecks.isNode(atHTTP: address))
        let checks = ReadinessChecks(address: address, hasScorer: false).run()
        #expect(checks.contains { $0.state == .warning && $0.detail.contains("no retriever is attached") }, "\(checks)")
        #expect(checks.contains { $0.state == .ok && $0.detail.contains(NodeParts.noScorer) })
        let wanted = ReadinessChecks(address: address, hasScorer: true).run()
        #expect(wanted.contains { $0.state == .warning && $0.detail.contains(NodeParts.noScorer) })
        await end(node, [])
    }

    @Test func aLimitedPublisherSeesAndUndoesWhatIsItsOwn() async throws {
        let root = try await issue()
        let node = try await start()
        let admin = client(node, root)
        let pair = try makeKey("shop")
        _ = try await admin.addKey(
            KeyEntry(name: "shop", publicKey: pair.publicKey, roles: ["publish"], verticals: ["shop"])
        )
        let publisher = client(node, pair)
        func options(_ change: String) -> PublishOptions {
            var options = PublishOptions()
            options.changeID = change
            return options
        }
        var said = SwitchboardClient.IntentChange()
        said.description = "said"
        _ = try await admin.setIntent("loan", vertical: "bank", to: said, options: options("theirs"))
        _ = try await publisher.setIntent("late", vertical: "shop", to: said, options: options("ours"))
        _ = try await publisher.rename("late", to: "delayed", vertical: "shop", options: options("renamed"))
        let denial = await #expect(throws: ClientError.self) {
            try await publisher.rename("loan", to: "credit", vertical: "bank", options: options("wrong"))
        }
        #expect(denial?.status == "PERMISSION_DENIED")

        var changes: [String] = []
        try await publisher.history { changes.append($0.changeID) }
        #expect(changes == ["renamed", "ours"])
        var query = SwitchboardClient.HistoryQuery()
        query.limit = 1
        changes = []
        try await publisher.history(query) { changes.append($0.changeID) }
        #expect(changes == ["renamed"])
        query.vertical = "bank"
        await #expect(throws: ClientError.self) { try await publisher.history(query) { _ in } }

        // Nobody joins a change of somebody else's, nor chooses an id as undos have them.
        for (id, status) in [("theirs", "ALREADY_EXISTS"), ("undo-1-00000000", "INVALID_ARGUMENT")] {
            let refused = await #expect(throws: ClientError.self) {
                try await publisher.setIntent("early", vertical: "shop", to: said, options: options(id))
            }
            #expect(refused?.status == status)
        }
        _ = try await publisher.setIntent("early", vertical: "shop", to: said, options: options("more"))
        var authors: [String] = []
        try await admin.history { authors.append($0.author) }
        #expect(Set(authors).isSuperset(of: ["root", "shop"]))

        let other = await #expect(throws: ClientError.self) { try await publisher.undo("theirs") }
        #expect(other?.status == "PERMISSION_DENIED")
        #expect(try await publisher.undo("renamed").renamed == 1)
        let back = await #expect(throws: ClientError.self) { try await publisher.rollback(to: 0) }
        #expect(back?.status == "PERMISSION_DENIED")
        // All but the keys.
        _ = try await admin.rollback(to: 0)
        #expect(try await admin.keys().map(\.name) == ["root", "shop"])
        for client in [admin, publisher] { await client.close() }
        await node.stop()
        #expect(audited().contains { $0.act == "refused" && $0.key == "shop" && $0.method.hasSuffix("Index/Undo") })
        #expect(audited().contains { $0.act == "administrative" && $0.method.hasSuffix("Index/Rollback") })
        try? FileManager.default.removeItem(at: folder)
    }

    @Test func aGatewayElsewhereLearnsOfKeysByFollowing() async throws {
        let root = try await issue([.admin, .classify])
        let updater = try await start()
        let gatewayKey = try makeKey("gateway")
        let admin = client(updater, root)
        _ = try await admin.addKey(KeyEntry(name: "gw", publicKey: gatewayKey.publicKey, roles: ["worker"]))
        let keyFile = folder.appending(path: "gateway.key").path
        let gateway = try await RunningNode.start(
            configuration {
                $0.roles = [.gateway]
                $0.dataPath = nil
                $0.keyFile = keyFile
                $0.updater = updater.bound.index[0]
            },
            logger: NodeFixture.logger
        )
        // Both nodes' gateways follow.
        while try await admin.statistics().followers.count < 2 { try await Task.sleep(for: .milliseconds(10)) }
        let user = client(gateway, root)
        // It lets nobody in before it knows the log's keys.
        var found: [String] = []
        while found.isEmpty {
            do {
                // Long enough that only a refusal ends it, however slow the machine is.
                _ = try await user.gateway.call(Methods.healthCheck, HealthRequest(), within: .seconds(60))
                found = ["in"]
            } catch {
                #expect(error.code == .unavailable)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        await user.close()
        await gateway.stop()
        await end(updater, [admin])
    }

    @Test func aLogHasOneFirstKey() async throws {
        _ = try await issue()
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await FirstKey.issue(
                named: try KeyName("second"),
                roles: [.admin],
                verticals: [],
                data: folder.appending(path: "data").path,
                file: nil,
                author: "tests"
            )
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("keys add") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "data/keys/second.key").path))
        try? FileManager.default.removeItem(at: folder)
    }

    @Test func theFirstKeyIsMadeWhileNoNodeRuns() async throws {
        let node = try await start()
        #expect(!node.bound.hasKeys)
        let error = await #expect(throws: SwitchboardError.self) { _ = try await issue() }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("process") == true)
        await end(node, [])
    }

    @Test func withoutKeysANodeIsForThisMachineAlone() async throws {
        var addresses = ListenAddresses.anyLocalPort
        addresses.http = nil
        addresses.router = ["tcp://0.0.0.0:*"]
        let open = addresses
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await RunningNode.start(configuration { $0.addresses = open }, logger: NodeFixture.logger)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("keys generate") == true)
        _ = try await issue()
        let node = try await RunningNode.start(configuration { $0.addresses = open }, logger: NodeFixture.logger)
        #expect(node.bound.hasKeys)
        await end(node, [])
    }

    @Test func anotherPairThanTheDirectorysIsRefusedAndTheEnvironmentsPassedOver() async throws {
        _ = try await issue()
        _ = try makeKey("admin")
        let other = folder.appending(path: "admin.key").path
        let own = folder.appending(path: "data/keys/node.key").path
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await RunningNode.start(configuration { $0.keyFile = other }, logger: NodeFixture.logger)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains(other) == true)
        #expect(error?.message.contains(own) == true)
        #expect(KeyChecks(configuration: configuration { $0.keyFile = other }).file()?.state == .problem)
        // The same pair in another place is no other one.
        let copy = folder.appending(path: "copy.key").path
        try FileManager.default.copyItem(atPath: own, toPath: copy)
        chmod(copy, 0o600)
        #expect(KeyChecks(configuration: configuration { $0.keyFile = copy }).file()?.state == .ok)

        let passedOver = configuration { $0.passedOverKeyFile = other }
        let node = try await RunningNode.start(passedOver, logger: NodeFixture.logger)
        let key = try NewKeyPair.publicKey(in: own)
        #expect(node.bound.router[0].hasSuffix("#\(key)"))
        var looked = passedOver
        looked.addresses.router = [try KeyedAddress(node.bound.router[0]).place]
        var checks: [DoctorCheck] = []
        _ = await Doctor(looked).run { checks.append($0) }
        let file = try #require(checks.first { $0.name == "key file" })
        #expect(file.state == .ok && file.detail.contains(other) && file.detail.contains("\(key)"))
        #expect(checks.first { $0.name == "router port" }?.state == .ok)
        await end(node, [])
    }

    @Test func aNodesKeyFileThatOthersMayReadKeepsItFromStarting() async throws {
        _ = try await issue()
        chmod(folder.appending(path: "data/keys/node.key").path, 0o644)
        let error = await #expect(throws: SwitchboardError.self) { _ = try await start() }
        #expect(error?.message.contains("chmod 600") == true)
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: The audit log

    private func act(_ number: Int) -> AuditedAct {
        AuditedAct(.refused, key: nil, address: "h", method: "handshake", reason: "number \(number)")
    }

    @Test func aFloodDoesNotFillTheDisk() {
        var rate = AuditRate()
        let start = ContinuousClock.now
        let taken = (0..<10_000).compactMap { _ in rate.take(at: start) }
        #expect(taken.count == Int(AuditRate.burst))
        #expect(rate.take(at: start + .seconds(1)) == 10_000 - Int(AuditRate.burst), "what was left out is told")
        let later = (0..<100).compactMap { _ in rate.take(at: start + .seconds(1)) }
        #expect(later.count == Int(AuditRate.perSecond) - 1)
    }

    @Test func refusalsHideNoActOfAnAdmin() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "audit.jsonl").path
        let log = AuditLog(path: path, logger: NodeFixture.logger)
        for number in 0..<5_000 { log.write(act(number)) }
        log.write(AuditedAct(.administrative, key: nil, address: "h", method: "m", reason: "revoke key 'x'"))
        log.close()
        let written = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        let lines = written.split(separator: "\n")
        #expect(lines.contains { $0.contains("revoke key 'x'") })
        #expect(lines.count >= Int(AuditRate.burst) && lines.count < 2_500)
    }

    @Test func aFullFileIsPutAside() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "audit.jsonl").path
        let file = AuditFile(path: path, limit: 1_000)
        let line = AuditLine(act(1), leftOut: 0, at: Date(timeIntervalSince1970: 0))
        for _ in 0..<100 { try file.append([line]) }
        let sizes = [path, path + ".1"].map { FileManager.default.contents(atPath: $0)?.count ?? 0 }
        #expect(sizes.allSatisfy { $0 > 0 && $0 < 1_500 })
        #expect(try line.encoded().contains("\"time\":\"1970-01-01T00:00:00.000Z\""))
    }
}
