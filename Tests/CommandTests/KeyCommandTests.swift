import ArgumentParser
import Foundation
import SwitchboardClient
import Testing

@testable import switchboard

/// What `keys` takes and says, and how addresses with keys are read.
struct KeyCommandTests {
    private static let half = "-j1Fn+m{?7a&b8Q(9hK<4.xT=cW>5vR!eL0sYzUq"

    @Test func aPublicHalfMayBeginWithADash() throws {
        let words = ["keys", "add", "web", "--role", "classify", "--vertical", "shop", "--public-key", Self.half]
        let command = try #require(try Switchboard.parseAsRoot(words) as? KeysAddCommand)
        #expect(command.publicKey == Self.half)
        #expect(command.rights.roles == ["classify"])
        #expect(command.rights.verticals == ["shop"])
    }

    @Test(arguments: [
        ["keys", "add", "web", "--public-key", Self.half],
        ["keys", "add", "web", "--role", "classify"],
        ["keys", "add", "web", "--role", "classify", "--public-key", Self.half, "--file", "a.key"],
        ["keys", "revoke"],
    ])
    func whatIsMissingIsUsage(words: [String]) {
        #expect(throws: (any Error).self) { try Switchboard.parseAsRoot(words) }
    }

    @Test func rolesAreThoseThatThereAre() throws {
        let command = try #require(
            try Switchboard.parseAsRoot(["keys", "generate", "--role", "king"]) as? KeysGenerateCommand
        )
        let failure = #expect(throws: CommandFailure.self) { try command.rights.checkedRoles() }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(failure?.message.contains("classify, publish, review, worker, admin") == true)
    }

    @Test(
        arguments: [
            (nil, "key"), ("keys/retriever.key", "retriever"), ("/etc/s/node-1.key", "node-1"), ("ben", "ben"),
            ("my key.key", "key"),
        ] as [(String?, String)]
    )
    func aKeyIsCalledAsItsFile(file: String?, name: String) {
        #expect(KeysGenerateCommand.name(of: file) == name)
    }

    @Test func whatAPairIsForIsNotGuessed() {
        var key = GeneratedKey(name: "retriever", publicKey: Self.half, file: "r.key", roles: [], verticals: [])
        #expect(key.words.contains("keys add retriever --role ROLE --public-key '\(Self.half)'"))
        key.roles = ["worker"]
        #expect(key.words.contains("keys add retriever --role worker --public-key"))
    }

    @Test func theIndexBesideAGatewayHasItsKey() throws {
        let keyed = "tcp://h:7700#\(String(Self.half.dropFirst()))x"
        let place = try NodePlace(connect: [keyed], updater: nil, environment: [:])
        #expect(place.updater?.text == keyed.replacingOccurrences(of: "7700", with: "7702"))
        let failure = #expect(throws: CommandFailure.self) {
            try NodePlace(connect: ["tcp://127.0.0.1:7700#short"], updater: nil, environment: [:])
        }
        #expect(failure?.message.contains("single quotes") == true)
    }

    @Test func anAddressWithAKeyNeedsOneOfOnesOwn() throws {
        let keyed = "tcp://127.0.0.1:7700#\(String(Self.half.dropFirst()))x"
        let place = try NodePlace(connect: [keyed], updater: nil, environment: [:])
        let missing = #expect(throws: CommandFailure.self) { try place.addresses() }
        #expect(missing?.message.contains("--key") == true)
        // One of several is enough.
        let several = try NodePlace(connect: ["tcp://127.0.0.1:7710", keyed], updater: nil, environment: [:])
        #expect(several.gateways.map { $0.key == nil } == [true, false])
        #expect(throws: CommandFailure.self) { try several.addresses(asksIndex: false) }
        let absent = try NodePlace(
            connect: [keyed],
            updater: nil,
            environment: ["SWITCHBOARD_KEY": "/nowhere/at/all.key"]
        )
        let failure = #expect(throws: CommandFailure.self) { try absent.addresses() }
        #expect(failure?.message.contains("/nowhere/at/all.key") == true)
        // Where no address has a key none is looked for.
        let plain = try NodePlace(connect: [], updater: nil, environment: ["SWITCHBOARD_KEY": "/nowhere.key"])
        #expect(try plain.addresses().key == nil)
    }

    @Test func theListNamesRightsAndWhoIsOut() {
        var revoked = KeyEntry(name: "web", publicKey: Self.half, roles: ["classify"], verticals: ["shop", "bank"])
        revoked.isRevoked = true
        let words = KeysListCommand.words([KeyEntry(name: "root", publicKey: Self.half, roles: ["admin"]), revoked])
        #expect(words.contains("root  \(Self.half)  admin\n"))
        #expect(words.hasSuffix("classify in shop, bank (revoked)"))
        #expect(KeysListCommand.words([]).contains("no keys"))
    }
}
