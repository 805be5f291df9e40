import Core
import Testing

@testable import RemoteEngines

struct EngineAddressTests {
    @Test(
        arguments: [
            ("openai:http://gpu-1:8000", "http://gpu-1:8000/v1", nil),
            ("openai:http://gpu-1:8000/", "http://gpu-1:8000/v1", nil),
            ("openai:https://gpu-1/v1/", "https://gpu-1/v1", nil),
            ("openai:http://[::1]:8080/models/v1", "http://[::1]:8080/models/v1", nil),
            ("openai:http://gpu-1:8000/v1#org/model-7B", "http://gpu-1:8000/v1", "org/model-7B"),
        ] as [(String, String, String?)]
    )
    func readsWhatServersDocumentsWrite(written: String, base: String, model: String?) throws {
        let address = try EngineAddress(written)
        #expect(address.base == base)
        #expect(address.model == model)
    }

    @Test(arguments: [
        "openai:", "openai:gpu-1:8000", "openai:ftp://gpu-1", "openai:http://", "openai:http://gpu-1/v1?key=secret",
        "openai:http://user:secret@gpu-1/v1", "/models/encoder.gguf", "openai:http://127.0.0.1:99999",
        "openai:http://127.0.0.1:0",
    ])
    func refusesWhatIsNoServerAndRepeatsNoSecret(written: String) {
        let error = #expect(throws: SwitchboardError.self) { try EngineAddress(written) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("openai:http://host:port") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func aFileIsNoServer() throws {
        #expect(try EngineAddress.named("/models/encoder.gguf") == nil)
        #expect(try EngineAddress.named(nil) == nil)
    }

    @Test func aKeyIsNeverPrinted() throws {
        let key = try #require(EngineKey(environment: [EngineKey.variable: "secret"]))
        #expect(!"\(key)".contains("secret"))
        #expect(!String(reflecting: key).contains("secret"))
        #expect(EngineKey(environment: [EngineKey.variable: ""]) == nil)
        #expect(EngineKey(environment: [:]) == nil)
    }

    @Test(arguments: ["two words", "two\r\nX-Lines: 1", "ключ"]) func aKeyThatNoHeaderMayHoldIsRefused(written: String)
        throws
    {
        let key = try #require(EngineKey(environment: [EngineKey.variable: written]))
        let error = #expect(throws: SwitchboardError.self) { try key.check() }
        #expect(error?.message.contains(EngineKey.variable) == true)
        #expect(error?.message.contains(written) == false)
    }

    @Test func aKeyThatWasReadFromAFileIsFine() throws {
        try #require(EngineKey(environment: [EngineKey.variable: " sk-1_2.3\n"])).check()
    }

    @Test func anIdHangsOnTheModelAndNotOnTheServer() {
        #expect(EngineIdentity.encoder("a", dimension: 768) == EngineIdentity.encoder("a", dimension: 768))
        #expect(EngineIdentity.encoder("a", dimension: 768) != EngineIdentity.encoder("a", dimension: 384))
        #expect(EngineIdentity.encoder("a", dimension: 768) != EngineIdentity.encoder("b", dimension: 768))
        #expect(EngineIdentity.scorer("a") != EngineIdentity.scorer("b"))
    }
}
