import Models
import Testing

struct LlamaBackendTests {
    @Test func theLibrarySaysItsVersion() {
        #expect(LlamaBackend.version.first?.isNumber == true)
    }
}
